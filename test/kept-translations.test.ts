/** What an earlier run translated changes nothing of a later one: its console, its instructions, its RAM; whatever its file holds. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { DiagnosticSink } from '../src/base/index.ts';
import { nodeHost } from '../src/node/index.ts';
import { drive } from '../src/run/index.ts';
import { memoryHost, Run, readInputs, TranslationFile } from '../src/workspace/index.ts';
import { drivervm } from './support/command.ts';
import { debianBoards } from './support/debian.ts';

const directory = mkdtempSync(join(tmpdir(), 'drivervm-kept-'));
const before = process.env['XDG_CACHE_HOME'];
after(() => {
  rmSync(directory, { recursive: true });
  if (before === undefined) delete process.env['XDG_CACHE_HOME'];
  else process.env['XDG_CACHE_HOME'] = before;
});
const project = join(directory, 'project');
const boardPath = (await debianBoards()).get('meson-sm1-odroid-c4.dtb') ?? '';
await drivervm(['payload', 'debian', '-o', directory]);
await drivervm([
  ...['plan', '--dtb', boardPath, '--pass', 'serial0', '--ram', '256 MiB', '-o', project],
  ...['--kernel', join(directory, 'Image'), '--initrd', join(directory, 'initrd.cpio')],
]);

const UNTIL = 'Serial: AMBA driver';
const NOTHING = new Uint8Array(0);
/** Of those that a run makes, so many stand between two steps at which it is taken up from a snapshot of itself. */
const STEPS_BETWEEN = 400;

async function inputsFor(vcpus: number) {
  const inputs = await readInputs(nodeHost(), project, { vcpus }, new DiagnosticSink());
  assert.ok(typeof inputs === 'object');
  return inputs;
}

/** All that two runs can be told apart by, and what was translated. */
async function outcome(vcpus: number, kept: Uint8Array | undefined, isTakenUp = false) {
  const host = nodeHost();
  const run = new Run(host, await inputsFor(vcpus), {
    until: UNTIL,
    ...(kept === undefined ? { translate: false } : { kept }),
  });
  const { session, consoles } = run;
  const text: number[] = [];
  run.onByte = (_source, byte) => text.push(byte);
  let [steps, taken] = [0, 0];
  const found = (): boolean => {
    if (isTakenUp && ++steps % STEPS_BETWEEN === 0) {
      assert.ok(session.load(session.save(), new DiagnosticSink(), ''));
      taken++;
    }
    return consoles.found;
  };
  assert.equal(await drive(session, host, { found }), 'until');
  assert.ok(taken >= (isTakenUp ? 3 : 0), `taken up ${taken} times in ${steps} steps`);
  const ram = createHash('sha256');
  for (const { bytes } of session.kernel.cluster.ram) ram.update(bytes);
  const state = {
    retired: session.kernel.vcpus().map(({ cpu }) => [cpu.retired, cpu.pc, cpu.statistics.exceptions]),
    timeNs: session.machine.time.nowNs,
    console: String.fromCharCode(...text),
    ram: ram.digest('hex'),
  };
  return { state, translations: run.translations };
}

for (const vcpus of [1, 2]) {
  test(`a boot with ${vcpus} vCPUs is the same interpreted, translated, with kept translations, and taken up in between`, async () => {
    const interpreted = await outcome(vcpus, undefined);
    const cold = await outcome(vcpus, NOTHING);
    assert.deepEqual(cold.state, interpreted.state);
    assert.ok(cold.translations !== undefined);
    const kept = await outcome(vcpus, cold.translations);
    assert.deepEqual(kept.state, interpreted.state);
    assert.equal(kept.translations, undefined);
    assert.deepEqual((await outcome(vcpus, cold.translations, true)).state, interpreted.state);
  });
}

test('a file of translations is used as it was written, or not at all', async () => {
  const host = memoryHost();
  const inputs = await inputsFor(1);
  const content = Buffer.from('as the CPU gave it');
  const file = new TranslationFile(host, inputs, 'this build');
  assert.deepEqual(file.read(), NOTHING);
  file.keep(content);
  assert.deepEqual(Buffer.from(file.read()), content);
  assert.deepEqual(new TranslationFile(host, inputs, 'another build').read(), NOTHING);
  const written = host.files.read(file.path);
  const foreign = new TranslationFile(host, inputs, 'another build');
  host.files.writeAtomically(foreign.path, written);
  assert.deepEqual(foreign.read(), NOTHING);
  for (let at = 0; at < written.length; at++) {
    const damaged = Uint8Array.from(written, (byte, index) => (index === at ? byte ^ 1 : byte));
    host.files.writeAtomically(file.path, damaged);
    assert.deepEqual(file.read(), NOTHING, `byte ${at}`);
    host.files.writeAtomically(file.path, written.subarray(0, at));
    assert.deepEqual(file.read(), NOTHING, `${at} bytes`);
  }
});

test('run keeps what it translates, takes it up, and passes over what is damaged', async () => {
  process.env['XDG_CACHE_HOME'] = join(directory, 'cache');
  const place = join(directory, 'cache', 'drivervm', 'translations');
  const run = async (...more: readonly string[]) => {
    const { out } = await drivervm(['run', project, '--until', UNTIL, '--json', ...more]);
    const { console, account } = JSON.parse(out);
    return { console, seconds: account.guestSeconds, vcpus: account.vcpus };
  };
  const without = await run('--no-keep-translations');
  assert.ok(!existsSync(place));
  assert.deepEqual(await run('--no-translate'), without);
  assert.ok(!existsSync(place));
  assert.deepEqual(await run(), without);
  const [name = ''] = readdirSync(place);
  const path = join(place, name);
  const written = readFileSync(path);
  assert.deepEqual(await run(), without);
  assert.deepEqual(readFileSync(path), written);
  const damaged = Buffer.from(written);
  damaged[damaged.length >> 1] = (damaged[damaged.length >> 1] ?? 0) ^ 0x10;
  writeFileSync(path, damaged);
  assert.deepEqual(await run(), without);
  // As good as nothing: this run's takes its place.
  assert.deepEqual(readFileSync(path), written);
});
