// A coordinator's Tuesday on one phone: sync, doors without a network, a check, papers, hand-in; then the station. README's tour
// shows these pictures in this order.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { County, DESKTOP, Line, PHONE, accessible, allHere, documentNumber, enrol, fillResident, go, quiet, shot, signIn, syncNow } from "./county.mjs";

let county;
let line;
let wang;
let home;
let address;
let changed;
let gone;
let finished;

before(async () => {
    county = await County.start();
    wang = await county.open(await county.device(), PHONE);
    line = await Line.to(county);
    await enrol(wang, county, "wang", line.address);
});
after(async () => {
    line?.stop();
    await county?.stop();
});

const top = () => wang.evaluate(() => window.scrollTo(0, 0));
const picture = async (name) => {
    await top();
    await shot(wang, `picture-tuesday-${name}`);
};
const says = (text) => wang.waitForFunction((text) => document.querySelector(".visit-progress")?.textContent.includes(text), text);
// One answer about one person, by its word.
const answer = async (row, word) => row.getByRole("button", { name: word, exact: true }).click();
const nameIn = async (row) => (await row.locator(".check-name span").first().innerText()).split(/[ ，,]/)[0];
const opened = async () => (await wang.evaluate(() => location.hash)).match(/[0-9a-f-]{36}/)[0];

test("morning: the village is synced, and Today says what is due; then the network is gone", async () => {
    await syncNow(wang);
    await go(wang, "/");
    await wang.locator("button.counter", { hasText: "待走访房屋" }).waitFor();
    await picture("1-today");
    await accessible(wang, "tuesday-today");
    await county.stopServer();
});

test("a door: its page, the notice, one tap for each, somebody new in the middle", async () => {
    await go(wang, "/homes");
    await wang.locator(".rows a", { hasText: "人" }).first().waitFor();
    await wang.locator(".rows a", { hasText: /(^|\D)[4-6] 人/ }).first().click();
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
    // Whoever was just registered has been answered about; of the others two have news.
    const open = rows.filter({ has: wang.getByRole("button", { name: "信息有变", exact: true }) });
    changed = await nameIn(open.first());
    await answer(open.first(), "信息有变");
    await rows.filter({ hasText: changed }).getByRole("button", { name: "改" }).waitFor();
    gone = await nameIn(open.first());
    await answer(open.first(), "离开本县");
    await rows.filter({ hasText: gone }).getByRole("button", { name: "改" }).waitFor();
    // The battery dies at the door: the app comes up again, and the visit goes on where it was.
    const answered = (await wang.locator(".visit-progress").innerText()).match(/\d+/g)[1];
    await wang.reload();
    await says(`${answered} 人已核对`);
    await allHere(wang);
    const count = Number((await wang.locator(".visit-progress").innerText()).match(/\d+/)[0]);
    await says(`${count} 人中 ${count} 人已核对`);
    await picture("5-roster");
    await accessible(wang, "tuesday-roster");
    await wang.getByRole("button", { name: "走访完成" }).click();
    await wang.getByText("告知书第 1 版").waitFor();
    await picture("6-finished");
    await accessible(wang, "tuesday-finished");
    finished = await wang.evaluate(() => location.hash.slice(1));
});

test("what follows from it: a changed phone is entered, a departure decided with its reason", async () => {
    await wang.getByRole("link", { name: `${changed} · 修改登记信息` }).click();
    await wang.locator("#phone").fill("13767000088");
    await wang.getByRole("button", { name: "保存", exact: true }).click();
    await wang.getByText("登记日期").first().waitFor();
    await wang.getByText("13767000088").first().waitFor();
    await go(wang, finished);
    await wang.getByRole("link", { name: new RegExp(`${gone} · .*注销`) }).click();
    await wang.getByRole("button", { name: "注销登记" }).click();
    await wang.locator(".problem, .weui-cell__warn, [aria-invalid=true]").first().waitFor();
    await wang.locator("#reason").selectOption("LEFT");
    await wang.locator("#note").fill("同屋的人说上周回老家了，铺位已空");
    await accessible(wang, "tuesday-departure");
    await wang.getByRole("button", { name: "注销登记" }).click();
    await wang.getByRole("dialog").getByRole("button", { name: "注销登记" }).click();
    await wang.getByText("已注销").first().waitFor();
    await go(wang, finished);
    await wang.getByText("告知书第 1 版").waitFor();
    assert.equal(await wang.getByRole("link", { name: new RegExp(`${gone} · .*注销`) }).count(), 0, "what was settled is no longer asked");
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
    await accessible(wang, "tuesday-slip");
    await go(wang, `/homes/${home}`);
    await wang.getByText("红色 · 重点").waitFor();
});

