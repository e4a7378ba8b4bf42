// A demo county for a test: the real server, real devices behind device-http, a real browser.
import { spawn, execFileSync } from "node:child_process";
import http from "node:http";
import { createServer } from "node:net";
import { cpSync, mkdtempSync, rmSync, existsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { once } from "node:events";
import { afterEach } from "node:test";
import assert from "node:assert/strict";
import { chromium } from "playwright-core";
import AxeBuilder from "@axe-core/playwright";

const SERVER = resolve("target/debug/sync-server");
const DEVICE = resolve("target/debug/device-http");
const SCREENS = resolve("target/screens");
const SHOTS = resolve("target/shots/browser");
export const PHONE = { width: 390, height: 844 };
export const DESKTOP = { width: 1280, height: 800 };

// All pages of this file's tests: what stood on them is told when a test fails.
const pages = [];
// Answers of a device told then.
const ANSWERS_TOLD = 6;

afterEach(async (test) => {
    if (test.passed !== false && !test.error) return;
    for (const [number, page] of pages.entries()) {
        if (page.isClosed()) continue;
        const seen = await page.evaluate(() => ({
            address: location.href.replace(/\?.*?(?=#|$)/, ""),
            text: document.body.innerText.slice(0, 1_500),
            fields: Object.fromEntries([...document.querySelectorAll("input, select, textarea")].map((field) => [field.id || field.name, field.value])),
        })).catch((error) => ({ gone: String(error) }));
        console.error(`page ${number} when “${test.name}” failed:`, seen, { complaints: page.complaints, answers: page.answers });
        await page.screenshot({ path: join(SHOTS, `failed-${test.name.replaceAll(/\W+/g, "-").slice(0, 60)}-${number}.png`) }).catch(() => {});
    }
});

async function freePort() {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address();
    server.close();
    await once(server, "close");
    return port;
}

// Resolves with the first line that matches; fails loudly when the program ends before.
function firstLine(child, pattern) {
    return new Promise((found, failed) => {
        let said = "";
        const look = (chunk) => {
            said += chunk;
            const match = said.match(pattern);
            if (match) found(match);
        };
        child.stdout.on("data", look);
        child.stderr.on("data", look);
        child.once("exit", (code) => failed(new Error(`ended with ${code} before it was ready: ${said.slice(-2000)}`)));
        setTimeout(() => failed(new Error(`not ready in time: ${said.slice(-2000)}`)), 30_000).unref();
    });
}

async function end(child) {
    if (!child || child.exitCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGTERM");
    const late = setTimeout(() => child.kill("SIGKILL"), 10_000);
    await gone;
    clearTimeout(late);
}

export class County {
    // `camera`: a made-up one, which plays whatever `film` wrote last.
    static async start({ camera = false } = {}) {
        const county = new County();
        county.dir = mkdtempSync(join(tmpdir(), "doorstep-browser-"));
        county.data = join(county.dir, "server");
        county.port = await freePort();
        county.address = `http://127.0.0.1:${county.port}`;
        county.devices = [];
        county.filmFile = join(county.dir, "camera.y4m");
        if (camera) county.film(new Uint8Array(640 * 480).fill(128));
        // `run` makes the demo county once for all of them.
        if (process.env.DOORSTEP_DEMO) cpSync(process.env.DOORSTEP_DEMO, county.data, { recursive: true });
        else execFileSync(SERVER, ["--data", county.data, "demo"], { stdio: "ignore" });
        await county.startServer();
        county.browser = await chromium.launch({
            executablePath: existsSync("/usr/bin/chromium") ? "/usr/bin/chromium" : undefined,
            args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--lang=zh-CN",
                ...(camera ? ["--use-fake-device-for-media-stream", `--use-file-for-fake-video-capture=${county.filmFile}`] : [])],
            env: { ...process.env, LANG: "zh_CN.UTF-8", LANGUAGE: "zh_CN" },
        });
        return county;
    }

    // What the made-up camera sees from its next start on: 640 by 480 shades of grey.
    film(grey) {
        const frame = Buffer.concat([Buffer.from("FRAME\n"), Buffer.from(grey), Buffer.alloc(640 * 480 / 2, 128)]);
        writeFileSync(this.filmFile, Buffer.concat([Buffer.from("YUV4MPEG2 W640 H480 F10:1 Ip A1:1 C420jpeg\n"), frame, frame, frame]));
    }

    async startServer() {
        this.server = spawn(SERVER, ["--data", this.data, "serve", "--listen", `127.0.0.1:${this.port}`, "--screens", SCREENS], { stdio: ["ignore", "pipe", "pipe"] });
        this.server.stdout.resume();
        this.server.stderr.resume();
        for (let tries = 0; tries < 100; tries += 1) {
            const answer = await fetch(`${this.address}/healthz`).catch(() => null);
            if (answer?.ok) return;
            await new Promise((wake) => setTimeout(wake, 100));
        }
        throw new Error("the server did not answer");
    }

    // As a village loses its line: the devices are on their own.
    async stopServer() {
        await end(this.server);
    }

    // The server's disk died, and an hour-old copy is all there is.
    async restoreServer() {
        const copy = join(this.dir, "copy.db");
        execFileSync(SERVER, ["--data", this.data, "backup", copy], { stdio: "ignore" });
        await this.stopServer();
        execFileSync(SERVER, ["--data", this.data, "restore", copy, "--replace"], { stdio: "ignore" });
        await this.startServer();
    }

    // The rules for what happens from a day on.
    policy(pack, from) {
        execFileSync(SERVER, ["--data", this.data, "policy", pack, "--from", from], { stdio: "ignore" });
    }

    code(account) {
        return JSON.parse(execFileSync(SERVER, ["--data", this.data, "device", "code", "--account", account, "--json"])).code;
    }

    // A device behind its own port; it syncs only when somebody presses the button.
    async device() {
        this.devices.push(null);
        return this.switchOn(this.devices.length - 1);
    }

    async switchOn(number) {
        const child = spawn(DEVICE, ["--dir", join(this.dir, `device-${number}`), "--port", "0", "--screens", join(SCREENS, "field"), "--no-sync"], { stdio: ["ignore", "pipe", "pipe"] });
        this.devices[number] = child;
        const [address] = await firstLine(child, /http:\/\/127\.0\.0\.1:\d+\/\S*/);
        return address;
    }

    // A phone lay in a drawer: it is switched off, has heard of the server so many days earlier, and is switched on again.
    async leaveInDrawer(number, days) {
        await end(this.devices[number]);
        const put = "import sqlite3, sys; file = sqlite3.connect(sys.argv[1]); file.execute(\"UPDATE meta SET value = CAST(value AS INTEGER) - ? WHERE key = 'server_unix_ms'\", (int(sys.argv[2]) * 86400000,)); file.commit()";
        execFileSync("python3", ["-c", put, join(this.dir, `device-${number}`, "doorstep.db"), String(days)]);
        return this.switchOn(number);
    }

    // A page on a fresh device. Whatever the page complains about on its console fails the test at the end.
    async open(address, viewport, options = {}) {
        const context = await this.browser.newContext({ viewport, locale: "zh-CN", timezoneId: "Asia/Shanghai", ...options });
        const page = await context.newPage();
        page.complaints = [];
        page.answers = [];
        pages.push(page);
        page.on("response", async (answer) => {
            if (!answer.url().includes("/call")) return;
            const asked = answer.request().postData() ?? "";
            const said = await answer.text().catch((error) => String(error));
            page.answers.push(`${answer.status()} ${asked.slice(0, 200)} → ${said.slice(0, 300)}`);
            if (page.answers.length > ANSWERS_TOLD) page.answers.shift();
        });
        page.on("console", (message) => {
            if (message.type() === "error" && !expected(message)) page.complaints.push(message.text());
        });
        page.on("pageerror", (error) => page.complaints.push(String(error)));
        page.setDefaultTimeout(15_000);
        await page.goto(address);
        return page;
    }

    async stop() {
        await this.browser?.close();
        for (const child of this.devices) await end(child);
        await this.stopServer();
        rmSync(this.dir, { recursive: true, force: true });
    }
}

// A line between a device and the county's server on which an answer can get lost: the server has done what it was asked, and
// the device hears nothing.
export class Line {
    static async to(county) {
        const line = new Line();
        line.lost = 0;
        line.losing = 0;
        line.server = http.createServer((asked, answer) => {
            const onward = http.request({ host: "127.0.0.1", port: county.port, method: asked.method, path: asked.url, headers: asked.headers }, (reply) => {
                const lose = line.losing > 0 && asked.method === "POST" && asked.url.startsWith("/sync/");
                if (!lose) {
                    answer.writeHead(reply.statusCode, reply.headers);
                    reply.pipe(answer);
                    return;
                }
                line.losing -= 1;
                reply.resume().once("end", () => {
                    line.lost += 1;
                    asked.socket.destroy();
                });
            });
            onward.once("error", () => asked.socket.destroy());
            asked.pipe(onward);
        });
        line.server.listen(0, "127.0.0.1");
        await once(line.server, "listening");
        line.address = `http://127.0.0.1:${line.server.address().port}`;
        return line;
    }

    stop() {
        this.server.closeAllConnections();
        this.server.close();
    }
}

// A refused sign-in is an answer, and Chromium prints every 4xx.
function expected(message) {
    return /status of 40[0134]/.test(message.text());
}

export async function enrol(page, county, account, address = county.address) {
    await page.locator("#server").fill(address);
    await page.locator("#code").fill(county.code(account));
    await page.locator("#password").fill(`${account}-doorstep`);
    await page.getByRole("button", { name: "绑定" }).click();
    await page.getByRole("navigation").waitFor();
}

// An officer at the desk.
export async function signIn(page, login) {
    await page.locator("#login").fill(login);
    await page.locator("#password").fill(`${login}-doorstep`);
    await page.getByRole("button", { name: "登录" }).click();
    await page.getByRole("navigation", { name: "主导航" }).waitFor();
}

export async function syncNow(page) {
    await go(page, "/me");
    await page.getByRole("button", { name: "立即同步" }).click();
    await page.getByText("都已到服务器").waitFor({ timeout: 60_000 });
}

export async function go(page, path) {
    await page.evaluate((hash) => { location.hash = hash; }, `#${path}`);
}

export async function shot(page, name) {
    await page.evaluate(() => document.fonts.ready);
    await page.screenshot({ path: join(SHOTS, `${name}.png`) });
}

// Nothing that keeps anybody out: checked in light, dark and care mode.
export async function accessible(page, where) {
    const before = await page.evaluate(() => ({ theme: document.documentElement.dataset.weuiTheme, care: document.documentElement.dataset.care }));
    for (const [mode, theme, care] of [["light", "light", false], ["dark", "dark", false], ["care", "light", true]]) {
        await page.evaluate(([theme, care]) => {
            document.documentElement.dataset.weuiTheme = theme;
            document.body.dataset.weuiTheme = theme;
            if (care) document.documentElement.dataset.care = "true";
            else delete document.documentElement.dataset.care;
        }, [theme, care]);
        const { violations } = await new AxeBuilder({ page }).analyze();
        assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target).join(" ")}`), [], `${where}, ${mode}`);
        await shot(page, `${where}-${mode}`);
    }
    await page.evaluate(({ theme, care }) => {
        if (theme) document.documentElement.dataset.weuiTheme = theme; else delete document.documentElement.dataset.weuiTheme;
        if (theme) document.body.dataset.weuiTheme = theme; else delete document.body.dataset.weuiTheme;
        if (care) document.documentElement.dataset.care = care; else delete document.documentElement.dataset.care;
    }, before);
}

export function quiet(page) {
    assert.deepEqual(page.complaints, [], "the console is quiet");
}

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

// A made-up number that passes GB 11643.
export function documentNumber(first17) {
    const sum = [...first17].reduce((total, digit, at) => total + Number(digit) * WEIGHTS[at], 0);
    return first17 + "10X98765432"[sum % 11];
}

// Everybody not answered about yet lives there. Whoever may have left is not among “all the others” and gets a tap of their own.
export async function allHere(page) {
    const others = page.getByRole("button", { name: "其余都在" });
    if (await others.isVisible()) await others.click();
    const progress = () => page.locator(".visit-progress").innerText().then((text) => text.match(/\d+/g).map(Number));
    for (let tries = 0; tries < 100; tries += 1) {
        const [all, asked] = await progress();
        if (all === asked) return;
        const open = page.locator(".check-item").getByRole("button", { name: "在住", exact: true });
        // The row that was just answered may still stand there and go away under the tap: then the next look finds the next one.
        if (await open.count()) await open.first().click({ timeout: 3_000 }).catch(() => {});
        await page.waitForFunction((asked) => Number(document.querySelector(".visit-progress").textContent.match(/\d+/g)[1]) > asked, asked, { timeout: 3_000 }).catch(() => {});
    }
    throw new Error("somebody is left over");
}

export async function fillResident(page, { doc, name, phone, relation = "LESSEE" }) {
    await page.locator("#doc_no").fill(doc);
    await page.locator("#name").fill(name);
    // The number fills birth date and sex, and suggests the region.
    await page.locator("#birth").evaluate((field) => new Promise((filled) => {
        const look = () => (field.value ? filled() : setTimeout(look, 30));
        look();
    }));
    // The region's own suggestion; what most people answer has its groups further down.
    const region = page.locator(".suggestion:not([role=group]) .suggestion-button");
    // Seen missing twice on a machine under load and never since: whoever waits for it types the last digit again, and it is told.
    await region.waitFor({ timeout: 8_000 }).catch(async () => {
        console.error("the region was not suggested:", await page.locator("#doc_no").inputValue(), page.answers);
        await page.locator("#doc_no").fill(doc.slice(0, -1));
        await page.locator("#doc_no").fill(doc);
    });
    await region.click();
    await region.waitFor({ state: "detached" });
    await page.locator("#phone").fill(phone);
    await page.locator("#reason").selectOption("204");
    await page.locator("#intended").selectOption("4");
    await page.locator("#relation").selectOption(relation);
}
