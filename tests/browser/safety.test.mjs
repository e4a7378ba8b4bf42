// A safety check by hand: thirty items, a failure with its hazard, the notice, a picture, the re-check, the signed letter.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { County, PHONE, accessible, enrol, go, quiet, shot, syncNow } from "./county.mjs";

let county;
let wang;
let home;

before(async () => {
    county = await County.start();
    wang = await county.open(await county.device(), PHONE);
    await enrol(wang, county, "wang");
    await syncNow(wang);
    await go(wang, "/homes/new");
    await wang.locator("#road").fill("定阳路");
    await wang.locator("#plate_no").fill("501号");
    await wang.locator("#landlord_name").fill("汪建平");
    await wang.locator("#landlord_phone").fill("13757000501");
    await wang.locator("#rooms").fill("101,102");
    const area = wang.locator("#area");
    if (!(await area.inputValue())) await area.selectOption({ index: 1 });
    await wang.getByRole("button", { name: "保存" }).click();
    await wang.getByText("房间和住的人").waitFor();
    home = (await wang.evaluate(() => location.hash)).match(/[0-9a-f-]{36}/)[0];
});
after(async () => {
    await county?.stop();
});

const fold = (name) => wang.locator("details.check-group").filter({ has: wang.locator("summary", { hasText: name }) });
const unfold = async (name) => {
    const group = fold(name);
    if (!(await group.evaluate((details) => details.open))) await group.locator("summary").click();
    return group;
};

test("thirty items by group, one tap each, and numbers that cannot be are refused in words", async () => {
    await go(wang, `/homes/${home}`);
    await wang.getByText("绿色 · 放心").waitFor();
    await wang.getByRole("link", { name: "安全检查" }).click();
    await wang.getByText("一项点一下").waitFor();
    await accessible(wang, "check");
    await wang.getByRole("button", { name: "保存检查" }).click();
    await wang.getByText("还没有点任何一项").first().waitFor();
    const fire = await unfold("消防");
    await fire.getByRole("button", { name: "其余全部合格" }).click();
    await wang.getByText("消防 8/8").waitFor();
    const gas = await unfold("燃气");
    const bottle = gas.getByRole("group", { name: /煤气瓶/ }).first();
    await bottle.getByRole("button", { name: "不合格" }).click();
    await wang.locator('[id="hazards.RQ02.description"]').fill("居室里用着煤气瓶");
    await gas.getByRole("button", { name: "其余全部合格" }).click();
    await wang.getByText("燃气 4/4 · 不合格 1").waitFor();
    await shot(wang, "check-failure");
    const rooms = await unfold("人数");
    await wang.locator('[id="rooms.0.usable_m2"]').fill("0");
    await wang.locator('[id="rooms.0.people"]').fill("9999");
    await wang.getByRole("button", { name: "保存检查" }).click();
    assert.equal(await rooms.getByText("数字不对，请再看看").count(), 2, "each number has its sentence");
    await wang.locator('[id="rooms.0.usable_m2"]').fill("7");
    await wang.locator('[id="rooms.0.people"]').fill("2");
    await rooms.getByText("面积不够").waitFor();
    await accessible(wang, "check-rooms");
    await shot(wang, "picture-check-phone-light");
});

test("a check that was left half done goes on where it was", async () => {
    await wang.waitForTimeout(600);
    await go(wang, "/people");
    await wang.locator(".rows").first().waitFor();
    await go(wang, `/homes/${home}/check`);
    await wang.getByText("已恢复未保存的内容").waitFor();
    await wang.getByText("燃气 4/4 · 不合格 1").waitFor();
});

test("what was found is on the notice, the home is red, and a picture hangs on the hazard", async () => {
    await wang.getByRole("button", { name: "保存检查" }).click();
    await wang.getByText("经上门检查").waitFor();
    assert.equal(await wang.locator(".paper-items > li").count(), 2, "the bottle and the room");
    assert.ok(!(await wang.locator(".paper").innerText()).includes("汪建平"), "no name stands on it");
    await wang.getByText("给隐患拍照").waitFor();
    await accessible(wang, "notice");
    await shot(wang, "notice-pictures");
    await go(wang, `/homes/${home}`);
    await wang.getByText("红色 · 重点").waitFor();
    await wang.getByText("整改好之前不能出租").waitFor();
    await wang.locator("#safety-title").evaluate((title) => window.scrollTo(0, title.getBoundingClientRect().top + window.scrollY - 64));
    await accessible(wang, "home-red");
    await shot(wang, "picture-grade-phone-light");
    await wang.locator("summary", { hasText: "检查记录" }).click();
    await wang.getByRole("link", { name: /不合格 2/ }).click();
    await wang.getByText("查出的隐患").waitFor();
    await wang.getByText("没查").first().waitFor();
    await wang.getByText("7 平方米 · 2 人").waitFor();
    await accessible(wang, "past-check");
    await shot(wang, "past-check");
    await go(wang, `/homes/${home}`);
    await wang.getByRole("link", { name: /居室里用着煤气瓶/ }).click();
    await wang.getByText("整改期限").waitFor();
    await wang.getByText("重大隐患：要求当天整改").waitFor();
    const jpeg = await wang.evaluate(() => {
        const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 240 });
        const pen = canvas.getContext("2d");
        pen.fillStyle = "#888";
        pen.fillRect(120, 40, 80, 180);
        return canvas.toDataURL("image/jpeg").split(",")[1];
    });
    await wang.locator('input[type="file"]').first().setInputFiles({ name: "bottle.jpg", mimeType: "image/jpeg", buffer: Buffer.from(jpeg, "base64") });
    await wang.locator("img").first().waitFor();
    await accessible(wang, "hazard");
});

