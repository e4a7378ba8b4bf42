// Who set what, when, from which device, and what it replaced: on the phone without a network, whole from the server, and at the desk.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { County, DESKTOP, PHONE, accessible, enrol, go, quiet, syncNow } from "./county.mjs";

let county;
let wang;
let second;
let name;
let before_phone;

before(async () => {
    county = await County.start();
    wang = await county.open(await county.device(), PHONE);
    await enrol(wang, county, "wang");
    await syncNow(wang);
});
after(async () => {
    await county?.stop();
});

async function openFirst(page) {
    await go(page, "/people");
    await page.locator(".rows a").first().click();
    await page.getByText("登记日期").first().waitFor();
}

test("without a network: the new value, the old one, and that this phone did it", async () => {
    await openFirst(wang);
    await wang.getByRole("link", { name: "修改" }).click();
    before_phone = await wang.locator("#phone").inputValue();
    name = await wang.locator("#name").inputValue();
    await wang.locator("#phone").fill("13987650011");
    await wang.getByRole("button", { name: "保存", exact: true }).click();
    await wang.getByText("登记日期").first().waitFor();
    await county.stopServer();
    await wang.getByRole("link", { name: /^经过/ }).click();
    const lines = wang.getByTestId("history").locator("li");
    const mine = lines.filter({ hasText: "13987650011" });
    await mine.getByText("原来").waitFor().catch(() => {});
    const said = await mine.innerText();
    assert.match(said, /我 · 本机/);
    // What stood there came with the sync: this phone holds it only as what it was laid over.
    assert.match(said, before_phone ? /原来/ : /电话/);
    await accessible(wang, "history");
    await wang.getByRole("button", { name: "从服务器查看完整记录" }).click();
    await wang.getByText("现在连不上服务器").waitFor();
    await accessible(wang, "history-offline");
    await county.startServer();
});

test("with a network the server tells all of it, old values, names and devices", async () => {
    await syncNow(wang);
    second = await county.open(await county.device(), PHONE);
    await enrol(second, county, "wang");
    await syncNow(second);
    await openFirst(second);
    await second.getByRole("link", { name: /经过/ }).click();
    await second.getByText("原来是什么，本机不知道").first().waitFor();
    await second.getByRole("button", { name: "从服务器查看完整记录" }).click();
    await second.getByText("这是服务器上的完整记录").waitFor();
    const mine = second.getByTestId("history").locator("li").filter({ hasText: "13987650011" });
    await mine.getByText(`原来：${before_phone}`).waitFor();
    assert.match(await mine.innerText(), /我 · \d+ 号设备/);
    assert.doesNotMatch(await second.getByTestId("history").innerText(), /\d{17}[\dX]/, "no document number is whole");
    await accessible(second, "history-whole");
    quiet(second);
});

test("a home, a hazard and a report have theirs, each a tap away", async () => {
    await go(wang, "/homes");
    await wang.locator(".rows a").first().click();
    await wang.getByText("房间和住的人").waitFor();
    await wang.getByRole("link", { name: /^经过/ }).click();
    await wang.getByTestId("history").locator("li").first().waitFor();
    await accessible(wang, "history-home");
    await wang.locator(".bar-back").click();
    await wang.getByText("房间和住的人").waitFor();
    quiet(wang);
});

test("the desk says the same of the same person", async () => {
    const desk = await county.open(county.address, DESKTOP);
    await desk.locator("#login").fill("zhou");
    await desk.locator("#password").fill("zhou-doorstep");
    await desk.getByRole("button", { name: "登录" }).click();
    await desk.getByText("在册人员").first().waitFor();
    await go(desk, "/records/person");
    await desk.getByRole("searchbox").fill(name);
    await desk.getByText(name).first().click();
    const line = desk.locator(".history li").filter({ hasText: "13987650011" });
    await line.getByText(`原来：${before_phone}`).waitFor();
    assert.match(await line.innerText(), /王敏 · \d+ 号设备/);
    await accessible(desk, "desk-history");
    quiet(desk);
});
