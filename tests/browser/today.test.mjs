// Today by hand: homes to visit by road, building and door; filters that are kept while one looks elsewhere.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { County, PHONE, accessible, enrol, go, quiet, shot, syncNow } from "./county.mjs";

let county;
let wang;

before(async () => {
    county = await County.start();
    wang = await county.open(await county.device(), PHONE);
    await enrol(wang, county, "wang");
    await syncNow(wang);
});
after(async () => {
    await county?.stop();
});

const counter = (name) => wang.locator("button.counter", { hasText: name });
const chip = (name) => wang.locator("button.chip", { hasText: name });
const number = async (button, part) => Number(await button.locator(part).textContent());
// The card of the evening stands below the list and is none of it.
const ROWS = ".group .row:not([href$='/me/day'])";
const rows = () => wang.locator(ROWS).count();
const shows = (count) => wang.waitForFunction(([rows, count]) => document.querySelectorAll(rows).length === count, [ROWS, count]);

test("homes to visit stand by road and building, each with its grade and its last day", async () => {
    await go(wang, "/");
    await counter("待走访房屋").waitFor();
    await shot(wang, "today-all");
    // What is due is on the first screen, under the offers and the counters; in care mode too.
    const inSight = () => wang.evaluate((rows) => {
        const end = document.querySelector(".tabs").getBoundingClientRect().top;
        return [...document.querySelectorAll(rows)].filter((row) => row.getBoundingClientRect().bottom <= end).length;
    }, ROWS);
    assert.ok(await inSight() >= 3, `${await inSight()} rows`);
    await wang.evaluate(() => { document.documentElement.dataset.care = "true"; });
    assert.ok(await inSight() >= 1, `${await inSight()} rows in care mode`);
    await wang.evaluate(() => { delete document.documentElement.dataset.care; });
    // The last counter is pushed into sight by the keyboard, and one that is chosen stays in sight when somebody comes back.
    const last = wang.locator("button.counter").last();
    await last.focus();
    await wang.keyboard.press("Enter");
    await wang.locator("button.counter-on").waitFor();
    await go(wang, "/homes");
    await wang.locator(".rows").first().waitFor();
    await go(wang, "/");
    await wang.waitForFunction(() => {
        const on = document.querySelector("button.counter-on")?.getBoundingClientRect();
        return on && on.left >= 0 && on.right <= innerWidth;
    });
    await wang.locator("button.counter-on").click();
    await wang.locator("button.counter-on").waitFor({ state: "detached" });
    await accessible(wang, "today");
    const count = await number(counter("待走访房屋"), ".counter-number");
    assert.ok(count >= 4, `${count} homes of 白马路 were not seen for four months`);
    await counter("待走访房屋").click();
    await wang.getByRole("heading", { name: "白马路" }).waitFor();
    await wang.getByRole("heading", { name: "18号3幢" }).waitFor();
    await wang.getByText("绿 · 登记后还没走访过").first().waitFor();
    // The counter says what the list shows.
    await shows(count);
    await shot(wang, "today-homes");
});

test("a filter leaves as many rows as it says, and is kept while somebody looks at a home", async () => {
    for (const name of ["逾期", "≤2 个工作日", "只看晚上", "房东在场"]) {
        const left = await number(chip(name), ".chip-count");
        await chip(name).click();
        await wang.locator(`button.chip-on`, { hasText: name }).waitFor();
        // The counter of homes is chosen too: every row of both, and no more than the filter leaves of everything.
        await wang.waitForFunction(([rows, left]) => {
            const shown = document.querySelectorAll(rows).length;
            const homes = [...document.querySelectorAll("button.counter")].find((button) => button.textContent.includes("待走访房屋"));
            return shown === Number(homes?.querySelector(".counter-number").textContent) && shown <= left;
        }, [ROWS, left]);
        if (name === "房东在场") continue;
        await chip(name).click();
        await wang.locator("button.chip-on", { hasText: name }).waitFor({ state: "detached" });
    }
    // Two landlords of 白马路 live in the house.
    const kept = 2;
    await shows(kept);
    await shot(wang, "today-landlord");
    await wang.locator(ROWS).first().click();
    // The roster at once; the home's own page is behind it.
    await wang.locator(".visit-progress").waitFor();
    await go(wang, "/");
    await wang.locator("button.chip-on", { hasText: "房东在场" }).waitFor();
    await shows(kept);
    await chip("房东在场").click();
    await chip("只看晚上").click();
    // Nobody opened there; one that was agreed for this evening has a counter of its own.
    await shows(1);
    await counter("约好再去").click();
    await wang.getByText("白马路18号3幢1单元5层").waitFor();
    await chip("只看晚上").click();
    await counter("约好再去").click();
});

test("the list of homes can be read in the order of visits, and by grade", async () => {
    await go(wang, "/homes");
    await chip("按走访日期").click();
    await wang.getByText("该走访了").first().waitFor();
    await wang.waitForFunction(() => document.querySelector(".rows .row")?.textContent.includes("白马路"));
    await shot(wang, "homes-by-visit");
    await accessible(wang, "homes-by-visit");
    await chip("红").click();
    await wang.waitForFunction(() => [...document.querySelectorAll(".rows .row")].every((row) => row.textContent.includes("红")));
    await chip("按地址").click();
    quiet(wang);
});