test("a re-check: not mended, then mended; the home is not red any more", async () => {
    await wang.locator("#recheck_note").fill("还在用");
    await wang.getByRole("button", { name: "没改好，重新限期" }).click();
    await wang.getByText("复查未改好").first().waitFor();
    await wang.getByRole("button", { name: "移交" }).click();
    await wang.locator("dialog").waitFor();
    await accessible(wang, "hazard-hand-over");
    await wang.locator("dialog").getByRole("button", { name: "取消" }).click();
    await wang.getByRole("button", { name: "已改好，销号" }).click();
    await wang.getByText("已销号").first().waitFor();
    await shot(wang, "hazard-closed");
    await go(wang, `/homes/${home}`);
    await wang.getByText("黄色 · 一般").waitFor();
});

test("a check of the wrong home is taken back: its hazard goes with it, and the record stays", async () => {
    await wang.getByRole("link", { name: "安全检查" }).click();
    const charging = await unfold("电动车");
    await charging.getByRole("group", { name: /停在楼道/ }).first().getByRole("button", { name: "不合格" }).click();
    await charging.getByRole("button", { name: "当天整改并移交" }).waitFor();
    await charging.getByText("重大隐患：要求当天整改").waitFor();
    await accessible(wang, "check-grave");
    await shot(wang, "check-grave");
    await wang.getByRole("button", { name: "保存检查" }).click();
    await wang.getByText("经上门检查").waitFor();
    await wang.getByRole("button", { name: "记错了，撤回" }).click();
    await wang.locator("dialog").waitFor();
    await wang.locator("#take_back_note").fill("登错门了");
    await accessible(wang, "take-back");
    await shot(wang, "take-back");
    await wang.locator("dialog").getByRole("button", { name: "撤回", exact: true }).click();
    await wang.getByText("已经撤回，不再算数").waitFor();
    await shot(wang, "taken-back");
    await go(wang, `/homes/${home}`);
    await wang.getByText("黄色 · 一般").waitFor();
});

test("the landlord signs on the screen, and a dot is no signature", async () => {
    await wang.getByRole("link", { name: /治安责任书/ }).click();
    const pad = wang.locator("#strokes");
    await pad.waitFor();
    await pad.scrollIntoViewIfNeeded();
    const box = await pad.boundingBox();
    await wang.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
    await wang.getByRole("button", { name: "签好，保存" }).click();
    await wang.getByText(/一个点不能算签名/).waitFor();
    await accessible(wang, "letter-dot");
    await wang.getByRole("button", { name: "擦掉重签" }).click();
    await pad.scrollIntoViewIfNeeded();
    const at = await pad.boundingBox();
    const write = async (points) => {
        const [[x, y], ...rest] = points;
        await wang.mouse.move(at.x + x * at.width, at.y + y * at.height);
        await wang.mouse.down();
        for (const [x, y] of rest) await wang.mouse.move(at.x + x * at.width, at.y + y * at.height, { steps: 6 });
        await wang.mouse.up();
    };
    await write([[0.1, 0.3], [0.35, 0.25], [0.12, 0.8]]);
    await write([[0.2, 0.5], [0.4, 0.5]]);
    await write([[0.5, 0.2], [0.5, 0.8], [0.8, 0.75], [0.85, 0.3], [0.55, 0.3]]);
    await shot(wang, "picture-letter-phone-light");
    await wang.getByRole("button", { name: "签好，保存" }).click();
    await wang.getByRole("img", { name: /签名/ }).waitFor();
    // Shown again as it was drawn: three strokes.
    await wang.waitForFunction(() => document.querySelectorAll("svg.signature polyline").length >= 3);
    await accessible(wang, "letter");
    await go(wang, `/homes/${home}`);
    await wang.getByText("已签（手机）").waitFor();
});

test("today lists hazards to re-check, and the demo county has homes of every grade", async () => {
    await syncNow(wang);
    await go(wang, "/");
    await wang.getByRole("button", { name: /待复查隐患/ }).first().click();
    await accessible(wang, "today-hazards");
    await wang.getByRole("link", { name: /隐患到期复查/ }).first().click();
    await wang.getByText("复查").first().waitFor();
    await wang.emulateMedia({ media: "print" });
    await wang.emulateMedia({ media: null });
    quiet(wang);
});
