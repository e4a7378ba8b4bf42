// The real Tauri window against the real server: the screens start in the system's WebKit under the shell's content-security
// policy, a device is enrolled by hand, background sync fills it, a save goes out by itself, and a restart finds everything.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';

import { openWindow } from './driver.mjs';

const root = resolve(import.meta.dirname, '../..');
const built = join(process.env.CARGO_TARGET_DIR ?? join(root, 'target'), 'debug');
const application = join(built, 'doorstep');
const serverProgram = join(built, 'sync-server');
const PASSWORD = 'wang-doorstep';
const PIN = '270914';

let room;
let server;
let address;
let window;

const inRoom = (name) => join(room, name);
const code = () => JSON.parse(execFileSync(serverProgram, ['--data', inRoom('server'), 'device', 'code', '--account', 'wang', '--json'])).code;

async function freePort() {
  const socket = createServer();
  await new Promise((listening) => socket.listen(0, '127.0.0.1', listening));
  const { port } = socket.address();
  await new Promise((closed) => socket.close(closed));
  return port;
}

async function startServer(port) {
  const child = spawn(serverProgram, ['--data', inRoom('server'), 'serve', '--listen', `127.0.0.1:${port}`, '--screens', join(root, 'target/screens')], { stdio: 'ignore' });
  for (let tries = 0; tries < 100; tries += 1) {
    if (await fetch(`${address}/healthz`).then((reply) => reply.ok, () => false)) return child;
    await new Promise((wake) => setTimeout(wake, 100));
  }
  throw new Error('the server did not answer');
}

const open = () => openWindow(application, ['--dir', inRoom('data')], { DOORSTEP_KEYS_DIR: inRoom('keys') });

/** Asks the device behind the window as the screens do: through the shell's one command. */
async function ask(command) {
  const answer = await window.runAsync(
    'const [request, done] = arguments; window.__TAURI_INTERNALS__.invoke("call", { request }).then(done, (error) => done(String(error)));',
    JSON.stringify(command),
  );
  return JSON.parse(answer);
}

async function sync() {
  const answer = await ask({ ask: 'status', with: {} });
  assert.ok(answer.Ok, JSON.stringify(answer));
  return answer.Ok.reply.sync;
}

async function untilSync(isTrue, why, msMax = 60_000) {
  const end = Date.now() + msMax;
  for (;;) {
    const status = await sync();
    if (isTrue(status)) return status;
    assert.ok(Date.now() < end, `waited for ${why}: ${JSON.stringify(status)}`);
    await new Promise((wake) => setTimeout(wake, 200));
  }
}

/** Types into a field found by its id. */
async function fill(id, text) {
  await window.until(`return document.getElementById(${JSON.stringify(id)}) !== null`, `the field ${id}`);
  await window.type(await window.find(`#${id}`), text);
}

async function press(words) {
  const found = `[...document.querySelectorAll('button, a')].find((element) => element.innerText.trim() === ${JSON.stringify(words)})`;
  await window.until(`return !!${found}`, `the button ${words}`);
  await window.run(`${found}.click()`);
}

before(async () => {
  for (const program of [application, serverProgram]) assert.ok(existsSync(program), `${program} is not built`);
  room = mkdtempSync(join(tmpdir(), 'doorstep-window-'));
  const port = await freePort();
  address = `http://127.0.0.1:${port}`;
  execFileSync(serverProgram, ['--data', inRoom('server'), 'demo'], { stdio: 'ignore' });
  server = await startServer(port);
  window = await open();
});

after(async () => {
  await window?.close();
  server?.kill('SIGTERM');
  if (room) rmSync(room, { recursive: true, force: true });
});

test('the window draws the app, in Chinese, under the strict policy', { timeout: 60_000 }, async () => {
  await window.until('return document.body && document.body.innerText.trim().length > 0', 'the first screen');
  assert.equal(await window.run('return document.querySelector("main.plain-page")?.innerText ?? null'), null, 'no plain page of excuses');
  assert.equal(await window.run('return document.documentElement.lang'), 'zh-CN');
  await window.until('return document.getElementById("server") !== null', 'the screen for a new device');
  const evaluated = await window.run('try { return String(new Function("return 1")()); } catch (error) { return error.name; }');
  assert.equal(evaluated, 'EvalError', 'text cannot become code');
});

