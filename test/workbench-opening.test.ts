/** What the workbench's worker makes of the files that a person gives it, without a browser: each form, sessions and their files. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { unzipSync } from 'fflate';
import { DiagnosticSink } from '../src/base/index.ts';
import { type DtNode, printDts, readDtb } from '../src/devicetree/index.ts';
import { memoryHost } from '../src/workspace/index.ts';
import { Opening } from '../web/src/worker/opening.ts';
import { PayloadFiles } from '../web/src/worker/payload-files.ts';
import type { GivenFile, WorkerEvent } from '../web/src/worker/protocol.ts';
import { Workshop } from '../web/src/worker/workshop.ts';
import { drivervm } from './support/command.ts';
import { runOracle } from './support/oracles.ts';

const directory = mkdtempSync(join(tmpdir(), 'drivervm-opening-'));
after(() => rmSync(directory, { recursive: true, force: true }));
const DTB = 'meson-sm1-odroid-c4.dtb';
let images: readonly GivenFile[];
let dtb: GivenFile;

before(async () => {
  await drivervm(['payload', 'debian', '-o', join(directory, 'payload')]);
  const payloadFile = (path: string, name: string): GivenFile => ({
    path: name,
    content: new Uint8Array(readFileSync(join(directory, 'payload', path))),
  });
  dtb = payloadFile(`dtbs/amlogic/${DTB}`, DTB);
  images = [payloadFile('Image', 'Image'), payloadFile('initrd.cpio', 'initrd.cpio')];
});

function workshop(heard: WorkerEvent[] = [], program = 'a build'): Workshop {
  const host = memoryHost();
  const opening = new Opening(host, new PayloadFiles(() => {}));
  return new Workshop(host, opening, (event) => heard.push(event), program);
}

const text = (path: string, content: string): GivenFile => ({
  path,
  content: new TextEncoder().encode(content),
});

test('a tree with images beside it: a request that is planned, a project as a zip, a system that boots', async () => {
  const heard: WorkerEvent[] = [];
  const shop = workshop(heard);
  const opened = await shop.openFiles([dtb, ...images]);
  assert.equal(opened.title, 'Hardkernel ODROID-C4');
  assert.match(opened.text, /^kernel: Image$/m);
  const { project, diagnostics, pictures } = shop.change(opened.text);
  assert.deepEqual(diagnostics, []);
  assert.ok(project?.files.some(({ path }) => path === 'odroidc4.system'));
  assert.ok(pictures !== undefined);
  const typed = `${opened.text}stdout: ser`;
  const last = typed.split('\n');
  const place = { line: last.length, column: (last.at(-1) ?? '').length + 1 };
  assert.ok(shop.complete(typed, place).some(({ label }) => label.includes('serial')));

  const again = workshop();
  const description = await again.openFiles([
    { path: 'project.zip', content: shop.projectZip() },
    dtb,
    ...images,
  ]);
  assert.deepEqual([description.kind, description.name], ['description', 'odroidc4.system']);
  assert.deepEqual(again.change(description.text).diagnostics, []);
  const broken = again.change(description.text.replace('priority="100"', 'priority="300"'));
  assert.deepEqual(
    broken.diagnostics.map(({ severity, position }) => [severity, position?.file]),
    [['error', 'odroidc4.system']],
  );

  assert.deepEqual(await shop.boot(), []);
  while (!heard.some((event) => event.kind === 'said')) await new Promise((turn) => setTimeout(turn, 20));
  const saved = shop.saveRun();
  assert.ok(saved.length > 1e6);
  shop.stop();
  const [refusal] = await shop.boot(saved);
  assert.equal(refusal, undefined);
  shop.stop();
  const newer = workshop([], 'another build');
  newer.change((await newer.openFiles([dtb, ...images])).text);
  const [other] = await newer.boot(saved);
  assert.equal(other?.code, 'run/snapshot-of-other');
  assert.match(other?.message ?? '', /a build/);
});

test('a description alone boots with what lies beside it, and without that says what `run` says', async () => {
  const planned = workshop();
  planned.change((await planned.openFiles([dtb, ...images])).text);
  const files = unzipSync(planned.projectZip());
  const part = (name: string): GivenFile => ({ path: name, content: files[name] ?? assert.fail(name) });
  const heard: WorkerEvent[] = [];
  const shop = workshop(heard);
  const given = [part('odroidc4.system'), part('linux.dtb'), dtb, ...images];
  const opened = await shop.openFiles(given);
  assert.equal(shop.change(opened.text).project?.canRun, true);
  assert.deepEqual(await shop.boot(), []);
  while (!heard.some((event) => event.kind === 'said')) await new Promise((turn) => setTimeout(turn, 20));
  shop.stop();
  const codes = async (beside: readonly GivenFile[]) => {
    const alone = workshop();
    alone.change((await alone.openFiles([part('odroidc4.system'), ...beside])).text);
    return (await alone.boot()).map(({ code }) => code);
  };
  assert.deepEqual(await codes([]), ['run/no-board-tree']);
  assert.deepEqual(await codes([dtb]), ['run/no-images']);
});

test('a session is saved with what was given, and opens again', async () => {
  const shop = workshop();
  const opened = await shop.openFiles([dtb, ...images]);
  shop.change(opened.text.replace('pass: all', 'pass: [serial0]'));
  const again = await workshop().openFiles([{ path: 'mine.drivervm.zip', content: shop.sessionFile() }]);
  assert.equal(again.title, opened.title);
  assert.match(again.text, /^pass: \[serial0\]$/m);
});

test('a source with its includes, in a folder', async () => {
  const tree = readDtb(dtb.content, DTB, new DiagnosticSink());
  assert.ok(tree !== undefined);
  const opened = await workshop().openFiles([
    text(
      'linux/boards/board.dts',
      '#include <board.h>\n/dts-v1/;\n/include/ "chip.dtsi"\n/ { model = MODEL; };\n',
    ),
    text('linux/include/board.h', '#define MODEL "a board of mine"\n'),
    text('linux/boards/chip.dtsi', printDts(tree).replace('/dts-v1/;', '')),
    ...images.map(({ path, content }) => ({ path: `linux/${path}`, content })),
  ]);
  assert.equal(opened.title, 'a board of mine');
  assert.match(opened.text, /dtb: boards\/board\.dts/);
});

test('/proc/device-tree, as a folder and as an archive', async () => {
  const tree = readDtb(dtb.content, DTB, new DiagnosticSink());
  assert.ok(tree !== undefined);
  const live = join(directory, 'live', 'proc', 'device-tree');
  layOut(tree.root, live);
  const given: GivenFile[] = [];
  layOut(tree.root, '', (path, content) => given.push({ path: `device-tree${path}`, content }));
  const folder = await workshop().openFiles(given);
  assert.equal(folder.title, 'Hardkernel ODROID-C4');
  const archive = join(directory, 'live.tar.gz');
  assert.equal(runOracle('tar', ['-C', join(directory, 'live'), '-czf', archive, 'proc']).status, 0);
  const content = new Uint8Array(readFileSync(archive));
  const packed = await workshop().openFiles([{ path: 'live.tar.gz', content }]);
  assert.equal(packed.title, 'Hardkernel ODROID-C4');
});

test('what is nothing of all this is refused in a sentence', async () => {
  const refused = (files: readonly GivenFile[]) => assert.rejects(workshop().openFiles(files), /^Refusal: /);
  await refused([]);
  await refused([text('notes.txt', 'nothing')]);
  await refused([text('board.dts', '/dts-v1/;\n/ { model = ; };\n')]);
  await refused([text('broken.zip', 'PK\u0003\u0004 and no more')]);
});

function layOut(
  node: DtNode,
  path: string,
  write = (file: string, content: Uint8Array): void => {
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, content);
  },
): void {
  for (const [name, { value }] of node.properties) write(`${path}/${name}`, value);
  for (const [name, child] of node.children) layOut(child, `${path}/${name}`, write);
}
