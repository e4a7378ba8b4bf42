// Who is registered by the station alone: the referral's page, its clock, and how it is closed and taken back.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { County, PHONE, accessible, enrol, go, quiet, syncNow } from "./county.mjs";

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

test("an open referral is on Today with its clock; its document is shown on a tap that is written down", async () => {
    await go(wang, "/");
    const row = wang.getByRole("link", { name: /黄志豪/ }).first();
    await row.waitFor();
    await row.click();
    await wang.getByText("告诉派出所期限").waitFor();
    const page = wang.getByRole("main");
    assert.doesNotMatch(await page.innerText(), /81000019880214013/, "masked until somebody asks");
    await accessible(wang, "referral");
    await wang.getByRole("button", { name: "显示全号" }).click();
    await wang.getByText(/81000019880214013/).waitFor();
    await wang.getByRole("button", { name: "隐藏", exact: true }).click();
    await wang.getByText(/81000019880214013/).waitFor({ state: "detached" });
    quiet(wang);
});

test("told to the station, it is off Today and can still be read", async () => {
    const place = await wang.evaluate(() => location.hash);
    await wang.getByRole("button", { name: "已告诉派出所" }).click();
    await wang.getByText("已记下").first().waitFor();
    await wang.getByRole("button", { name: "已告诉派出所" }).waitFor({ state: "detached" });
    await go(wang, "/");
    await wang.getByRole("link", { name: /今天收工/ }).waitFor();
    assert.equal(await wang.getByRole("link", { name: /黄志豪/ }).count(), 0);
    await wang.evaluate((hash) => { location.hash = hash; }, place);
    await wang.getByText("黄志豪").first().waitFor();
    quiet(wang);
});

test("one that was a mistake is taken back after a question", async () => {
    await go(wang, "/homes");
    await wang.locator(".rows a").first().click();
    await wang.getByRole("link", { name: "添加住户" }).first().click();
    await wang.locator("#doc_type").selectOption("PP");
    await wang.locator("#doc_no").fill("K12345678");
    await wang.locator("#name").fill("Maria Rossi");
    await wang.getByRole("button", { name: "记下并计时" }).click();
    await wang.getByRole("link", { name: "看转派所单" }).click();
    await wang.getByText("Maria Rossi").first().waitFor();
    await wang.getByRole("button", { name: "登记错了，撤销" }).click();
    const dialog = wang.getByRole("dialog");
    await dialog.getByText("撤掉这份转派").waitFor();
    await accessible(wang, "referral-undo");
    await dialog.getByRole("button", { name: "撤销" }).click();
    await dialog.waitFor({ state: "detached" });
    await go(wang, "/");
    await wang.getByRole("link", { name: /今天收工/ }).waitFor();
    assert.equal(await wang.getByRole("link", { name: /Maria Rossi/ }).count(), 0, "nobody waits for the station any more");
    quiet(wang);
});
