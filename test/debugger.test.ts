/** A debugger outside the guest changes nothing of a run, however often it stops it, and going back comes to the same moments again. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type Random, seededRandom } from '../fuzz/random.ts';
import type { DebugPoints, Vcpu } from '../src/aarch64/index.ts';
import { DiagnosticSink } from '../src/base/index.ts';
import { nodeHost } from '../src/node/index.ts';
import { imageSymbols } from '../src/payload/index.ts';
import { Debugger, drive, type Halt, type SessionStatus } from '../src/run/index.ts';
import { Run, readInputs } from '../src/workspace/index.ts';
import { drivervm } from './support/command.ts';
import { debianBoards } from './support/debian.ts';

const directory = mkdtempSync(join(tmpdir(), 'drivervm-debugger-'));
after(() => rmSync(directory, { recursive: true }));
const project = join(directory, 'project');
const boardPath = (await debianBoards()).get('meson-sm1-odroid-c4.dtb') ?? '';
await drivervm(['payload', 'debian', '-o', directory]);
await drivervm([
  ...['plan', '--dtb', boardPath, '--pass', 'serial0', '--ram', '256 MiB', '-o', project],
  ...['--kernel', join(directory, 'Image'), '--initrd', join(directory, 'initrd.cpio')],
]);

const symbols = imageSymbols(readFileSync(join(directory, 'Image')));
assert.ok(symbols !== undefined);
const { linkAddress } = symbols;
const addressOf = (name: string): bigint => linkAddress + BigInt(symbols.offsetOf(name) ?? 0);

const UNTIL = 'Serial: AMBA driver';
const NO_POINTS: DebugPoints = { breakpoints: [], watchpoints: [] };

interface Started {
  readonly run: Run;
  readonly text: number[];
}

async function start(vcpus: number): Promise<Started> {
  const host = nodeHost();
  const inputs = await readInputs(host, project, { vcpus }, new DiagnosticSink());
  assert.ok(typeof inputs === 'object');
  const run = new Run(host, inputs, { until: UNTIL });
  const text: number[] = [];
  run.onByte = (_source, byte) => text.push(byte);
  run.session.start();
  return { run, text };
}

/** Steps a run to its end; `stopped` is told of each stop. */
function finish({ run }: Started, stopped: (status: SessionStatus) => void, between = () => {}): void {
  const { session, consoles } = run;
  while (!consoles.found) {
    const status = session.run(() => {
      if (!session.kernel.isWithinSlice) between();
      return consoles.found;
    });
    if (status.kind === 'idle' && status.untilNs !== undefined) session.skipIdle(status.untilNs);
    else stopped(status);
    assert.ok(status.kind !== 'stuck' && status.kind !== 'off', status.kind);
  }
}

/** All that two runs can be told apart by. */
function stateOf({ run: { session }, text }: Started): object {
  const ram = createHash('sha256');
  for (const { bytes } of session.kernel.cluster.ram) ram.update(bytes);
  return {
    retired: session.kernel.vcpus().map(({ cpu }) => cpu.retired),
    timeNs: session.machine.time.nowNs,
    steps: session.kernel.stepsDone,
    console: String.fromCharCode(...text),
    ram: ram.digest('hex'),
  };
}

/** Other points, and another place to stop at: near by, to step through blocks, or far away. */
function disturb(random: Random, cpu: Vcpu): void {
  const distance = random.pick([1 + random.below(40), random.below(5000), random.below(4_000_000)]);
  cpu.stopAtRetired = cpu.retired + distance;
  const near = () => BigInt.asUintN(64, cpu.pc + 4n * BigInt(random.below(200) - 100));
  const points = random.below(8);
  if (points === 0) {
    const stack = { va: BigInt.asUintN(64, cpu.sp + 8n * BigInt(random.below(8))), sizeBytes: 8 };
    cpu.setDebugPoints({
      breakpoints: [near(), near(), cpu.x(30)],
      watchpoints: random.below(2) === 0 ? [] : [{ ...stack, loads: true, stores: true }],
    });
  } else if (points < 3) cpu.setDebugPoints(NO_POINTS);
}

