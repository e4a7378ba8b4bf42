// The real Tauri window: the screens start in the system's WebKit, under the shell's content-security policy.
// Run by scripts/test, after the screens and the window are built:  node --test tests/window/
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';

import { openWindow } from './driver.mjs';

const root = resolve(import.meta.dirname, '../..');
const application = process.env.DOORSTEP_WINDOW ?? join(process.env.CARGO_TARGET_DIR ?? join(root, 'target'), 'debug/doorstep');

test('the window opens and draws the app', { timeout: 120_000 }, async (t) => {
  assert.ok(existsSync(application), `${application} is not built: cargo build -p doorstep`);
  const room = mkdtempSync(join(tmpdir(), 'doorstep-window-'));
  t.after(() => rmSync(room, { recursive: true, force: true }));
  const window = await openWindow(application, ['--dir', join(room, 'data')], { DOORSTEP_KEYS_DIR: join(room, 'keys') });
  t.after(() => window.close());

  await window.until('return document.body && document.body.innerText.trim().length > 0', 'the first screen');
  assert.equal(await window.run('return document.querySelector("main.plain-page")?.innerText ?? null'), null, 'no plain page of excuses');
  assert.equal(await window.run('return document.documentElement.lang'), 'zh-CN');
  assert.match(await window.run('return document.body.innerText'), /登门/);
  await window.picture(join(root, 'target/shots/window.png'));
});