test('a device is enrolled by hand, and background sync fills it unasked', { timeout: 120_000 }, async () => {
  await fill('server', address);
  await fill('code', code());
  await fill('password', PASSWORD);
  await press('绑定');
  await window.until('return document.querySelector("nav") !== null', 'the tab bar');
  await untilSync((status) => status.receipt_unix_ms !== null && !status.syncing, 'the first answer of the server');
  await window.run('location.hash = "#/homes"');
  await window.until('return document.querySelectorAll(".rows a").length > 0', 'homes from the server');
  await window.picture(join(root, 'target/shots/window.png'));
});

test('what is saved without a network is there after a restart, and goes out by itself', { timeout: 120_000 }, async () => {
  const port = Number(new URL(address).port);
  server.kill('SIGTERM');
  await window.run('location.hash = "#/homes/new"');
  await fill('road', '文峰西路');
  await fill('plate_no', '318号');
  await fill('landlord_name', '占志强');
  await fill('landlord_phone', '13757000318');
  await fill('rooms', '101-103');
  await window.run('const area = document.getElementById("area"); if (!area.value) { area.selectedIndex = 1; area.dispatchEvent(new Event("change", { bubbles: true })); }');
  await press('保存');
  await untilSync((status) => status.waiting > 0, 'the save');
  await window.close();

  window = await open();
  await window.until('return document.getElementById("password") !== null', 'the password');
  assert.equal(await window.run('return document.getElementById("code")'), null, 'the device still knows whose it is');
  await fill('password', PASSWORD);
  await press('登录');
  await window.until('return document.querySelector("nav") !== null', 'the tab bar');
  const before = await sync();
  assert.ok(before.waiting > 0, 'saved work survives the restart');
  server = await startServer(port);
  const after = await untilSync((status) => status.waiting === 0, 'background sync');
  assert.equal(after.refused_open, 0);
});

test('a PIN locks the window, also over a restart, and a wrong one opens nothing', { timeout: 120_000 }, async () => {
  await untilSync((status) => status.waiting === 0 && !status.syncing, 'everything to be handed in');
  await window.run('location.hash = "#/me/pin"');
  await fill('pin', PIN);
  await fill('pin_again', PIN);
  await press('保存');
  await window.until('return document.body.innerText.includes("解锁密码已经设好")', 'the PIN');
  await window.run('location.hash = "#/me"');
  await press('锁定');
  await window.until('return document.body.innerText.includes("已锁定")', 'the lock');
  assert.equal((await ask({ ask: 'sync_now', with: {} })).Err.code, 'locked', 'nothing answers behind it');
  await window.close();

  window = await open();
  await window.until('return document.body.innerText.includes("已锁定")', 'the lock after a restart');
  await window.picture(join(root, 'target/shots/window-locked.png'));
  await fill('pin', '804215');
  await press('解锁');
  await window.until('return document.body.innerText.includes("还可以试 9 次")', 'what a wrong one costs');
  await fill('pin', PIN);
  await press('解锁');
  await window.until('return document.querySelector("nav") !== null', 'the tab bar');
  assert.ok((await sync()).receipt_unix_ms, 'it is the same device as before');
});

test('who takes the disk out reads neither names nor that it is a database', { timeout: 60_000 }, async () => {
  const status = await ask({ ask: 'status', with: {} });
  assert.equal(status.Ok.reply.lock.encrypted, true, 'the window under test is built with --features encrypted-system');
  await window.close();
  const files = readdirSync(inRoom('data'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  assert.ok(files.some((entry) => entry.name === 'doorstep.db'));
  for (const entry of files) {
    const bytes = readFileSync(join(entry.parentPath ?? entry.path, entry.name));
    for (const text of ['SQLite format 3', '占志强', '13757000318', '文峰西路']) {
      assert.equal(bytes.indexOf(text), -1, `${entry.name} holds ${text}`);
    }
  }
  window = await open();
});