for (const vcpus of [1, 3]) {
  const plain = await start(vcpus);
  finish(plain, () => {});
  const expected = stateOf(plain);

  test(`stops wherever, with ${vcpus} vCPUs: the same run`, async () => {
    const started = await start(vcpus);
    const { kernel } = started.run.session;
    const random = seededRandom(vcpus);
    const reasons = new Set<string>();
    for (const { cpu } of kernel.vcpus()) disturb(random, cpu);
    finish(
      started,
      (status) => {
        if (status.kind !== 'debug') return;
        reasons.add(status.stop.reason);
        disturb(random, status.vcpu.cpu);
      },
      () => {
        if (random.below(500) === 0) disturb(random, random.pick(kernel.vcpus()).cpu);
      },
    );
    assert.deepEqual([...reasons].sort(), ['breakpoint', 'retired', 'watchpoint']);
    assert.deepEqual(stateOf(started), expected);
  });

  test(`going back, with ${vcpus} vCPUs: the same moments, and the same end`, async () => {
    const started = await start(vcpus);
    const { session } = started.run;
    const host = nodeHost();
    const debugged = new Debugger(session, { keepsHistory: true });
    const [guest] = debugged.guests;
    const [vcpu] = guest?.vcpus ?? [];
    assert.ok(guest !== undefined && vcpu !== undefined);
    const registers = ({ vcpu: { cpu } }: Halt) => ({
      pc: cpu.pc,
      retired: cpu.retired,
      x: Array.from({ length: 31 }, (_, number) => cpu.x(number)),
    });
    let halts: Halt[] = [];
    debugged.onHalt = (halt) => halts.push(halt);
    const go = async (going: Parameters<Debugger['go']>[0]): Promise<Halt> => {
      halts = [];
      debugged.go(going);
      await drive(session, host, {
        debugger: debugged,
        leave: () => halts.length > 0,
        found: () => halts.length > 0,
      });
      const [halt] = halts;
      assert.ok(halt !== undefined);
      return halt;
    };
    debugged.setPoints(guest, { breakpoints: [addressOf('kernel_init')], watchpoints: [] });
    debugged.halt();
    const first = registers(await go({ kind: 'continue' }));
    debugged.setPoints(guest, { breakpoints: [addressOf('platform_probe')], watchpoints: [] });
    const [second, third] = [
      registers(await go({ kind: 'continue' })),
      registers(await go({ kind: 'continue' })),
    ];
    assert.ok(first.retired < second.retired && second.retired < third.retired);
    assert.deepEqual(registers(await go({ kind: 'back' })), second);
    const earlier = registers(await go({ kind: 'back-step', vcpu }));
    assert.equal(earlier.retired, second.retired - 1);
    assert.deepEqual(registers(await go({ kind: 'step', vcpu })), second);
    debugged.setPoints(guest, { breakpoints: [addressOf('kernel_init')], watchpoints: [] });
    assert.deepEqual(registers(await go({ kind: 'back' })), first);
    const beginning = await go({ kind: 'back' });
    assert.equal(beginning.why.reason, 'beginning');
    debugged.release();
    finish(started, () => {});
    assert.deepEqual(stateOf(started), expected);
  });
}

test('a profile has every stack by its functions, is the same each time, and leaves the run as it was', async () => {
  const profiled = async () => {
    const path = join(directory, 'profile');
    const { out } = await drivervm(['run', project, '--until', UNTIL, '--profile', path, '--json']);
    const { account }: { readonly account: { readonly instructions: number } } = JSON.parse(out);
    return { text: readFileSync(path, 'utf8'), instructions: account.instructions };
  };
  const plain = JSON.parse((await drivervm(['run', project, '--until', UNTIL, '--json'])).out);
  const first = await profiled();
  assert.equal(first.instructions, plain.account.instructions);
  assert.deepEqual(await profiled(), first);
  const lines = first.text.trimEnd().split('\n');
  assert.match(first.text, /^linux;__primary_switched;start_kernel;\S+ \d+$/m);
  assert.match(first.text, /^linux;ret_from_fork;kernel_init;\S+ \d+$/m);
  const samples = lines.reduce((sum, line) => sum + Number(/ (\d+)$/.exec(line)?.[1] ?? Number.NaN), 0);
  assert.equal(samples, Math.floor(first.instructions / 1_000_003));
  await drivervm(['run', project, '--profile', 'x', '--gdb'], { status: 2 });
});
