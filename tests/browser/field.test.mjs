// The main job, by hand: a home and three residents offline, the evening's sync, the other phone, a conflict and 用我的.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { County, DESKTOP, PHONE, accessible, documentNumber, enrol, fillResident, go, quiet, shot, syncNow } from "./county.mjs";

let county;
let wang;
let second;

before(async () => {
    county = await County.start();
});
after(async () => {
    await county?.stop();
});

test("a new device says what is missing, and is set up with address, code and password", async () => {
    wang = await county.open(await county.device(), PHONE);
    await wang.getByRole("button", { name: "绑定" }).click();
    await wang.getByText("请填写验证码").waitFor();
    await accessible(wang, "enrol");
    await wang.locator("#server").fill(county.address);
    await wang.locator("#code").fill("WRONG234");
    await wang.locator("#password").fill("wang-doorstep");
    await wang.getByRole("button", { name: "绑定" }).click();
    await wang.getByText(/验证码/).first().waitFor();
    await enrol(wang, county, "wang");
    await syncNow(wang);
    assert.match(await wang.getByTestId("sync-line").innerText(), /今天保存 0 · 已到服务器 0 · 回执/);
});

test("today, homes, a home and people are there, and nobody is kept out", async () => {
    await go(wang, "/");
    await wang.locator(".today-row, .group, [data-testid=today-item], .weui-cells").first().waitFor();
    await accessible(wang, "today");
    await shot(wang, "picture-today-phone-light");
    await go(wang, "/homes");
    await wang.locator(".rows a").first().waitFor();
    await accessible(wang, "homes");
    await wang.locator(".rows a").first().click();
    await wang.getByText("房间和住的人").waitFor();
    await accessible(wang, "home");
    await shot(wang, "picture-home-phone-light");
    await go(wang, "/people");
    await wang.locator(".rows a").first().waitFor();
    await accessible(wang, "people");
    await wang.locator(".rows a").first().click();
    await wang.getByText("登记日期").first().waitFor();
    await accessible(wang, "person");
});

test("a home and three residents are registered without a network", async () => {
    await county.stopServer();
    await go(wang, "/homes/new");
    await wang.locator("#road").fill("文峰西路");
    await wang.locator("#plate_no").fill("318号");
    await wang.locator("#landlord_name").fill("占志强");
    await wang.locator("#landlord_phone").fill("12345");
    await wang.locator("#rooms").fill("101-103");
    const area = wang.locator("#area");
    if (!(await area.inputValue())) await area.selectOption({ index: 1 });
    await wang.getByRole("button", { name: "保存" }).click();
    await wang.locator("#landlord_phone-said").waitFor();
    await wang.locator("#landlord_phone").fill("13757000318");
    await wang.getByRole("button", { name: "保存" }).click();
    await wang.getByText("房间和住的人").waitFor();

    const people = [
        { doc: documentNumber("36112419920311402"), name: "饶小燕", phone: "13767000001" },
        { doc: documentNumber("34112219880702331"), name: "费德明", phone: "13767000002", relation: "FAMILY" },
        { doc: documentNumber("52262219951120102"), name: "龙阿妹", phone: "13767000003", relation: "COWORKER" },
    ];
    await wang.getByRole("link", { name: "添加住户" }).first().click();
    // A wrong check digit gets its sentence beside the field, and nothing is saved.
    await wang.locator("#doc_no").fill(people[0].doc.slice(0, 17) + (people[0].doc[17] === "1" ? "2" : "1"));
    await wang.locator("#name").click();
    await wang.locator("#doc_no-said").waitFor();
    await shot(wang, "person-form-wrong");
    for (const [index, person] of people.entries()) {
        await fillResident(wang, person);
        if (index === 0) {
            await accessible(wang, "person-form");
            await shot(wang, "picture-person-form-phone-light");
            // A dead battery in the middle of typing loses nothing.
            await wang.waitForTimeout(600);
            await wang.reload();
            await wang.getByText("已恢复未保存的内容").waitFor();
            assert.equal(await wang.locator("#name").inputValue(), person.name);
        }
        await wang.getByRole("button", { name: "保存", exact: true }).click();
        await wang.getByText(`${person.name} 登记好了`).locator("visible=true").first().waitFor();
        if (index < people.length - 1) await wang.getByRole("button", { name: "再加一人" }).click();
    }
    await go(wang, "/me");
    await wang.getByText("条待上传").first().waitFor();
    assert.match(await wang.getByTestId("sync-line").innerText(), /今天保存 4 · 已到服务器 0/);
    await wang.getByRole("button", { name: "立即同步" }).click();
    await wang.getByText(/连不上|没有网络/).first().waitFor();
    await accessible(wang, "sync-offline");
    await county.startServer();
    await syncNow(wang);
    assert.match(await wang.getByTestId("sync-line").innerText(), /今天保存 4 · 已到服务器 4 · 回执/);
    await accessible(wang, "sync");
});

test("they are on the second device, found by pinyin, tail and address", async () => {
    second = await county.open(await county.device(), DESKTOP);
    await enrol(second, county, "wang");
    await syncNow(second);
    await go(second, "/people");
    for (const query of ["饶小燕", "rxy", "raoxiao", "0001", "文峰西路318"]) {
        await second.getByRole("searchbox").fill(query);
        await second.getByText("饶小燕").first().waitFor();
    }
    await accessible(second, "people-desktop");
    await second.getByText("饶小燕").first().click();
    await second.getByRole("link", { name: "修改" }).first().click();
    await second.locator("#doc_no").waitFor();
    await accessible(second, "person-form-desktop");
});

test("two phones change one number: the loser is told and takes it back with one tap", async () => {
    const change = async (page, phone) => {
        await go(page, "/people");
        await page.getByRole("searchbox").fill("费德明");
        await page.getByText("费德明").first().click();
        await page.getByRole("link", { name: "修改" }).first().click();
        await page.locator("#phone").fill(phone);
        await page.getByRole("button", { name: "保存", exact: true }).click();
        await page.getByText("登记日期").first().waitFor();
    };
    await change(wang, "13767000111");
    await change(second, "13767000222");
    await syncNow(second);
    await syncNow(wang);
    await go(wang, "/me/attention");
    await wang.getByText("13767000111").first().waitFor();
    await wang.getByText("13767000222").first().waitFor();
    await accessible(wang, "conflict");
    await shot(wang, "picture-conflict-phone-light");
    const clash = wang.getByRole("article").filter({ hasText: "费德明" });
    await clash.getByRole("button", { name: "用我的" }).click();
    await clash.waitFor({ state: "detached" });
    await syncNow(wang);
    await syncNow(second);
    await go(second, "/people");
    await second.getByRole("searchbox").fill("费德明");
    await second.getByText("费德明").first().click();
    await second.getByText("13767000111").first().waitFor();
});

test("settings: English, care mode, dark; and the way back", async () => {
    await go(wang, "/me/settings");
    await accessible(wang, "settings");
    await wang.locator("#language").selectOption("en");
    await wang.getByRole("heading", { name: "Settings" }).first().waitFor();
    assert.equal(await wang.evaluate(() => document.documentElement.lang), "en");
    await shot(wang, "settings-english");
    await wang.locator("#language").selectOption("zh-CN");
    await wang.locator("#theme").selectOption("dark");
    await go(wang, "/me");
    await wang.getByTestId("sync-line").waitFor();
    await shot(wang, "picture-sync-phone-dark");
    await go(wang, "/me/settings");
    await wang.locator("#theme").selectOption("light");
    quiet(wang);
    quiet(second);
});
