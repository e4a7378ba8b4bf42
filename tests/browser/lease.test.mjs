// A phone that was too long without the server shows nothing before the next exchange, and what was saved on it goes along.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { County, PHONE, accessible, documentNumber, enrol, fillResident, go, quiet, shot, signIn, syncNow, DESKTOP } from "./county.mjs";

const NAME = "饶春梅";

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

test("after a week without the server nothing is shown, and what was saved is still there", async () => {
    await go(wang, "/homes");
    await wang.locator(".rows a").first().click();
    await wang.getByRole("link", { name: "添加住户" }).first().click();
    await fillResident(wang, { doc: documentNumber("36112419950311408"), name: NAME, phone: "13767000021" });
    await wang.getByRole("button", { name: "保存", exact: true }).click();
    await wang.getByText(`${NAME} 登记好了`).locator("visible=true").first().waitFor();
    await county.stopServer();
    await wang.goto(await county.leaveInDrawer(0, 8));
    // The password comes first: the phone was switched off.
    await wang.locator("#password").fill("wang-doorstep");
    await wang.getByRole("button", { name: "登录" }).click();
    await wang.getByText("请先同步").waitFor();
    await wang.getByText("改动还没有上传，同步时一起送出").waitFor();
    for (const path of ["/people", "/homes", "/"]) {
        await go(wang, path);
        await wang.getByText("请先同步").waitFor();
        assert.equal(await wang.locator(".rows").count(), 0, `nothing is shown at ${path}`);
    }
    await accessible(wang, "lease");
    quiet(wang);
});

test("without a network it says so, and the work is safe", async () => {
    await wang.getByRole("button", { name: "立即同步" }).click();
    await wang.getByRole("alert").first().waitFor();
    await shot(wang, "lease-offline");
    await wang.getByText("请先同步").waitFor();
});

test("the next exchange sends what waited, and everything is shown again", async () => {
    await county.startServer();
    await wang.getByRole("button", { name: "立即同步" }).click();
    await wang.getByRole("navigation").waitFor({ timeout: 60_000 });
    await go(wang, "/people");
    await wang.getByRole("searchbox").fill(NAME);
    await wang.getByText(NAME).first().waitFor();
    const desk = await county.open(county.address, DESKTOP);
    await signIn(desk, "zhou");
    await go(desk, "/records/person");
    await desk.getByRole("searchbox").fill(NAME);
    await desk.getByRole("link", { name: new RegExp(NAME) }).first().waitFor();
    quiet(wang);
});
