// What a station can be sure of: devices hold what the register holds, where photos are, why somebody is missing, and a restored
// server that waits for an administrator.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { County, DESKTOP, PHONE, accessible, documentNumber, enrol, go, quiet, shot, signIn, syncNow } from "./county.mjs";

let county;
let wang;
let desk;
let number;

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

test("the desk shows for every device and village whether both sides hold the same", async () => {
    // It says what it holds when it speaks next.
    await wang.getByRole("button", { name: "立即同步" }).click();
    await wang.getByText("都已到服务器").waitFor();
    await go(desk, "/devices");
    await desk.getByRole("main").getByRole("link", { name: "两边核对" }).first().click();
    const row = desk.getByRole("row", { name: /东明社区/ }).filter({ hasText: "一致" }).first();
    await row.waitFor();
    assert.match(await desk.getByRole("status").first().innerText(), /一致 [1-9]\d*，不一致 0/);
    await accessible(desk, "desk-proof");
    await shot(desk, "picture-desk-proof");
    // One device alone, and everything it holds, by the keyboard.
    const device = await row.getByRole("link").innerText();
    await row.getByRole("link").press("Enter");
    await desk.getByText(`设备号 ${device}`).waitFor();
    await desk.locator("#others").press("Space");
    await desk.getByRole("rowheader", { name: "全县公用" }).first().waitFor();
    await go(desk, "/proof?device=nothing");
    await desk.getByRole("row", { name: /东明社区/ }).first().waitFor();
    quiet(desk);
});

test("a photo whose bytes are still on the phone is named as missing, and opened large once they came", async () => {
    await go(wang, "/me/settings");
    await wang.locator("#photos_wifi_only").check();
    await go(wang, "/homes");
    await wang.locator(".rows a").first().click();
    await wang.getByRole("heading", { name: "照片" }).waitFor();
    const home = new URL(await wang.evaluate(() => location.href)).hash.match(/[0-9a-f-]{36}/)[0];
    const jpeg = await wang.evaluate(() => {
        const canvas = Object.assign(document.createElement("canvas"), { width: 900, height: 700 });
        const pen = canvas.getContext("2d");
        pen.fillStyle = "#9ab";
        pen.fillRect(0, 0, 900, 700);
        pen.fillStyle = "#543";
        pen.fillRect(330, 150, 240, 550);
        return canvas.toDataURL("image/jpeg").split(",")[1];
    });
    await wang.locator("#photo_note").fill("大门");
    await wang.locator('input[type="file"]').first().setInputFiles({ name: "door.jpg", mimeType: "image/jpeg", buffer: Buffer.from(jpeg, "base64") });
    await wang.locator(".photo img").first().waitFor();
    await go(wang, "/me");
    await wang.getByRole("button", { name: "立即同步" }).click();
    await wang.getByText("都已到服务器").waitFor({ timeout: 60_000 });
    await wang.getByText("照片在等无线网络").waitFor();
    await accessible(wang, "me-photos-waiting");

    await go(desk, `/records/unit?id=${home}`);
    const photos = desk.getByRole("region", { name: "照片" });
    await photos.getByText("原图未到").first().waitFor();
    await accessible(desk, "desk-photo-missing");
    await photos.getByRole("button", { name: /大门/ }).press("Enter");
    await desk.getByText(/王敏，.*加的，原图还在设备/).waitFor();
    await shot(desk, "desk-photo-awaited");
    await desk.keyboard.press("Escape");
    await desk.getByRole("dialog").waitFor({ state: "detached" });

    await wang.getByRole("button", { name: "现在就上传照片" }).click();
    await wang.getByTestId("photos-waiting").waitFor({ state: "detached", timeout: 60_000 });
    await go(desk, "/records/unit");
    await go(desk, `/records/unit?id=${home}`);
    await photos.locator("img").first().waitFor();
    await photos.getByRole("button", { name: /大门/ }).click();
    await desk.getByRole("dialog").locator("img").waitFor();
    assert.ok(await desk.getByRole("dialog").locator("img").evaluate((image) => image.naturalWidth > 600), "the whole photo");
    await accessible(desk, "desk-photo");
    await shot(desk, "picture-desk-photo");
    await desk.keyboard.press("Escape");
    quiet(wang);
    quiet(desk);
});

