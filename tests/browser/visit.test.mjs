// A visit by hand, with one thumb: who may have left, the roster, taps taken back, somebody new in the middle, next door, nobody home.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { County, PHONE, accessible, documentNumber, enrol, fillResident, go, quiet, shot, syncNow } from "./county.mjs";

let county;
let wang;
let home;

before(async () => {
    county = await County.start();
    wang = await county.open(await county.device(), PHONE);
    await enrol(wang, county, "wang");
    await syncNow(wang);
});
after(async () => {
    await county?.stop();
});

const rows = () => wang.locator(".check-item");
const progress = () => wang.locator(".visit-progress");
const says = (text) => wang.waitForFunction((text) => document.querySelector(".visit-progress")?.textContent.includes(text), text);
const people = async () => Number((await progress().innerText()).match(/\d+/)[0]);

// Every target is as large as a thumb in a glove.
async function thumbSized(where) {
    const small = await wang.locator("main button:visible, main a.button:visible").evaluateAll((targets) =>
        targets.filter((target) => target.getBoundingClientRect().height < 47.5).map((target) => target.textContent));
    assert.deepEqual(small, [], where);
}

test("today says who may have left and why, and what to do about it", async () => {
    await go(wang, "/");
    await wang.getByRole("button", { name: /疑似离开/ }).click();
    await wang.locator("a.row", { hasText: "走访时说已离开" }).first().waitFor();
    await accessible(wang, "today-suspected");
    await wang.locator("a.row", { hasText: "走访时说已离开" }).first().click();
    await wang.getByText("是否离开由您核实后决定").waitFor();
    await wang.getByText("告知书第 1 版").first().waitFor();
    await wang.getByText("上门看到的").waitFor();
    await accessible(wang, "person-suspected");
    await wang.getByRole("link", { name: "再走访一次" }).click();
    await progress().waitFor();
    home = (await wang.evaluate(() => location.hash)).match(/[0-9a-f-]{36}/)[0];
});

test("one tap for each person, taps are taken back, all the others at once", async () => {
    await says("人中 0 人已核对");
    const all = await people();
    await rows().first().getByRole("button", { name: "在住" }).click();
    await says("人中 1 人已核对");
    await wang.getByRole("button", { name: "撤销上一步" }).click();
    await says("人中 0 人已核对");
    // All eight at once, none behind another.
    for (const answer of ["在住", "未见", "信息有变", "同楼换房", "县内搬走", "离开本县", "查无此人", "拒绝"]) {
        await rows().first().getByRole("button", { name: answer }).waitFor();
    }
    await thumbSized("visit");
    await accessible(wang, "visit-answers");
    await rows().first().getByRole("button", { name: "信息有变" }).click();
    await says("人中 1 人已核对");
    // Answered, it is one line; another answer takes two taps.
    assert.equal(await rows().first().getByRole("button").count(), 1);
    await rows().first().getByRole("button", { name: "改" }).click();
    await rows().first().getByRole("button", { name: "拒绝" }).click();
    await rows().first().getByText("拒绝").waitFor();
    await rows().first().getByRole("button", { name: "改" }).click();
    await rows().first().getByRole("button", { name: "信息有变" }).click();
    await accessible(wang, "visit-answered");
    await wang.getByRole("button", { name: "其余都在" }).click();
    await says(`${all} 人中 ${all} 人已核对`);
    await wang.evaluate(() => window.scrollTo(0, 0));
    await accessible(wang, "visit");
    await shot(wang, "picture-visit-phone-light");
});

test("the notice is shown whole, and the visit remembers which version", async () => {
    await wang.getByRole("button", { name: "出示告知书" }).click();
    await wang.locator("dialog").getByText("告知书第 1 版").waitFor();
    await accessible(wang, "visit-notice");
    await wang.locator("dialog").getByRole("button").last().click();
    await wang.getByText("已出示告知书").waitFor();
});

test("a visit that was left goes on where it was", async () => {
    const all = await people();
    await go(wang, "/");
    await wang.getByText("没走完的").waitFor();
    await accessible(wang, "today-open-visit");
    await wang.reload();
    await wang.getByRole("link", { name: /接着走访/ }).click();
    await says(`${all} 人中 ${all} 人已核对`);
    await wang.getByText("已出示告知书").waitFor();
});

test("somebody new is registered in the middle, and the visit goes on", async () => {
    const all = await people();
    await wang.getByRole("button", { name: "添加住户" }).click();
    await wang.locator("#doc_no").waitFor();
    await fillResident(wang, { doc: documentNumber("33112719950606217"), name: "夏小雨", phone: "13905709901", relation: "FRIEND" });
    await wang.getByRole("button", { name: "保存", exact: true }).click();
    await shot(wang, "visit-added");
    await wang.getByRole("link", { name: "回到走访" }).click();
    await says(`${all + 1} 人中 ${all + 1} 人已核对`);
    await wang.getByRole("group", { name: /夏小雨/ }).getByText("刚登记").waitFor();
});

test("finished, it says what to do now, and a slip is corrected by another fact", async () => {
    await wang.getByRole("button", { name: "走访完成" }).click();
    await wang.getByText("接着要办的").waitFor();
    await wang.getByRole("link", { name: /修改登记信息/ }).waitFor();
    await wang.getByText("告知书第 1 版").waitFor();
    await thumbSized("finished visit");
    await accessible(wang, "visit-finished");
    const last = rows().last();
    await last.getByRole("button", { name: "点错了，改" }).click();
    await last.getByRole("button", { name: "未见" }).click();
    await wang.getByText("更正过").waitFor();
    await shot(wang, "visit-corrected");
});

test("behind another door nobody opens: when to come again, and a note without a name", async () => {
    await go(wang, "/homes");
    await wang.locator(`.rows a:not([href*="${home}"])`, { hasText: /[1-9] 人/ }).first().click();
    await wang.getByRole("link", { name: "开始走访" }).click();
    await progress().waitFor();
    const names = await rows().locator(".check-name span").allInnerTexts();
    await wang.getByRole("button", { name: "没见到人…" }).click();
    await wang.locator("dialog").getByRole("button", { name: "周末" }).click();
    await accessible(wang, "visit-nobody");
    await wang.locator("dialog").getByRole("button", { name: "走访完成" }).click();
    await wang.getByRole("link", { name: "打印留言条" }).click();
    await wang.getByText("来访留言").waitFor();
    const paper = await wang.locator(".paper").innerText();
    for (const name of names) assert.ok(!paper.includes(name.split(" ")[0].slice(0, 3)), `${name} does not stand on it`);
    await accessible(wang, "leave-note");
});

test("the home tells its visits: when, by whom, how they ended", async () => {
    await go(wang, `/homes/${home}`);
    await wang.getByRole("link", { name: "开始走访" }).waitFor();
    await wang.locator("#visits-title").evaluate((title) => window.scrollTo(0, title.getBoundingClientRect().top + window.scrollY - 64));
    await accessible(wang, "home-visits");
    await syncNow(wang);
    quiet(wang);
});
