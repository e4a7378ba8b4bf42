// 居住证: from the list of the day to the slip, the late endorsement, the station's desk and back to the door.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { County, DESKTOP, PHONE, accessible, enrol, go, quiet, shot, syncNow } from "./county.mjs";

let county;
let wang;
let desk;

// The first row of Today under this counter; answers the person's page it leads to.
async function openToday(page, why, when = "") {
    await go(page, "/");
    const row = page.locator("a.weui-cell", { hasText: why }).filter({ hasText: when }).first();
    await row.waitFor();
    await row.click();
    await page.getByRole("heading", { name: "居住证办理" }).waitFor();
}

before(async () => {
    county = await County.start();
    wang = await county.open(await county.device(), PHONE);
    await enrol(wang, county, "wang");
    await syncNow(wang);
});
after(async () => {
    await county?.stop();
});

test("what is due about permits is on the list of the day", async () => {
    await go(wang, "/");
    for (const why of ["申领居住证，材料还没齐", "居住证已制好", "居住证该签注了", "证件快到期"]) {
        await wang.getByText(why).first().waitFor();
    }
    await accessible(wang, "permit-today");
    quiet(wang);
});

test("missing papers are brought, and the slip says until when, with no whole number on it", async () => {
    await openToday(wang, "申领居住证，材料还没齐");
    await wang.getByText("还缺：就业证明").waitFor();
    await accessible(wang, "permit-missing");
    await wang.getByRole("link", { name: "补材料" }).click();
    await wang.locator("#material-WORK").check();
    await accessible(wang, "permit-bring");
    await wang.getByRole("button", { name: "保存" }).click();
    await wang.getByText("材料齐全，已受理").waitFor();
    const slip = wang.locator(".slip");
    await slip.getByText("上传后由服务器给编号").waitFor();
    assert.match(await slip.innerText(), /\d{6}\*{8}\d{3}[\dX]/, "masked");
    assert.doesNotMatch(await slip.innerText(), /\d{17}[\dX]/, "no whole number");
    await accessible(wang, "permit-slip");
    const here = await wang.evaluate(() => location.hash);
    await syncNow(wang);
    await go(wang, here.slice(1));
    await wang.getByText(/CS-S-\d{4}-\d{6}/).waitFor();
    await wang.emulateMedia({ media: "print" });
    assert.equal(await wang.getByRole("button", { name: "打印" }).isVisible(), false, "no button on paper");
    await shot(wang, "permit-slip-print");
    await wang.emulateMedia({ media: "screen" });
    quiet(wang);
});

test("somebody who may ask is told so, asks, and reads what a permit is for", async () => {
    await go(wang, "/people");
    await wang.getByRole("button", { name: "可办居住证" }).click();
    await wang.getByText(/共 [1-9]\d* 条/).waitFor();
    // The number is that of the rows.
    const said = Number((await wang.locator(".list-total").innerText()).match(/\d+/)[0]);
    assert.equal(await wang.locator(".rows a").count(), Math.min(said, 40));
    await accessible(wang, "permit-candidates");
    const person = (await wang.locator(".rows a").first().getAttribute("href")).match(/[0-9a-f-]{36}/)[0];
    await go(wang, `/people/${person}`);
    const found = wang.locator("a.weui-cell", { hasText: "申领、补材料、发放" });
    await wang.getByText("可以申领浙江省居住证了").waitFor();
    await accessible(wang, "permit-section");
    await found.click();
    await wang.getByTestId("permit-eligibility").waitFor();
    await accessible(wang, "permit-eligible");
    await wang.getByRole("link", { name: "给本人看：居住证有什么用" }).click();
    await wang.getByText("六项基本公共服务").waitFor();
    await accessible(wang, "permit-info");
    await wang.getByRole("link", { name: "返回" }).click();
    await wang.getByRole("link", { name: "申领", exact: true }).click();
    await wang.locator("#ground").selectOption("JOB");
    await accessible(wang, "permit-apply");
    await wang.locator("#material-ID").check();
    await wang.getByRole("button", { name: "提交申请" }).click();
    await wang.getByText("还缺：本人相片").first().waitFor();
    quiet(wang);
});

test("a late endorsement says what it costs, restores the permit, and can be taken back", async () => {
    await openToday(wang, "居住证该签注了", "逾期");
    await wang.getByText("使用功能中止").waitFor();
    await accessible(wang, "permit-suspended");
    await wang.getByRole("button", { name: "签注", exact: true }).click();
    await wang.getByText("连续居住年限从今天重新算").waitFor();
    await accessible(wang, "permit-endorse");
    await wang.getByRole("dialog").getByRole("button", { name: "签注", exact: true }).click();
    await wang.getByText("已记下").waitFor();
    await wang.getByText("恢复日期").waitFor();
    await wang.locator("summary", { hasText: "办理经过" }).click();
    await accessible(wang, "permit-restored");
    await wang.getByRole("button", { name: "记错了，撤回" }).first().click();
    await wang.getByRole("dialog").getByRole("button", { name: "记错了，撤回" }).click();
    await wang.getByText("使用功能中止").waitFor();
    quiet(wang);
});

test("the card is handed out, lost, and its end is asked for with a reason a coordinator may give", async () => {
    await openToday(wang, "居住证已制好");
    await wang.getByRole("button", { name: "发放给本人" }).click();
    await wang.getByRole("dialog").getByRole("button", { name: "发放给本人" }).click();
    await wang.getByText("有效", { exact: true }).waitFor();
    await wang.locator("summary", { hasText: "可以做的事" }).or(wang.locator("summary").first()).first().click();
    await wang.getByRole("button", { name: "注销证件" }).click();
    const reasons = await wang.getByRole("dialog").locator("#reason option").allInnerTexts();
    assert.ok(reasons.includes("本人交回") && !reasons.some((reason) => reason.includes("不予签注")), reasons.join());
    await wang.getByRole("dialog").getByRole("button", { name: "取消" }).click();
    await wang.getByRole("button", { name: "证件遗失，补领" }).click();
    await wang.getByRole("dialog").getByRole("button", { name: "证件遗失，补领" }).click();
    await wang.getByText("已申请补（换）证").waitFor();
    await syncNow(wang);
    quiet(wang);
});

test("the station works through its queue", async () => {
    desk = await county.open(county.address, DESKTOP);
    await desk.locator("#login").fill("zhou");
    await desk.locator("#password").fill("zhou-doorstep");
    await desk.getByRole("button", { name: "登录" }).click();
    await desk.getByRole("link", { name: "居住证", exact: true }).click();
    const rows = desk.locator("nav.rows a");
    await rows.first().waitFor();
    const before = await rows.count();
    assert.ok(before >= 4, `${before} applications wait`);
    await desk.keyboard.press("j");
    await desk.getByTestId("permit-steps").waitFor();
    await accessible(desk, "desk-permits");
    for (const step of ["开始审核", "同意，准予制证", "签发证件"]) {
        const button = desk.getByRole("button", { name: step });
        await button.click();
        await button.waitFor({ state: "detached" });
    }
    await desk.waitForFunction((before) => document.querySelectorAll("nav.rows a").length < before, before);
    await accessible(desk, "desk-permit-issued");
    quiet(desk);
});
