// What makes the sync trustworthy, as people see it: both sides compared, why, photos of a home, the station's 暂存 and devices.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { County, DESKTOP, PHONE, accessible, enrol, go, quiet, syncNow } from "./county.mjs";

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

test("both sides hold the same, village by village, and every record is looked at on demand", async () => {
    await go(wang, "/me/proof");
    await wang.getByText("一致").first().waitFor();
    await accessible(wang, "proof");
    await wang.getByRole("button", { name: /深度核对/ }).click();
    await wang.getByText(/核对|一致/).first().waitFor();
    quiet(wang);
});

test("why: what the next sync sends, what became of a save, where somebody is", async () => {
    await go(wang, "/me/why");
    await wang.getByText("为什么").first().waitFor();
    await accessible(wang, "why");
    await go(wang, "/me/why/send");
    await accessible(wang, "why-send");
    await go(wang, "/me/why/edit");
    await accessible(wang, "why-edit");
    await go(wang, "/me/why/person");
    await wang.locator("input").first().fill("没有这个人");
    await wang.keyboard.press("Enter");
    await accessible(wang, "why-person");
    quiet(wang);
});

test("a home gets a photo, made small here, and a file that is none is answered in words", async () => {
    await go(wang, "/homes");
    await wang.locator(".rows a").first().click();
    await wang.getByText("照片").first().waitFor();
    const chosen = wang.locator('input[type="file"]').first();
    // A picture drawn here: what a camera gives, in small.
    const jpeg = await wang.evaluate(() => {
        const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 480 });
        const pen = canvas.getContext("2d");
        pen.fillStyle = "#8aa";
        pen.fillRect(0, 0, 640, 480);
        pen.fillStyle = "#333";
        pen.fillRect(200, 120, 240, 300);
        return canvas.toDataURL("image/jpeg").split(",")[1];
    });
    await chosen.setInputFiles({ name: "door.jpg", mimeType: "image/jpeg", buffer: Buffer.from(jpeg, "base64") });
    await wang.locator("img").first().waitFor();
    await accessible(wang, "home-photo");
    await chosen.setInputFiles({ name: "nothing.jpg", mimeType: "image/jpeg", buffer: Buffer.alloc(0) });
    await wang.getByText(/空|照片|图片/).first().waitFor();
    await syncNow(wang);
    quiet(wang);
});

test("the station sees what is held and how the devices are", async () => {
    const desk = await county.open(county.address, DESKTOP);
    await desk.locator("#login").fill("zhou");
    await desk.locator("#password").fill("zhou-doorstep");
    await desk.getByRole("button", { name: "登录" }).click();
    await desk.getByText("在册人员").first().waitFor();
    await go(desk, "/held");
    await desk.getByText("暂存").first().waitFor();
    await accessible(desk, "desk-held");
    await go(desk, "/devices");
    await desk.getByText("设备").first().waitFor();
    await accessible(desk, "desk-devices");
    assert.ok(await desk.locator("table, .rows, .weui-cells").first().isVisible(), "devices are listed");
    quiet(desk);
});
