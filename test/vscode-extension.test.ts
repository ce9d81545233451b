/**
 * The extension for VS Code: its file as VS Code reads it, and, where CODE_SERVER names the command of a code-server (which is VS Code, served to
 * a browser), that one with the extension installed: findings at what is typed, with `drivervm lsp` started by it, and what is said where
 * there is no drivervm.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { strFromU8, unzipSync } from 'fflate';
import type { Browser } from 'puppeteer-core';
import { type BuiltExtension, buildExtension } from '../editors/bundle.ts';
import { vsix } from '../editors/vsix.ts';
import { CodeServer, CodeWindow } from './support/code-server.ts';
import { PROJECT_ROOT } from './support/files.ts';
import { BROWSERS, isInstalled, startBrowser } from './support/workbench.ts';

let built: BuiltExtension;
before(async () => {
  built = await buildExtension();
});

test('the file has everything that its manifests name', () => {
  const files = unzipSync(vsix(built.manifest, built.files));
  const text = (path: string) => strFromU8(files[path] ?? assert.fail(`${path} is not in the file`));
  const manifest = JSON.parse(text('extension/package.json'));
  const project = JSON.parse(readFileSync(join(PROJECT_ROOT, 'package.json'), 'utf8'));
  assert.equal(manifest.version, project.version);
  assert.match(manifest.engines.vscode, /^\^1\.\d+\.0$/);
  const { languages, grammars } = manifest.contributes;
  const named = [
    manifest.main,
    ...languages.map(({ configuration }: { configuration: string }) => configuration),
    ...grammars.map(({ path }: { path: string }) => path),
  ].map((path: string) => `extension/${path.replace('./', '')}`);
  const description = text('extension.vsixmanifest');
  const assets = [...description.matchAll(/<Asset [^>]*Path="([^"]*)"/g)].map(([, path = '']) => path);
  assert.equal(assets.length, 3);
  for (const path of [...named, ...assets]) assert.ok((files[path]?.length ?? 0) > 0, path);
  assert.match(description, new RegExp(`Id="${manifest.name}" Version="${manifest.version}"`));
  const types = [...text('[Content_Types].xml').matchAll(/Extension="\.([^"]*)"/g)].map(
    ([, ending]) => ending,
  );
  for (const path of Object.keys(files)) {
    if (path !== '[Content_Types].xml') assert.ok(types.includes(path.split('.').at(-1)), path);
  }
});

test('the bundle asks its host for VS Code and for what Node has, and the licences of what is in it are beside it', () => {
  const own = new Set(['vscode', ...builtinModules]);
  assert.deepEqual(
    built.external.filter((name) => !own.has(name.replace('node:', ''))),
    [],
  );
  assert.ok(built.packages.includes('vscode-languageclient'));
  const notices = strFromU8(built.files.get('ThirdPartyNotices.txt') ?? new Uint8Array());
  for (const name of built.packages) assert.ok(notices.includes(`${name} `), name);
});

const SYSTEM = `<system>
  <memory_region name="uart" size="0x1000" phys_addr="0x9000000" />
  <protection_domain name="driver" priority="300">
    <program_image path="driver.elf" />
    <map mr="uart" vaddr="0x2000000" perms="rw" cached="false" />
  </protection_domain>
</system>
`;
const REQUEST = 'board: nowhere.dtb\nkernel: Image\nvcpu: 2\n';

test('VS Code shows what drivervm finds, and says where there is no drivervm', async (t) => {
  const command = process.env['CODE_SERVER'];
  const [chromium] = BROWSERS;
  if (command === undefined) return t.skip('CODE_SERVER names no code-server');
  if (!isInstalled(chromium)) return t.skip(`${chromium.path} is not there: npm run oracles installs it`);
  const place = mkdtempSync(join(tmpdir(), 'drivervm-vscode-'));
  const [folder, file] = [join(place, 'folder'), join(place, 'drivervm.vsix')];
  mkdirSync(folder);
  writeFileSync(join(folder, 'a.system'), SYSTEM);
  writeFileSync(join(folder, 'request.yaml'), REQUEST);
  writeFileSync(file, vsix(built.manifest, built.files));
  const server = await CodeServer.start(command, place, folder, file);
  let browser: Browser | undefined;
  try {
    server.set({ 'drivervm.path': 'no-such-drivervm' });
    browser = await startBrowser(chromium);
    const page = await browser.newPage();
    const code = new CodeWindow(page);
    await page.goto(server.url);
    await code.open('a.system');
    await code.see('.statusbar', 'Microkit system description');
    await code.see('.notifications-toasts', 'drivervm is not found as "no-such-drivervm"');
    server.set({ 'drivervm.path': join(PROJECT_ROOT, 'bin', 'drivervm.js') });
    await page.goto(server.url);
    await code.open('a.system');
    await code.showProblems();
    await code.see('.markers-panel', 'sdf/priority-range');
    await code.open('request.yaml');
    await code.see('.markers-panel', 'request/unknown-key');
  } finally {
    await browser?.close();
    server.stop();
    rmSync(place, { recursive: true, force: true });
  }
});
