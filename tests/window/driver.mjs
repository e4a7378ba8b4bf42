// The real window without a screen: an X server in memory, Tauri's driver in front of WebKit's, and as much of the
// WebDriver protocol as the tests use. Everything started here is stopped by `close`.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { pngOfXwd } from './xwd.mjs';

const START_MS_MAX = 60_000;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts an X server of its own, which keeps its picture in a file of `room`; resolves to its display, such as ":3". */
async function startDisplay(children, room) {
  const xvfb = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '430x900x24', '-nolisten', 'tcp', '-fbdir', room], { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  children.push(xvfb);
  const number = await new Promise((resolve, reject) => {
    let text = '';
    xvfb.stdio[3].on('data', (bytes) => {
      text += bytes;
      if (text.includes('\n')) resolve(text.trim());
    });
    xvfb.on('error', reject);
    xvfb.on('exit', () => reject(new Error('Xvfb ended before it was ready')));
  });
  return `:${number}`;
}

/** Opens `application` with `args` and `env` in a window nobody sees. */
export async function openWindow(application, args, env) {
  const children = [];
  const room = mkdtempSync(join(tmpdir(), 'doorstep-display-'));
  const stop = async () => {
    for (const child of children.reverse()) {
      if (child.exitCode === null) child.kill('SIGTERM');
    }
    await pause(300);
    for (const child of children) {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    }
    rmSync(room, { recursive: true, force: true });
  };
  try {
    const display = await startDisplay(children, room);
    const [port, nativePort] = [await freePort(), await freePort()];
    let said = '';
    const driver = spawn('tauri-driver', ['--port', `${port}`, '--native-port', `${nativePort}`, '--native-driver', '/usr/bin/WebKitWebDriver'], {
      // Compositing needs a graphics card; without one WebKit paints nothing.
      env: { ...process.env, ...env, DISPLAY: display, WEBKIT_DISABLE_COMPOSITING_MODE: '1', NO_AT_BRIDGE: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.push(driver);
    for (const stream of [driver.stdout, driver.stderr]) stream.on('data', (bytes) => (said += bytes));
    const base = `http://127.0.0.1:${port}`;
    const ask = async (method, path, body) => {
      const reply = await fetch(base + path, { method, body: body === undefined ? undefined : JSON.stringify(body) });
      const { value } = await reply.json();
      if (!reply.ok) throw new Error(`${method} ${path}: ${value.error}: ${value.message}\n${said}`);
      return value;
    };
    const end = Date.now() + START_MS_MAX;
    while (!(await fetch(`${base}/status`).then((reply) => reply.ok, () => false))) {
      if (Date.now() > end) throw new Error(`tauri-driver did not start\n${said}`);
      await pause(100);
    }
    const { sessionId } = await ask('POST', '/session', { capabilities: { alwaysMatch: { 'tauri:options': { application, args } } } });
    const session = `/session/${sessionId}`;
    const window = {
      /** Runs a function body in the page. */
      run: (script, ...values) => ask('POST', `${session}/execute/sync`, { script, args: values }),
      /** Runs a function body whose last argument is the callback to answer with. */
      runAsync: (script, ...values) => ask('POST', `${session}/execute/async`, { script, args: values }),
      /** Waits until the function body answers something true, and returns it. */
      async until(script, why, msMax = 20_000) {
        const end = Date.now() + msMax;
        for (;;) {
          const answer = await window.run(script);
          if (answer) return answer;
          if (Date.now() > end) {
            const text = await window.run('return document.body.innerText');
            throw new Error(`waited for ${why}; the window shows: ${text}\n${said}`);
          }
          await pause(100);
        }
      },
      /** The element that a CSS selector finds first. */
      find: async (selector) => Object.values(await ask('POST', `${session}/element`, { using: 'css selector', value: selector }))[0],
      click: (element) => ask('POST', `${session}/element/${element}/click`, {}),
      type: (element, text) => ask('POST', `${session}/element/${element}/value`, { text }),
      /** Keeps a picture of the display: WebKit's own screenshot never answers without a graphics card. */
      async picture(file) {
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, pngOfXwd(readFileSync(join(room, 'Xvfb_screen0'))));
      },
      async close() {
        await ask('DELETE', session).catch(() => {});
        await stop();
      },
    };
    return window;
  } catch (error) {
    await stop();
    throw error;
  }
}
