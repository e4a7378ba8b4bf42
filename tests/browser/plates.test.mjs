// A home by the plate at its door: a camera that plays a film, a photo, a number; somebody else's code; plates printed and replaced.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { County, DESKTOP, PHONE, accessible, enrol, go, quiet, shot, signIn, syncNow } from "./county.mjs";

let county;
let wang;
let home;
let code;

const hash = (page) => page.evaluate(() => location.hash);
const told = () => wang.locator(".scan-told");

// A code as a camera sees it: the drawing of a page, a little turned, on a grey wall. Its modules stand in `path`, `size` to a side.
async function filmed(page, path, size) {
    const grey = await page.evaluate(([path, size]) => {
        const canvas = document.createElement("canvas");
        canvas.width = 640;
        canvas.height = 480;
        const context = canvas.getContext("2d", { willReadFrequently: true });
        context.fillStyle = "#777";
        context.fillRect(0, 0, 640, 480);
        context.translate(320, 240);
        context.rotate(0.1);
        context.scale(380 / size, 380 / size);
        context.translate(-size / 2, -size / 2);
        context.fillStyle = "#fff";
        context.fillRect(0, 0, size, size);
        context.fillStyle = "#000";
        context.fill(new Path2D(path));
        const { data } = context.getImageData(0, 0, 640, 480);
        return Array.from({ length: 640 * 480 }, (_, at) => data[at * 4]);
    }, [path, size]);
    return Uint8Array.from(grey);
}

// What a drawn code says is what the camera has to say: read back from the page that drew it.
async function drawn(page) {
    const svg = page.locator("svg.qr").first();
    return { path: await svg.locator("path").getAttribute("d"), size: Number((await svg.getAttribute("viewBox")).split(" ")[2]) };
}

before(async () => {
    county = await County.start({ camera: true });
    wang = await county.open(await county.device(), PHONE, { permissions: ["camera"] });
    // Whether its light burns is asked at the end.
    await wang.evaluate(() => {
        const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        window.cameras = [];
        navigator.mediaDevices.getUserMedia = async (wanted) => {
            const stream = await open(wanted);
            window.cameras.push(...stream.getTracks());
            return stream;
        };
    });
    await enrol(wang, county, "wang");
    await syncNow(wang);
});
after(async () => {
    await county?.stop();
});

test("a home shows its plate: a number and a code, and nothing else is printed", async () => {
    await go(wang, "/homes");
    await wang.locator(".rows a").nth(2).click();
    await wang.getByRole("link", { name: "门牌", exact: true }).click();
    await wang.getByText("牌上只有编号和二维码").waitFor();
    home = (await hash(wang)).match(/[0-9a-f-]{36}/)[0];
    code = await drawn(wang);
    await accessible(wang, "plate");
    await wang.emulateMedia({ media: "print" });
    assert.match((await wang.locator("main").innerText()).trim(), /^CS-H-\d{4}-\d{6}$/, "neutral: not a word, no name, no address");
    await shot(wang, "plate-printed");
    await wang.emulateMedia({ media: "screen" });
});

