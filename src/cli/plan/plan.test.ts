/** `drivervm plan` as a user calls it, and what it does to a directory that it wrote before. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { memoryDirectory } from '../../../test/support/memory-directory.ts';
import { smallBoardSource } from '../../../test/support/small-board.ts';
import { DiagnosticSink } from '../../base/index.ts';
import { nodeHost } from '../../node/index.ts';
import { RECORD_PATH, writeProject } from '../../project/index.ts';
import { runCommandLine } from '../program.ts';

const directory = mkdtempSync(join(tmpdir(), 'drivervm-plan-'));
after(() => rmSync(directory, { recursive: true }));
const dts = join(directory, 'small.dts');
writeFileSync(dts, `/dts-v1/;\n${smallBoardSource({})}`);

async function drivervm(...args: readonly string[]) {
  let [out, err] = ['', ''];
  const status = await runCommandLine(args, {
    host: nodeHost(),
    stdout: { write: (text: string | Uint8Array) => (out += String(text)) },
    stderr: { write: (text: string | Uint8Array) => (err += String(text)) },
  });
  return { status, out, err };
}

test('flags alone: a report, and with -o a project', async () => {
  const report = await drivervm('plan', '--dtb', dts);
  assert.deepEqual([report.status, report.err], [0, '']);
  assert.match(report.out, /^small: A small board/);
  const project = join(directory, 'out');
  const args = ['--pass', 'serial0', '--ram', '256 MiB', '--name', 'demo', '-o', project];
  const written = await drivervm('plan', '--dtb', dts, ...args);
  assert.deepEqual([written.status, written.err], [0, '']);
  assert.ok(readdirSync(project).includes('demo.system'));
  const again = await drivervm('plan', '--dtb', dts, ...args);
  assert.equal(again.out.match(/same as before/g)?.length, readdirSync(project).length - 1);
  const plan = JSON.parse((await drivervm('plan', '--dtb', dts, ...args, '--json')).out).plan;
  assert.equal(plan.guests[0].ram.size, 0x1000_0000);
});

test('a request file, with flags on top of it', async () => {
  const request = join(directory, 'r.yaml');
  writeFileSync(request, 'board: small.dts\nexcept: ["ethernet@ff3f0000"]\nram: 128 MiB\n');
  const { status, out, err } = await drivervm('plan', request, '--bootargs', 'quiet', '--json');
  assert.deepEqual([status, err], [0, '']);
  const [guest] = JSON.parse(out).plan.guests;
  assert.deepEqual([guest.bootargs, guest.ram.size], ['quiet', 0x800_0000]);
  assert.equal(
    guest.devices.some(({ path }: { path: string }) => path.startsWith('/ethernet')),
    false,
  );
});

test('mistakes: misuse is 2, findings are 1, nothing is written', async () => {
  assert.equal((await drivervm('plan')).status, 2);
  const output = join(directory, 'none');
  const bad = await drivervm('plan', '--dtb', dts, '--pass', 'nothing', '-o', output);
  assert.equal(bad.status, 1);
  assert.match(bad.err, /^error\[plan\/no-such-device\]/m);
  const tail = await drivervm('plan', '--dtb', dts, '--kernel', join(directory, 'gone'));
  assert.match(tail.err, /warning\[plan\/no-image\].*gone/);
  assert.equal(readdirSync(directory).includes('none'), false);
  assert.match((await drivervm('plan', '--dtb', dts, '--board', 'nope')).err, /unknown-microkit-board/);
  assert.match((await drivervm('plan', join(directory, 'gone.yaml'))).err, /host\/cannot-access/);
});

test('an edited file stays until --force', async () => {
  const files = memoryDirectory({});
  const write = (content: string, force = false) =>
    writeProject(files, 'p', [{ path: 'vmm.c', content }], { force }, new DiagnosticSink());
  await write('one');
  files.writeAtomically('p/vmm.c', 'edited');
  await write('two');
  await write('three');
  assert.deepEqual([files.texts.get('p/vmm.c'), files.texts.get('p/vmm.c.new')], ['edited', 'three']);
  await write('four', true);
  assert.equal(files.texts.get('p/vmm.c'), 'four');
  await write('five');
  assert.equal(files.texts.get('p/vmm.c'), 'five');
  files.writeAtomically(`p/${RECORD_PATH}`, '{ not json');
  await write('six');
  assert.equal(files.texts.get('p/vmm.c'), 'five', "without a record every file counts as a person's");
});

test("a flag on top of a file leaves the other keys' places as they are", async () => {
  const request = join(directory, 'places.yaml');
  writeFileSync(request, 'board: small.dts\n# a note\npass:\n  - serial0\n  - nothing-such\n');
  const { err } = await drivervm('plan', request, '--ram', '128 MiB');
  assert.match(err, /places\.yaml:5:5: error\[plan\/no-such-device\]/);
  const flag = await drivervm('plan', request, '--pass', 'serial0', '--vcpus', 'many');
  assert.match(flag.err, /^error\[request\/wrong-value\]: vcpus/m);
});
