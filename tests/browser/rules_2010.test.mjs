// A county that goes by its document of 2010 (pack zj-2009): what the coordinator shows of the permit, and what the station gives.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { County, DESKTOP, PHONE, accessible, enrol, go, quiet, shot, signIn, syncNow } from "./county.mjs";

let county;
let wang;
let person;
let name;

before(async () => {
    county = await County.start();
    const yesterday = new Date(Date.now() - 32 * 3_600_000).toISOString().slice(0, 10);
    county.policy("zj-2009", yesterday);
    wang = await county.open(await county.device(), PHONE);
    await enrol(wang, county, "wang");
    await syncNow(wang);
});
after(async () => {
    await county?.stop();
});

test("the card a coordinator shows has the document's conditions and the four functions", async () => {
    await go(wang, "/people");
    await wang.locator(".rows a").first().waitFor();
    person = (await wang.locator(".rows a").first().getAttribute("href")).match(/[0-9a-f-]{36}/)[0];
    name = await wang.locator(".rows a .row-title").first().innerText();
    await go(wang, `/people/${person}`);
    await wang.locator("a.weui-cell", { hasText: "申领、补材料、发放" }).click();
    await wang.getByRole("link", { name: "给本人看：居住证有什么用" }).click();
    await wang.getByText("居住证的四项功能").waitFor();
    const card = await wang.getByRole("main").innerText();
    for (const line of ["有效期半年到3 年", "连续居住满3 年", "和当地居民同等对待", "常政办发〔2010〕176号"]) {
        assert.ok(card.includes(line), `the card says: ${line}`);
    }
    assert.doesNotMatch(card, /六项基本公共服务/, "and nothing of the rules of 2016");
    await accessible(wang, "rules-2010-card");
    quiet(wang);
});

test("the station gives the temporary permit without an application, and the phone shows it", async () => {
    const desk = await county.open(county.address, DESKTOP);
    await signIn(desk, "zhou");
    await go(desk, "/records/residency");
    await desk.getByRole("searchbox").fill(name);
    await desk.getByRole("link", { name: new RegExp(name) }).first().click();
    const give = desk.getByRole("button", { name: "发临时居住证" });
    await give.waitFor();
    // Without its months nothing is issued.
    await give.click();
    await desk.getByRole("alert").first().waitFor();
    await accessible(desk, "desk-rules-2010");
    await desk.locator("#permit_months").selectOption("12");
    await give.click();
    await give.waitFor({ state: "detached" });
    await syncNow(wang);
    await go(wang, `/people/${person}/permits`);
    await wang.getByText("浙江省临时居住证").first().waitFor();
    await shot(wang, "rules-2010-temporary");
    quiet(desk);
    quiet(wang);
});
