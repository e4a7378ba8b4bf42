// A coordinator's Tuesday on one phone: sync, doors without a network, a check, papers, hand-in; then the station. README's tour
// shows these pictures in this order.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { County, DESKTOP, PHONE, documentNumber, enrol, fillResident, go, quiet, shot, signIn, syncNow } from "./county.mjs";

let county;
let wang;
let home;
let address;

before(async () => {
    county = await County.start();
    wang = await county.open(await county.device(), PHONE);
    await enrol(wang, county, "wang");
});
after(async () => {
    await county?.stop();
});

const top = () => wang.evaluate(() => window.scrollTo(0, 0));
const picture = async (name) => {
    await top();
    await shot(wang, `picture-tuesday-${name}`);
};
const says = (text) => wang.waitForFunction((text) => document.querySelector(".visit-progress")?.textContent.includes(text), text);
const opened = async () => (await wang.evaluate(() => location.hash)).match(/[0-9a-f-]{36}/)[0];

test("morning: the village is synced, and Today says what is due; then the network is gone", async () => {
    await syncNow(wang);
    await go(wang, "/");
    await wang.locator("button.counter", { hasText: "待走访房屋" }).waitFor();
    await picture("1-today");
    await county.stopServer();
});

test("a door: its page, the notice, one tap for each, somebody new in the middle", async () => {
    await go(wang, "/homes");
    await wang.locator(".rows a", { hasText: "人" }).first().waitFor();
    await wang.locator("a.row", { hasText: "住 5 人" }).or(wang.locator(".rows a", { hasText: "人" })).first().click();
    await wang.getByText("房间和住的人").waitFor();
    home = await opened();
    address = (await wang.locator("h1").first().innerText()).trim();
    await picture("2-home");
    await wang.getByRole("link", { name: "开始走访" }).click();
    await says("0 人已核对");
    await wang.getByRole("button", { name: "出示告知书" }).click();
    await wang.locator("dialog").getByText("告知书第 1 版").waitFor();
    await shot(wang, "picture-tuesday-3-notice");
    await wang.locator("dialog").getByRole("button").last().click();
    const rows = wang.locator(".check-item");
    await rows.first().getByRole("button", { name: "在住" }).click();
    await says("1 人已核对");
    await wang.getByRole("button", { name: "添加住户" }).click();
    await wang.locator("#doc_no").waitFor();
    await fillResident(wang, { doc: documentNumber("36112419920311402"), name: "饶小燕", phone: "13767000001", relation: "FRIEND" });
    await picture("4-new");
    await wang.getByRole("button", { name: "保存", exact: true }).click();
    await wang.getByRole("link", { name: "回到走访" }).click();
    await wang.locator(".visit-progress").waitFor();
    const others = wang.getByRole("button", { name: "其余都在" });
    if (await others.isVisible()) await others.click();
    const count = Number((await wang.locator(".visit-progress").innerText()).match(/\d+/)[0]);
    await says(`${count} 人中 ${count} 人已核对`);
    await picture("5-roster");
    await wang.getByRole("button", { name: "走访完成" }).click();
    await wang.getByText("告知书第 1 版").waitFor();
    await picture("6-finished");
});

test("the check there: thirty items, one failure, its hazard and the notice for the landlord", async () => {
    await go(wang, `/homes/${home}`);
    await wang.getByRole("link", { name: "安全检查" }).click();
    await wang.getByText("一项点一下").waitFor();
    const groups = wang.locator("details.check-group");
    for (const group of await groups.all()) {
        if (!(await group.evaluate((details) => details.open))) await group.locator("summary").click();
        const bottle = group.getByRole("group", { name: /煤气瓶/ }).first();
        if (await bottle.count()) {
            await bottle.getByRole("button", { name: "不合格" }).click();
            await wang.locator('[id="hazards.RQ02.description"]').fill("卧室里用着煤气瓶");
            await bottle.scrollIntoViewIfNeeded();
            await shot(wang, "picture-tuesday-7-check");
        }
        const rest = group.getByRole("button", { name: "其余全部合格" });
        if (await rest.count()) await rest.click();
    }
    await wang.getByRole("button", { name: "保存检查" }).click();
    await wang.getByText("经上门检查").waitFor();
    await picture("8-slip");
    await go(wang, `/homes/${home}`);
    await wang.getByText("红色 · 重点").waitFor();
});

test("next door nobody opens, and when to come again is asked", async () => {
    await go(wang, "/");
    await wang.locator("button.counter", { hasText: "待走访房屋" }).click();
    await wang.locator(".group a.row[href^='#/homes/']").last().click();
    await wang.getByRole("button", { name: "没见到人" }).click();
    await wang.locator("dialog").getByRole("button", { name: "周末" }).click();
    await shot(wang, "picture-tuesday-9-nobody");
    await wang.locator("dialog").getByRole("button", { name: "走访完成" }).click();
    await wang.getByRole("link", { name: "打印留言条" }).waitFor();
});

test("papers that were missing are brought, and the slip says until when", async () => {
    await go(wang, "/");
    const counter = wang.locator("button.counter", { hasText: "居住证待补材料" });
    await counter.click();
    await wang.locator(".group a.row", { hasText: "申领居住证" }).first().click();
    await wang.getByRole("link", { name: "补材料" }).click();
    await wang.locator("#material-WORK").check();
    await wang.getByRole("button", { name: "保存" }).click();
    await wang.getByText("材料齐全，已受理").waitFor();
    await picture("10-permit");
});

test("evening: the day's log, and handed in when the network is back", async () => {
    await go(wang, "/");
    await wang.getByRole("link", { name: /今天收工/ }).click();
    const log = wang.getByTestId("day-log");
    await log.getByText("登记 · 饶小燕").waitFor();
    await wang.getByRole("button", { name: "交上去" }).click();
    await wang.getByText("今天保存的都在本机，不会丢").waitFor();
    await county.startServer();
    await wang.getByRole("button", { name: "交上去" }).click();
    await wang.getByTestId("hand-in").getByText("都交上去了").waitFor({ timeout: 60_000 });
    await wang.getByTestId("receipt").getByText("服务器回执时间").waitFor();
    await picture("11-evening");
    quiet(wang);
});

test("the station sees the same Tuesday", async () => {
    const desk = await county.open(county.address, DESKTOP);
    await signIn(desk, "zhou");
    await go(desk, `/records/unit?id=${home}`);
    await desk.getByText(address).first().waitFor();
    await desk.getByText("红色 · 重点").first().waitFor();
    await shot(desk, "picture-tuesday-12-station");
    assert.deepEqual(desk.complaints, []);
});
