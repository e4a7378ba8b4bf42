// The lock: a PIN is set, a form is interrupted by it, a wrong one waits, and a forgotten one hands in and begins anew.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { County, DESKTOP, PHONE, accessible, enrol, go, quiet, shot, syncNow } from "./county.mjs";

const PIN = "270914";
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

async function lockNow() {
    await go(wang, "/me");
    await wang.getByRole("button", { name: "锁定" }).click();
    await wang.getByText("已锁定").waitFor();
}

async function press(pin) {
    for (const digit of pin) await wang.getByRole("button", { name: digit, exact: true }).click();
    await wang.getByRole("button", { name: "解锁", exact: true }).click();
}

test("a PIN is set under 我的, and a simple one is not taken", async () => {
    await go(wang, "/me");
    await wang.getByText("未加密").waitFor();
    await wang.getByRole("link", { name: /解锁密码/ }).click();
    await wang.locator("#pin").fill("123456");
    await wang.locator("#pin_again").fill("123456");
    await wang.getByRole("button", { name: "保存" }).click();
    await wang.getByText("要六到十二位数字").waitFor();
    await accessible(wang, "lock-set-pin");
    await wang.locator("#pin").fill(PIN);
    await wang.locator("#pin_again").fill(PIN);
    await wang.getByRole("button", { name: "保存" }).click();
    await wang.getByText("已设置").waitFor();
});

test("a form interrupted by the lock is still there, by thumb and by keyboard", async () => {
    await go(wang, "/homes/new");
    const field = wang.locator("input[type=text]").first();
    const id = await field.getAttribute("id");
    await field.fill("三号门");
    await wang.waitForTimeout(800);
    const address = await wang.evaluate(() => location.hash);
    await wang.evaluate(() => fetch("/call", { method: "POST", headers: { "content-type": "application/json" }, body: '{"ask":"lock","with":{}}' }));
    await wang.getByText("已锁定").waitFor();
    const sizes = await wang.locator(".pad-key").evaluateAll((keys) => keys.map((key) => Math.min(key.offsetHeight, key.offsetWidth)));
    assert.ok(sizes.length === 12 && sizes.every((size) => size >= 48), `keys a thumb finds: ${sizes}`);
    await accessible(wang, "lock-screen");
    await press(PIN);
    await wang.locator(`#${id}`).waitFor();
    assert.equal(await wang.evaluate(() => location.hash), address, "the same page");
    assert.equal(await wang.locator(`#${id}`).inputValue(), "三号门");
    await lockNow();
    await wang.keyboard.type(PIN);
    await wang.keyboard.press("Enter");
    await wang.getByRole("button", { name: "锁定" }).waitFor();
});

test("what was typed and chosen in a dialog outlives the lock, and is gone once it was sent", async () => {
    await go(wang, "/homes");
    await wang.locator(".rows a").first().click();
    await wang.getByRole("link", { name: "开始走访" }).click();
    await wang.getByRole("button", { name: "没见到人…" }).click();
    await wang.getByRole("dialog").getByRole("button", { name: "拒绝", exact: true }).click();
    await wang.locator("#visit_note").fill("邻居说下周才回来");
    await wang.waitForTimeout(600);
    await wang.evaluate(() => fetch("/call", { method: "POST", headers: { "content-type": "application/json" }, body: '{"ask":"lock","with":{}}' }));
    await wang.getByText("已锁定").waitFor();
    await press(PIN);
    await wang.getByRole("button", { name: "没见到人…" }).click();
    await wang.waitForFunction(() => document.querySelector("#visit_note")?.value === "邻居说下周才回来");
    const refused = wang.getByRole("dialog").getByRole("button", { name: "拒绝", exact: true });
    assert.equal(await refused.getAttribute("aria-pressed"), "true", "what was chosen is still chosen");
    await wang.getByRole("dialog").getByRole("button", { name: "无人", exact: true }).click();
    const visit = (await wang.evaluate(() => location.hash)).slice(1);
    await wang.locator("dialog").getByRole("button", { name: "走访完成" }).click();
    await wang.getByText("邻居说下周才回来").waitFor();
    await go(wang, visit);
    await wang.getByRole("button", { name: "没见到人…" }).click();
    await wang.waitForTimeout(300);
    assert.equal(await wang.locator("#visit_note").inputValue(), "");
    await wang.locator("dialog").getByRole("button", { name: "取消" }).click();
    await syncNow(wang);
    await wang.getByRole("button", { name: "锁定" }).waitFor();
});

test("nobody touches it, or it is out of sight for a while: it locks itself, and a glance at a message does not", async () => {
    await wang.clock.install();
    await wang.reload();
    await wang.getByRole("button", { name: "锁定" }).waitFor();
    const minutes = await wang.evaluate(async () => {
        const answer = await fetch("/call", { method: "POST", headers: { "content-type": "application/json" }, body: '{"ask":"status","with":{}}' });
        return (await answer.json()).Ok.reply.settings.lock_after_min;
    });
    await wang.clock.fastForward((minutes * 60 - 20) * 1000);
    await wang.getByRole("heading", { name: "我的" }).first().click();
    await wang.clock.fastForward(30_000);
    await wang.getByRole("button", { name: "锁定" }).waitFor();
    await wang.clock.fastForward((minutes * 60 + 10) * 1000);
    await wang.getByText("已锁定").waitFor();
    await press(PIN);
    await wang.getByRole("button", { name: "锁定" }).waitFor();
    const sight = (hidden) => wang.evaluate((hidden) => {
        Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
        document.dispatchEvent(new Event("visibilitychange"));
    }, hidden);
    await sight(true);
    await wang.clock.fastForward(40_000);
    await sight(false);
    await wang.getByRole("button", { name: "锁定" }).waitFor();
    await sight(true);
    await wang.clock.fastForward(70_000);
    await sight(false);
    await wang.getByText("已锁定").waitFor();
    await press(PIN);
    await wang.getByRole("button", { name: "锁定" }).waitFor();
});

test("a wrong PIN says what is left, the third one waits", async () => {
    await lockNow();
    await press("804215");
    await wang.getByText("解锁密码不对").waitFor();
    await wang.getByText("还可以试 9 次").waitFor();
    await press("804215");
    await wang.getByText("还可以试 8 次").waitFor();
    await press("804215");
    await wang.getByText(/请过 \d+ 秒再试/).waitFor();
    await shot(wang, "lock-wait");
    await wang.setViewportSize(DESKTOP);
    await shot(wang, "lock-desktop");
    await wang.setViewportSize(PHONE);
});

test("a forgotten PIN: what is sealed is handed in, then the phone is set up again", async () => {
    await wang.getByRole("button", { name: "忘记解锁密码" }).click();
    await accessible(wang, "lock-forgotten");
    await wang.getByRole("button", { name: "重新绑定本机" }).click();
    await wang.getByRole("dialog").getByRole("button", { name: "重新绑定本机" }).click();
    await wang.getByRole("button", { name: "绑定", exact: true }).waitFor();
    await enrol(wang, county, "wang");
    await syncNow(wang);
    quiet(wang);
});