test("a hazard of last week is looked at again and closed", async () => {
    await go(wang, "/");
    await wang.locator("button.counter", { hasText: "隐患" }).first().click();
    await wang.locator(".group a.row[href^='#/hazards/']").first().click();
    await wang.getByText("整改期限").waitFor();
    const jpeg = await wang.evaluate(() => {
        const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 240 });
        canvas.getContext("2d").fillRect(80, 60, 160, 120);
        return canvas.toDataURL("image/jpeg").split(",")[1];
    });
    await wang.locator("input[type=file]").first().setInputFiles({ name: "mended.jpg", mimeType: "image/jpeg", buffer: Buffer.from(jpeg, "base64") });
    await wang.locator(".photo img").first().waitFor();
    await wang.locator("#recheck_note").fill("已换好");
    await accessible(wang, "tuesday-recheck");
    await wang.getByRole("button", { name: "已改好，销号" }).click();
    await wang.getByText("已销号").first().waitFor();
    await wang.getByText(/已改好 · 已换好 · 我/).waitFor();
});

test("next door nobody opens, and when to come again is asked", async () => {
    await go(wang, "/");
    await wang.locator("button.counter", { hasText: "待走访房屋" }).click();
    await wang.locator(".group a.row[href^='#/homes/']").last().click();
    await wang.getByRole("button", { name: "没见到人…" }).click();
    await wang.locator("dialog").getByRole("button", { name: "无人", exact: true }).click();
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

test("somebody who may ask for a permit asks", async () => {
    await go(wang, "/people");
    await wang.getByRole("button", { name: "可办居住证" }).click();
    await wang.getByText(/共 [1-9]\d* 条/).waitFor();
    await wang.locator(".rows a").first().click();
    await wang.getByTestId("permit-eligibility").waitFor();
    await wang.getByRole("link", { name: "申领", exact: true }).click();
    await wang.locator("#ground").selectOption({ index: 1 });
    for (const material of await wang.locator("[id^=material-]").all()) await material.check();
    await accessible(wang, "tuesday-application");
    await wang.getByRole("button", { name: "提交申请" }).click();
    await wang.locator(".slip").waitFor();
});

test("evening: the day's log; the first answer is lost on the way, and nothing is handed in twice", async () => {
    await go(wang, "/");
    await wang.getByRole("link", { name: /今天收工/ }).click();
    const log = wang.getByTestId("day-log");
    await log.getByText("登记 · 饶小燕").waitFor();
    await wang.getByRole("button", { name: "交上去" }).click();
    await wang.getByText("今天保存的都在本机，不会丢").waitFor();
    await county.startServer();
    line.losing = 1;
    await wang.getByRole("button", { name: "交上去" }).click();
    await wang.waitForFunction(() => document.querySelector("main")?.innerText.includes("今天保存的都在本机，不会丢") || document.querySelector("[data-testid=hand-in]")?.innerText.includes("都交上去了"));
    assert.equal(line.lost, 1, "the server had it, and the phone heard nothing");
    await accessible(wang, "tuesday-lost-answer");
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
    await accessible(desk, "tuesday-desk");
    await shot(desk, "picture-tuesday-12-station");
    // Once each, though the phone said it twice.
    for (const [name, kind] of [["饶小燕", "person"]]) {
        await go(desk, `/records/${kind}`);
        await desk.getByRole("searchbox").or(desk.locator("input[type=search]")).first().fill(name);
        const rows = desk.locator("nav.rows a", { hasText: name });
        await rows.first().waitFor();
        assert.equal(await rows.count(), 1, `${name} stands there once`);
    }
    assert.deepEqual(desk.complaints, []);
});