test("the number of a save stands on the phone, and the station says what became of it", async () => {
    await go(wang, "/people");
    await wang.locator(".rows a").first().click();
    await wang.getByRole("link", { name: "修改" }).click();
    await wang.locator("#phone").fill("13987650001");
    await wang.getByRole("button", { name: "保存" }).click();
    await wang.getByText("登记日期").first().waitFor();
    await wang.getByRole("link", { name: /经过/ }).click();
    const link = wang.locator(".history-no").first();
    number = (await link.innerText()).replace("编号", "").trim();
    assert.match(number, /^[0-9A-Z]{4}-[0-9A-Z]{4}$/);
    await accessible(wang, "person-history");

    // On the phone the number leads to what became of it; at the station it did not arrive yet.
    await link.click();
    await wang.getByText(`编号 ${number}`).first().waitFor();
    await wang.getByText("等待上传").first().waitFor();
    assert.equal(await wang.locator("#number").inputValue(), number);
    await accessible(wang, "why-edit-number");
    await go(desk, "/why");
    const ask = desk.getByRole("region", { name: "查一次保存" });
    for (const [typed, said] of [["", "请填写保存编号"], ["K7Q2", "不是保存编号"], ["张三李四王五赵六", "不是保存编号"]]) {
        await desk.locator("#save_no").fill(typed);
        await ask.getByRole("button", { name: "查一下" }).click();
        await ask.getByText(said).waitFor();
    }
    await accessible(desk, "desk-why-wrong");
    await desk.locator("#save_no").fill(number.toLowerCase().replace("-", ""));
    await desk.keyboard.press("Enter");
    await ask.getByText("服务器上没有这次保存").waitFor();
    await accessible(desk, "desk-why-none");

    await syncNow(wang);
    await go(desk, "/overview");
    await go(desk, `/why?no=${number}`);
    await ask.getByText("已进登记").first().waitFor();
    await ask.getByText(/王敏 · 设备/).waitFor();
    await accessible(desk, "desk-why-save");
    await shot(desk, "picture-desk-why");
    await ask.getByRole("link", { name: "打开记录" }).first().click();
    await desk.getByText("经过").first().waitFor();
    await desk.getByRole("link", { name: `编号 ${number}` }).first().waitFor();
    quiet(wang);
    quiet(desk);
});

test("the station is told where somebody is, and the phone offers to look in the county", async () => {
    await go(desk, "/why");
    const ask = desk.getByRole("region", { name: "找不到某个人" });
    await ask.getByRole("button", { name: "查一下" }).click();
    await ask.getByText("请填写姓名或证件号码").waitFor();
    await desk.locator("#who").fill("没有这个人");
    await desk.keyboard.press("Enter");
    await ask.getByText("登记里没有这个人").waitFor();
    const nobody = documentNumber("33082219901231999");
    await desk.locator("#who").fill(nobody);
    await desk.keyboard.press("Enter");
    await ask.getByText("全县都没有这个号码的登记").waitFor();
    await accessible(desk, "desk-why-nobody");
    await go(wang, "/people");
    // Rows are drawn anew when the sync brings something: the text is read where it is waited for.
    const read = await wang.waitForFunction(() => document.querySelector(".rows .row-title")?.textContent.match(/^\p{Script=Han}+/u)?.[0]);
    const name = await read.jsonValue();
    await desk.locator("#who").fill(name);
    await desk.keyboard.press("Enter");
    await ask.getByRole("link", { name: new RegExp(name) }).first().waitFor();
    await accessible(desk, "desk-why-person");

    await go(wang, "/me/why/person");
    await wang.locator("#who").fill("没有这个人");
    await wang.getByText("写全证件号码，可以在全县查一下。").waitFor();
    await wang.locator("#who").fill(nobody);
    await wang.getByRole("button", { name: "在全县查一下" }).waitFor();
    await accessible(wang, "why-person-county");
    await wang.getByRole("button", { name: "在全县查一下" }).click();
    await wang.getByText("全县没有这个号码的登记").waitFor();
    quiet(wang);
    quiet(desk);
});

test("a restored server says so on every page until an administrator confirms it", async () => {
    await county.restoreServer();
    await desk.reload();
    await desk.getByText("还没有确认").waitFor();
    await accessible(desk, "desk-restored-banner");
    await desk.getByRole("link", { name: "去看看" }).click();
    await desk.getByText("由县里的管理员确认").waitFor();
    assert.equal(await desk.getByRole("button", { name: /确认账号/ }).count(), 0, "an officer does not confirm it");
    await go(desk, "/records/unit");
    await desk.getByText("还没有确认").waitFor();
    await shot(desk, "desk-restored-two-panes");

    const admin = await county.open(county.address, DESKTOP);
    await signIn(admin, "admin");
    await admin.getByRole("link", { name: "去看看" }).click();
    await admin.getByRole("heading", { name: "还没有联系的设备" }).waitFor();
    await accessible(admin, "desk-restored");
    await shot(admin, "picture-desk-restored");
    // The phone hears nothing of others and says so; then it has spoken.
    await go(wang, "/me");
    await wang.getByRole("button", { name: "立即同步" }).click();
    await wang.getByText("服务器从备份恢复过").first().waitFor({ timeout: 60_000 });
    await accessible(wang, "me-rescue");
    await admin.reload();
    await admin.getByText("设备补传回来的改动").waitFor();

    const confirm = admin.getByRole("main").getByRole("button", { name: "确认账号、村社区和设备都对" });
    await confirm.click();
    await admin.getByRole("dialog").waitFor();
    await accessible(admin, "desk-restored-ask");
    await admin.keyboard.press("Escape");
    await admin.getByRole("dialog").waitFor({ state: "detached" });
    assert.ok(await confirm.isVisible(), "nothing happened yet");
    await confirm.press("Enter");
    await admin.getByRole("dialog").getByRole("button", { name: "确定" }).click();
    await admin.getByText("已经确认").first().waitFor();
    await accessible(admin, "desk-restored-done");
    await go(admin, "/devices");
    await admin.getByRole("heading", { name: "设备" }).waitFor();
    assert.equal(await admin.getByText("还没有确认").count(), 0);
    await syncNow(wang);
    quiet(admin);
    quiet(desk);
    quiet(wang);
});
