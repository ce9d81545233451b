/**
 * The library in a browser: the rooms in one file without anything of Node's, in a page of headless Chromium, plan, write, read and run
 * a project as `library.test.ts` does in Node, and the guest says the same. Without Chromium only that the file can be made.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { build } from 'esbuild';
import { memoryHost } from '../src/workspace/index.ts';
import { drivervm } from './support/command.ts';
import { PROJECT_ROOT } from './support/files.ts';
import { type TenLines, tenLines } from './support/ten-lines.ts';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-headless-shell'].find(existsSync);
const directory = mkdtempSync(join(tmpdir(), 'drivervm-browser-'));
after(() => rmSync(directory, { recursive: true, force: true }));

/** The page's script: what it takes of Node would fail to be found here. */
async function pageScript(): Promise<Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: [join(PROJECT_ROOT, 'dist', 'test', 'support', 'browser-page.js')],
    bundle: true,
    platform: 'browser',
    format: 'esm',
    target: 'es2023',
    write: false,
    logLevel: 'silent',
  });
  const [script] = outputFiles;
  assert.ok(script);
  return script.contents;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** What the page's script posts, which ends the browser. */
async function shownIn(chromium: string, files: ReadonlyMap<string, Uint8Array>): Promise<TenLines> {
  const { promise, resolve, reject } = deferred<TenLines>();
  const server = createServer(async (request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    if (path === '/outcome') resolve(JSON.parse(await bodyOf(request)));
    const content =
      path === '/'
        ? Buffer.from('<!doctype html><script type="module" src="/page.js"></script>')
        : files.get(path);
    const type =
      path === '/' ? 'text/html' : path.endsWith('.js') ? 'text/javascript' : 'application/octet-stream';
    response.writeHead(content === undefined ? 404 : 200, { 'content-type': type }).end(content);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const browser = spawn(
    chromium,
    [
      ...['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run'],
      `--user-data-dir=${join(directory, 'profile')}`,
      `http://127.0.0.1:${port}/`,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'], detached: true },
  );
  let said = '';
  browser.stderr?.on('data', (chunk) => (said += chunk));
  browser.on('error', reject);
  const ended = new Promise((closed) => browser.on('close', closed));
  browser.on('close', (status) => reject(new Error(`Chromium ended with ${status}: ${said.slice(-2000)}`)));
  try {
    return await promise;
  } finally {
    // The browser's own processes are of its group.
    if (browser.pid !== undefined && browser.exitCode === null) process.kill(-browser.pid, 'SIGKILL');
    await ended;
    server.close();
  }
}

function deferred<T>() {
  let [resolve, reject] = [(_: T): void => {}, (_: Error): void => {}];
  const promise = new Promise<T>((fulfil, refuse) => {
    [resolve, reject] = [fulfil, refuse];
  });
  return { promise, resolve: (value: T) => resolve(value), reject: (error: Error) => reject(error) };
}

test('a project in ten lines, in memory and in a page of Chromium: the same words of the guest', async (t) => {
  await drivervm(['payload', 'debian', '-o', join(directory, 'payload')]);
  const files = new Map(
    [
      ['/board.dtb', 'dtbs/amlogic/meson-sm1-odroid-c4.dtb'],
      ['/Image', 'Image'],
      ['/initrd.cpio', 'initrd.cpio'],
    ].map(([name = '', path = '']) => [name, new Uint8Array(readFileSync(join(directory, 'payload', path)))]),
  );
  const overrides = { dtb: '/board.dtb', kernel: '/Image', initrd: '/initrd.cpio', pass: ['serial0'] };
  const here = await tenLines(memoryHost(Object.fromEntries(files)), overrides, '/project');
  assert.equal(here.end, 'until', JSON.stringify(here));
  assert.match(here.console, /Machine model: Hardkernel ODROID-C4/);
  const script = await pageScript();
  if (CHROMIUM === undefined) {
    t.skip('there is no Chromium here: npm run oracles installs it');
    return;
  }
  const there = await shownIn(CHROMIUM, new Map([...files, ['/page.js', script]]));
  assert.deepEqual(there, JSON.parse(JSON.stringify(here)));
});
