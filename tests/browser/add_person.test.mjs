// Adding a person: how many taps it takes, a family in a row, and what is said to a number that cannot be or is known next door.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { County, DESKTOP, PHONE, accessible, documentNumber, enrol, go, quiet, shot, syncNow } from "./county.mjs";

const TAPS_MAX = 20;
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

// Counts what a finger does: every click on the page by a hand. Characters typed are not counted, fields tapped are.
async function countTaps(page) {
    await page.evaluate(() => {
        window.taps = 0;
        if (window.countsTaps) return;
        window.countsTaps = true;
        document.addEventListener("click", (event) => { if (event.isTrusted) window.taps += 1; }, true);
    });
}
const taps = (page) => page.evaluate(() => window.taps);
const type = async (page, field, text) => {
    await page.locator(field).click();
    await page.keyboard.type(text);
};
const chip = (page, group, name) => page.getByRole("group", { name: group }).getByRole("button", { name, exact: true }).click();
const filled = (page) => page.waitForFunction(() => document.querySelector("#birth").value);

test("a tenant with a citizen ID: from the home's page to saved within twenty taps", async () => {
    await go(wang, "/homes");
    await wang.locator(".rows a").first().click();
    await wang.getByText("房间和住的人").waitFor();
    await countTaps(wang);
    await wang.getByRole("link", { name: "添加住户" }).first().click();
    // The number comes first, and its field is ready for it.
    await wang.waitForFunction(() => document.activeElement?.id === "doc_no");
    await wang.keyboard.type(documentNumber("36112419920311402"));
    await filled(wang);
    await type(wang, "#name", "饶小燕");
    await wang.locator(".suggestion-button", { hasText: "铅山" }).click();
    await type(wang, "#phone", "13767000001");
    await chip(wang, "居住事由", "务工");
    await chip(wang, "拟住时间", "一年");
    await chip(wang, "与承租人关系", "是承租人");
    await accessible(wang, "add-person");
    await wang.getByRole("button", { name: "保存", exact: true }).click();
    await wang.getByText("饶小燕 登记好了").locator("visible=true").first().waitFor();
    const counted = await taps(wang);
    console.log(`taps from the home's page to saved: ${counted}`);
    assert.ok(counted <= TAPS_MAX, `${counted} taps, at most ${TAPS_MAX}`);
    await accessible(wang, "add-person-saved");
});

test("a child follows: the door, the day, reason and stay go along, nothing personal does, and the mother is offered as guardian", async () => {
    await countTaps(wang);
    await wang.getByRole("button", { name: "再加一位家人" }).click();
    await wang.waitForFunction(() => document.activeElement?.id === "doc_no");
    for (const field of ["#doc_no", "#name", "#birth", "#sex", "#phone", "#employer", "#hukou_address"]) {
        assert.equal(await wang.locator(field).inputValue(), "", `${field} is somebody else's`);
    }
    assert.deepEqual(
        [await wang.locator("#reason").inputValue(), await wang.locator("#intended").inputValue(), await wang.locator("#relation").inputValue()],
        ["204", "4", "FAMILY"],
    );
    await wang.keyboard.type(documentNumber("36112420180501401"));
    await filled(wang);
    await type(wang, "#name", "饶小宝");
    await wang.locator(".suggestion-button", { hasText: "铅山" }).click();
    await wang.locator(".suggestion-button", { hasText: "饶小燕 13767000001" }).click();
    assert.equal(await wang.locator("#guardian_name").inputValue(), "饶小燕");
    await chip(wang, "没有电话", "未成年人，联系监护人");
    await accessible(wang, "add-family");
    await wang.getByRole("button", { name: "保存", exact: true }).click();
    await wang.getByText("饶小宝 登记好了").locator("visible=true").first().waitFor();
    const counted = await taps(wang);
    console.log(`taps for one more of the family: ${counted}`);
    assert.ok(counted <= TAPS_MAX);
    await wang.getByRole("link", { name: "看这个人" }).click();
    await wang.getByText("饶小燕 13767000001").first().waitFor();
    quiet(wang);
});

test("a thirtieth of February is no birthday, and somebody who lives next door is moved and not made twice", async () => {
    await go(wang, "/homes");
    await wang.locator(".rows a").nth(1).click();
    await wang.getByText("房间和住的人").waitFor();
    await wang.getByRole("link", { name: "添加住户" }).first().click();
    await wang.waitForFunction(() => document.activeElement?.id === "doc_no");
    await wang.keyboard.type(documentNumber("36112419920230402"));
    await wang.locator("#name").click();
    await wang.locator("#doc_no-said").getByText(/日期|生日|出生/).waitFor();
    await shot(wang, "add-person-30-february");
    await wang.locator("#doc_no").fill(documentNumber("36112419920311402"));
    await wang.getByText("这个证件已经登记过").waitFor();
    await wang.getByText(/饶小燕，已登记在 .*迁入？/).waitFor();
    await accessible(wang, "add-person-known");
    await wang.getByRole("link", { name: "迁入这里" }).click();
    await wang.getByRole("button", { name: "确定搬入" }).waitFor();
    quiet(wang);
});

test("on a desktop the same form stands in a usable window", async () => {
    await wang.setViewportSize(DESKTOP);
    await go(wang, "/homes");
    await wang.locator(".rows a").first().click();
    await wang.getByRole("link", { name: "添加住户" }).first().click();
    await wang.waitForFunction(() => document.activeElement?.id === "doc_no");
    await shot(wang, "add-person-desktop");
    quiet(wang);
});
