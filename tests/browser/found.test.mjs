// What a door leaves to be done, by hand: a change to write down, another evening, two visitors who contradict each other, and a check that
// was left half done. Each is on Today, and gone when it is done.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { County, DESKTOP, PHONE, accessible, allHere, enrol, go, quiet, shot, signIn, syncNow } from "./county.mjs";

let county;
let wang;
let second;
let home;
let name;

before(async () => {
    county = await County.start();
    wang = await county.open(await county.device(), PHONE);
    await enrol(wang, county, "wang");
    await syncNow(wang);
});
after(async () => {
    await county?.stop();
});

const counter = (page, name) => page.locator("button.counter", { hasText: name });
const count = async (page, name) => Number(await counter(page, name).locator(".counter-number").textContent());
const gone = (page, name, before) => page.waitForFunction(([name, before]) => {
    const button = [...document.querySelectorAll("button.counter")].find((button) => button.textContent.includes(name));
    return !button || Number(button.querySelector(".counter-number").textContent) < before;
}, [name, before]);
const rows = (page) => page.locator(".check-item");

// Everybody of the home is answered about: the first person so, the others live there.
async function visit(page, answer) {
    await go(page, `/homes/${home}/visit`);
    await page.locator(".visit-progress").waitFor();
    const row = rows(page).filter({ hasText: name });
    await row.getByRole("button", { name: answer }).click();
    await row.getByRole("button", { name: "改" }).waitFor();
    // Every tap is kept before the visit is finished: nobody is left to be asked about.
    await allHere(page);
    await page.getByRole("button", { name: "走访完成" }).click();
    await page.getByText("核对了的人").waitFor();
}

test("what changed is on Today with its day, and gone when it is written down", async () => {
    await go(wang, "/homes");
    await wang.locator(".rows a", { hasText: /[2-9] 人/ }).first().click();
    await wang.getByText("房间和住的人").waitFor();
    home = (await wang.evaluate(() => location.hash)).match(/[0-9a-f-]{36}/)[0];
    await wang.getByRole("link", { name: "开始走访" }).click();
    await wang.locator(".visit-progress").waitFor();
    name = (await rows(wang).first().locator(".check-name span").first().innerText()).split(/[ （(]/)[0];
    await visit(wang, "信息有变");
    await wang.getByRole("link", { name: `${name} · 修改登记信息` }).waitFor();
    await go(wang, "/");
    const before = await count(wang, "待变更登记");
    await counter(wang, "待变更登记").click();
    await wang.locator("a.row", { hasText: `${name} · 信息有变` }).waitFor();
    await accessible(wang, "found-changes");
    await wang.locator("a.row", { hasText: `${name} · 信息有变` }).click();
    await wang.locator("#phone").fill("13905700777");
    await wang.getByRole("button", { name: "保存", exact: true }).click();
    await wang.locator("#phone").waitFor({ state: "detached" });
    await go(wang, "/");
    await gone(wang, "待变更登记", before);
});

test("at a door that refuses another evening is agreed, and stands on Today", async () => {
    await go(wang, `/homes/${home}/visit`);
    await wang.getByRole("button", { name: "没见到人…" }).click();
    await wang.locator("dialog").getByRole("button", { name: "空置" }).click();
    assert.equal(await wang.locator("dialog").getByRole("button", { name: "今天晚上" }).count(), 0, "nobody comes again to an empty home");
    await wang.locator("dialog").getByRole("button", { name: "拒绝" }).click();
    await wang.locator("dialog").getByRole("button", { name: "今天晚上" }).click();
    await accessible(wang, "found-refused");
    await wang.locator("dialog").getByRole("button", { name: "走访完成" }).click();
    await wang.getByText("核对了的人").waitFor();
    await go(wang, "/");
    const chosen = counter(wang, "待变更登记").and(wang.locator(".counter-on"));
    if (await chosen.count()) await chosen.click();
    await counter(wang, "约好再去").click();
    const row = wang.locator(`a.row[href="#/homes/${home}/visit"]`);
    await row.getByText("晚上再去").waitFor();
    await accessible(wang, "found-agreed");
    const before = await count(wang, "约好再去");
    await visit(wang, "离开本县");
    await go(wang, "/");
    await gone(wang, "约好再去", before);
    await syncNow(wang);
});

test("seen by one and gone to the other on one day: both are asked, and the station", async () => {
    second = await county.open(await county.device(), DESKTOP);
    await enrol(second, county, "wang");
    await syncNow(second);
    await go(second, `/homes/${home}/visit`);
    await second.locator(".visit-progress").waitFor();
    await shot(second, "found-roster-desktop");
    await visit(second, "在住");
    await go(second, "/");
    await counter(second, "说法不一").click();
    await second.locator("a.row", { hasText: name }).first().click();
    const card = second.getByTestId("contradiction").filter({ hasText: name });
    await card.getByText("离开本县").waitFor();
    await card.getByText("在住").waitFor();
    await accessible(second, "found-contradiction-desktop");
    await syncNow(second);
    await syncNow(wang);
    await go(wang, "/me/attention");
    await wang.getByTestId("contradiction").filter({ hasText: name }).waitFor();
    await accessible(wang, "found-contradiction");
    // At the desk it stands among the conflicts.
    const desk = await county.open(county.address, DESKTOP);
    await signIn(desk, "zhou");
    await go(desk, "/records/conflict");
    await desk.locator("a.row", { hasText: name }).first().click();
    await desk.getByTestId("contradiction").getByText("离开本县").waitFor();
    await accessible(desk, "found-contradiction-desk");
    quiet(desk);

    await go(wang, "/");
    const before = await count(wang, "说法不一");
    await go(wang, "/me/attention");
    await wang.getByTestId("contradiction").filter({ hasText: name }).getByRole("button", { name: "按后说的算" }).click();
    await wang.getByTestId("contradiction").filter({ hasText: name }).waitFor({ state: "detached" });
    await go(wang, "/");
    await gone(wang, "说法不一", before);
    quiet(second);
});

test("a check that was left half done is gone on with from Today", async () => {
    await go(wang, `/homes/${home}/check`);
    await wang.getByText("一项点一下").waitFor();
    const ways = wang.getByRole("group", { name: /通道、楼梯/ }).first();
    const group = wang.locator("details.check-group", { hasText: "通道、楼梯" }).first();
    const opened = async () => {
        if (!(await group.evaluate((details) => details.open))) await group.locator("summary").click();
    };
    await opened();
    await ways.getByRole("button", { name: "合格", exact: true }).click();
    await go(wang, "/");
    const row = wang.locator(`a.row[href="#/homes/${home}/check"]`);
    await row.getByText("安全检查").waitFor();
    await row.getByText("接着做").waitFor();
    await accessible(wang, "found-half-done");
    await row.click();
    await group.waitFor();
    await opened();
    await ways.locator('button[aria-pressed="true"]').getByText("合格", { exact: true }).waitFor();
    await syncNow(wang);
    quiet(wang);
});
