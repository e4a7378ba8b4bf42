// A sweep from the station to the door and back: set at the desk, on the phone after its sync, settled by a visit, closed.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { County, DESKTOP, PHONE, accessible, enrol, go, quiet, shot, signIn, syncNow } from "./county.mjs";

const NAME = "出租房消防排查";
let county;
let wang;
let desk;
let homes;

before(async () => {
    county = await County.start();
    wang = await county.open(await county.device(), PHONE);
    await enrol(wang, county, "wang");
    await syncNow(wang);
    desk = await county.open(county.address, DESKTOP);
    await signIn(desk, "zhou");
});
after(async () => {
    await county?.stop();
});

// A day of the county, so many days from today.
const day = (from) => new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai" }).format(Date.now() + from * 86_400_000);
const row = () => desk.getByRole("row", { name: new RegExp(NAME) });
const counter = () => wang.locator("button.counter", { hasText: "排查未到" });
const wanted = async () => Number(await counter().locator(".counter-number").textContent());
const ROWS = ".group .row:not([href$='/me/day'])";
const shows = (count) => wang.waitForFunction(([rows, count]) => document.querySelectorAll(rows).length === count, [ROWS, count]);

test("the station sees how far its sweeps have come, and which homes are left", async () => {
    await desk.getByRole("link", { name: "排查", exact: true }).click();
    for (const state of ["进行中", "还没开始", "已结束"]) await desk.getByRole("row", { name: new RegExp(`东明社区.*${state}`) }).waitFor();
    const going = desk.getByRole("row", { name: /冬季消防排查.*东明社区/ });
    const [, done, of] = (await going.innerText()).match(/(\d+) \/ (\d+)（/);
    await accessible(desk, "desk-sweeps");
    await shot(desk, "picture-desk-sweeps");
    await going.getByText("还没走到").click();
    assert.equal(await going.locator(".sweep-left a").count(), Number(of) - Number(done));
    await shot(desk, "desk-sweeps-left");
    quiet(desk);
});

test("a sweep with wrong dates is not set, and says what is wrong", async () => {
    await desk.locator("summary", { hasText: "布置排查" }).click();
    const set = desk.getByRole("button", { name: "布置排查" });
    await set.click();
    for (const [field, said] of [["name", "这一项要填"], ["how", "这一项要填"], ["until", "这一项要填"]]) {
        await desk.locator(`#sweep-${field}[aria-invalid="true"]`).waitFor();
        await desk.getByText(said).first().waitFor();
    }
    await desk.locator("#sweep-name").fill(NAME);
    await desk.locator("#sweep-how").selectOption("IRREGULAR");
    await desk.getByRole("checkbox", { name: "东明社区" }).check();
    for (const [from, until, said] of [
        [0, -1, "结束比开始还早"],
        [-5, -1, "最后一天已经过了"],
        [0, 400, "时间超过一年了"],
    ]) {
        await desk.locator("#sweep-from").fill(day(from));
        await desk.locator("#sweep-until").fill(day(until));
        await set.click();
        await desk.getByText(said).waitFor();
        await desk.locator('#sweep-until[aria-invalid="true"]').waitFor();
    }
    await accessible(desk, "desk-sweep-wrong");
    assert.equal(await row().count(), 0, "nothing was set");
    await desk.locator("#sweep-from").fill(day(0));
    await desk.locator("#sweep-until").fill(day(10));
    await set.click();
    await row().getByText("进行中").waitFor();
    homes = Number((await row().innerText()).match(/(\d+) \/ (\d+)（/)[2]);
    await desk.getByText("已布置").waitFor();
    await shot(desk, "desk-sweep-set");
    quiet(desk);
});

test("after its sync the phone lists every home of it, and a visit settles one", async () => {
    await go(wang, "/");
    await counter().waitFor();
    const before = await wanted();
    await syncNow(wang);
    await go(wang, "/");
    await wang.getByText(NAME).first().waitFor();
    const after = await wanted();
    const open = Number((await row().innerText()).match(/(\d+) \/ (\d+)（/)[1]);
    assert.equal(after, before + homes - open, "each home nobody looked at today, once for each sweep");
    await counter().click();
    await shows(after);
    await wang.evaluate(() => window.scrollTo(0, 0));
    await accessible(wang, "today-sweeps");
    // A row leads to the roster, not to the home's page.
    const first = wang.locator(ROWS, { hasText: NAME }).first();
    const unit = (await first.getAttribute("href")).match(/[0-9a-f-]{36}/)[0];
    const rows = await wang.locator(`.row[href*="${unit}"]`).count();
    await first.click();
    await wang.locator(".visit-progress").waitFor();
    const others = wang.getByRole("button", { name: "其余都在" });
    if (await others.isVisible()) await others.click();
    await wang.getByRole("button", { name: "走访完成" }).click();
    await wang.getByText("走访人").waitFor();
    await accessible(wang, "visit-swept");
    await wang.getByRole("link", { name: "经过" }).click();
    await wang.getByTestId("history").getByText("完成").first().waitFor();
    await shot(wang, "visit-history");
    await go(wang, "/");
    await shows(after - rows);
    assert.equal(await wang.locator(`.row[href*="${unit}"]`).count(), 0, "it is wanted no more, by no sweep");
    await counter().click();
    quiet(wang);
});

test("the station hears of it, and closing it takes the rest off the phone", async () => {
    await syncNow(wang);
    await go(desk, "/overview");
    await go(desk, "/sweeps");
    await row().getByText(`1 / ${homes}（`).waitFor();
    await row().getByRole("button", { name: "结束" }).click();
    const dialog = desk.getByRole("dialog");
    await dialog.getByText("结束了不能再开").waitFor();
    await accessible(desk, "desk-sweep-close");
    await dialog.getByRole("button", { name: "结束" }).click();
    await row().getByText("已结束").waitFor();
    await row().getByText(`1 / ${homes}（`).waitFor();
    await syncNow(wang);
    await go(wang, "/");
    await counter().waitFor();
    await wang.getByText(NAME).first().waitFor({ state: "detached" });
    quiet(desk);
    quiet(wang);
});

test("the bureau looks on and sets nothing", async () => {
    const admin = await county.open(county.address, DESKTOP);
    await signIn(admin, "admin");
    await go(admin, "/sweeps");
    await admin.getByRole("row", { name: new RegExp(NAME) }).waitFor();
    assert.equal(await admin.locator("summary", { hasText: "布置排查" }).count(), 0);
    assert.equal(await admin.getByRole("button", { name: "结束" }).count(), 0);
    quiet(admin);
});