test("somebody else's code is named as such, and the camera goes on", async () => {
    const svg = join(county.dir, "other.svg");
    execFileSync(resolve("target/debug/sync-server"), ["--data", county.data, "device", "code", "--account", "li", "--json", "--svg", svg]);
    const drawing = readFileSync(svg, "utf8");
    const path = drawing.match(/<path d="([^"]+)"/)[1];
    county.film(await filmed(wang, path, Number(drawing.match(/viewBox="0 0 (\d+)/)[1])));
    await go(wang, "/homes");
    await wang.getByRole("link", { name: "扫门牌" }).click();
    await told().getByText("这不是房屋门牌").waitFor();
    await told().getByText("内容没有保存").waitFor();
    await accessible(wang, "scan-foreign");
    assert.match(await hash(wang), /scan$/);
});

test("without a network the plate opens its home, the camera goes off, and the visit says that it was scanned", async () => {
    county.film(await filmed(wang, code.path, code.size));
    await county.stopServer();
    await go(wang, "/homes");
    await go(wang, "/homes/scan");
    await wang.waitForFunction((home) => location.hash === `#/homes/${home}`, home);
    await wang.getByRole("link", { name: "开始走访" }).waitFor();
    const states = await wang.evaluate(() => window.cameras.map((track) => track.readyState));
    assert.ok(states.length >= 2 && states.every((state) => state === "ended"), `the camera is off: ${states}`);
    await wang.getByRole("link", { name: "开始走访" }).click();
    await wang.getByRole("button", { name: "没见到人…" }).click();
    await wang.locator("dialog").getByRole("button", { name: "周末" }).click();
    await wang.locator("dialog").getByRole("button", { name: "走访完成" }).click();
    await wang.getByText("扫过门牌").first().waitFor();
    await shot(wang, "visit-scanned");
    quiet(wang);
});

test("a photo of the plate, or its number, opens the home too; what is no plate is said plainly", async () => {
    await county.startServer();
    county.film(new Uint8Array(640 * 480).fill(128));
    await go(wang, `/homes/${home}/plate`);
    await wang.locator(".plate").waitFor();
    const number = await wang.locator(".plate-number").innerText();
    const photo = join(county.dir, "plate.png");
    await wang.locator(".plate-one").screenshot({ path: photo });
    await go(wang, "/homes/scan");
    await told().getByText("把镜头对准门牌上的二维码").waitFor();
    await accessible(wang, "scan");
    await shot(wang, "picture-scan-phone-light");
    await wang.locator("#plate_photo").setInputFiles(photo);
    await wang.waitForFunction((home) => location.hash === `#/homes/${home}`, home);
    const typing = async (text, said) => {
        await go(wang, "/homes/scan");
        await wang.locator("#plate_number").fill(text);
        await wang.getByRole("button", { name: "打开", exact: true }).click();
        if (said) await told().getByText(said).waitFor();
        else await wang.waitForFunction((home) => location.hash === `#/homes/${home}`, home);
    };
    await typing(number.toLowerCase().replace("cs-h-", ""), "");
    await typing("2026-999999", "这个编号的房屋不在本机");
    await typing("https://elsewhere.example/p/4F3S2M1K0J9H8G7F6E5D4C3B2A", "这块门牌的房屋不在本机");
    await accessible(wang, "scan-not-here");
    await typing("weixin://abc", "这不是房屋门牌");
    await typing("", "请输入门牌上的编号");
    await wang.locator("#plate_photo").setInputFiles({ name: "a.png", mimeType: "image/png", buffer: Buffer.from("no picture") });
    await told().getByText("这个文件打不开").waitFor();
    const empty = await wang.evaluate(() => {
        const canvas = document.createElement("canvas");
        canvas.width = canvas.height = 64;
        canvas.getContext("2d").fillRect(0, 0, 32, 32);
        return canvas.toDataURL("image/png").split(",")[1];
    });
    await wang.locator("#plate_photo").setInputFiles({ name: "b.png", mimeType: "image/png", buffer: Buffer.from(empty, "base64") });
    await told().getByText("照片里没有找到二维码").waitFor();
    quiet(wang);
});

test("who does not allow the camera is told what to do instead", async () => {
    const li = await county.open(await county.device(), PHONE, { permissions: [] });
    await li.context().grantPermissions([]);
    await enrol(li, county, "li");
    await syncNow(li);
    await go(li, "/homes/scan");
    await li.getByText("摄像头没有打开").waitFor();
    await accessible(li, "scan-refused");
});

test("the station prints a village's plates, and replaces one; the old one says so, and a stranger sees only the number", async () => {
    const desk = await county.open(county.address, DESKTOP);
    await signIn(desk, "zhou");
    await desk.getByRole("link", { name: "门牌", exact: true }).click();
    await desk.locator("#area").selectOption("330822001001");
    await desk.getByRole("button", { name: "全选" }).click();
    await desk.locator(".plate-sheet .plate").first().waitFor();
    const plates = await desk.locator(".plate-sheet .plate").count();
    assert.ok(plates >= 10, `${plates} plates`);
    const sheet = await desk.locator(".plate-sheet").innerText();
    assert.deepEqual(sheet.split(/\s+/).filter((line) => line && !/^CS-H-\d{4}-\d{6}$/.test(line)), [], "numbers and nothing else");
    await accessible(desk, "desk-plates");
    await desk.evaluate(() => document.querySelector(".plate-sheet").scrollIntoView());
    await shot(desk, "desk-plates-sheet");
    await desk.emulateMedia({ media: "print" });
    await desk.screenshot({ path: resolve("target/shots/browser/desk-plates-printed.png"), fullPage: true });
    await desk.emulateMedia({ media: "screen" });

    await go(wang, `/homes/${home}/plate`);
    const number = await wang.locator(".plate-number").innerText();
    const row = desk.getByRole("row", { name: new RegExp(number) }).first();
    await row.getByRole("button", { name: /换一块新牌/ }).click();
    await desk.getByRole("dialog").getByRole("button", { name: "换一块新牌" }).click();
    await desk.getByRole("row", { name: new RegExp(`${number}.*2`) }).first().waitFor();
    quiet(desk);
    await syncNow(wang);
    county.film(await filmed(wang, code.path, code.size));
    await go(wang, "/homes/scan");
    await told().getByText("这块门牌已经换过").waitFor();
    await accessible(wang, "scan-replaced");
    await told().getByRole("link", { name: "打开这处房屋" }).click();
    await wang.waitForFunction((home) => location.hash === `#/homes/${home}`, home);

    // What a stranger's phone opens is what stands in the code: read once more with the photo a stranger takes.
    const token = JSON.parse(await desk.evaluate(async (area) => {
        const answer = await fetch("/desk/v1/call", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ ask: "plates", with: { area } }) });
        return answer.text();
    }, "330822001001")).Ok.reply.rows.find((row) => row.number === number).token;
    const stranger = await county.open(`${county.address}/p/${token}`, PHONE);
    await stranger.getByText(number).first().waitFor();
    assert.match(await stranger.locator("main").innerText(), /怎么报送/);
    await stranger.screenshot({ path: resolve("target/shots/browser/plate-stranger.png") });
    await stranger.emulateMedia({ colorScheme: "dark" });
    await stranger.screenshot({ path: resolve("target/shots/browser/plate-stranger-dark.png") });
    quiet(stranger);

    // Asked for on the phone, and there with the next sync.
    await go(wang, `/homes/${home}/plate`);
    await wang.getByRole("button", { name: "换一块新牌" }).click();
    await wang.getByRole("dialog").getByRole("button", { name: "换一块新牌" }).click();
    await wang.getByText("已申请换牌").first().waitFor();
    await syncNow(wang);
    await go(wang, `/homes/${home}/plate`);
    await wang.getByText("第几块").waitFor();
    assert.match(await wang.locator("main").innerText(), /第几块\s*3/);
    quiet(wang);
});
