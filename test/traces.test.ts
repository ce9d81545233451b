/**
 * Traces of a Debian kernel: a traced run is the untraced one to the instruction; system calls with paths and results, functions by the
 * kernel's symbols, instructions as objdump prints them, registers with fields; files in every form; on and off from a script.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { drivervm, outcomeOf } from './support/command.ts';
import { planOdroid } from './support/odroid-project.ts';

const directory = mkdtempSync(join(tmpdir(), 'drivervm-traces-'));
const file = (...names: readonly string[]) => join(directory, ...names);
after(() => rmSync(directory, { recursive: true }));
before(async () => {
  await planOdroid(directory, {
    name: 'traces',
    modules: ['virtio_mmio', 'virtio_console'],
    virtio: '[rng]',
  });
});

interface Answer {
  readonly console: string;
  readonly account: { readonly instructions: number; readonly guestSeconds: number };
}

async function run(...flags: readonly string[]): Promise<Answer & { readonly err: string }> {
  const { out, err } = await drivervm(['run', file('project'), '--timeout', '300', '--json', ...flags], {
    input: 'cat /etc/inittab /nothing\npoweroff -f\n',
  });
  return { ...JSON.parse(out), err };
}

test('a traced run is the untraced one, and its file is what Chrome and Perfetto read', async () => {
  const untraced = await run();
  const every =
    'irq,line,fault,vcpu,turn,mmio,virtqueue,syscall,function:name=meson_uart_*,instruction:from=0.3:to=0.301';
  const traced = await run('--trace', every, '--trace-file', file('trace.json'));
  assert.equal(traced.account.instructions, untraced.account.instructions);
  assert.equal(traced.console, untraced.console);
  assert.equal(traced.account.guestSeconds, untraced.account.guestSeconds);

  interface Event {
    readonly ph: string;
    readonly cat: string;
    readonly name: string;
    readonly ts: number;
    readonly dur: number;
    readonly pid: number;
    readonly tid: number;
    readonly id?: string;
    readonly args: Readonly<Record<string, string | number>>;
  }
  const { traceEvents: events }: { readonly traceEvents: readonly Event[] } = JSON.parse(
    readFileSync(file('trace.json'), 'utf8'),
  );
  const of = (cat: string) => events.filter((each) => each.cat === cat);
  for (const { ph, pid, tid, ts, dur, name, id } of events) {
    assert.ok(['M', 'i', 'X', 'b', 'e'].includes(ph) && Number.isInteger(pid) && Number.isInteger(tid));
    assert.ok(name.length > 0 && (ph === 'M' || ts >= 0));
    if (ph === 'X') assert.ok(dur >= 0);
    if (ph === 'b' || ph === 'e') assert.ok(id !== undefined);
  }
  const processes = events.filter(({ name }) => name === 'process_name').map(({ args }) => args['name']);
  assert.deepEqual([...processes].sort(), ['VMM', 'board', 'guest']);

  const opened = of('syscall').filter(({ name }) => name.startsWith('openat('));
  assert.ok(opened.some(({ name }) => name.includes('"/etc/inittab"')));
  const missed = opened.find(({ name }) => name.includes('"/nothing"'));
  assert.equal(missed?.args['result'], '-2');
  assert.ok(of('syscall').some(({ name }) => /^execve\("\/\w+/.test(name)));
  const probe = of('function').find(({ name }) => name === 'meson_uart_startup()');
  assert.match(`${probe?.args['from']}`, /uart_startup|uart_port_startup/);
  const status = of('mmio').find(({ name }) => name === 'read STATUS of /soc/bus@ff800000/serial@3000');
  assert.match(`${status?.args['fields']}`, /TX_EMPTY/);
  const line = of('line').find(({ ph }) => ph === 'b');
  assert.match(line?.name ?? '', /^INTID 225 .*serial@3000$/);
  assert.ok(of('fault').some(({ name }) => /^VMFault: read MagicValue of \/virtio-rng@/.test(name)));
  assert.ok(of('turn').length > 100 && of('irq').length > 10);
  const instructions = of('instruction');
  assert.ok(instructions.length > 10_000, `${instructions.length}`);
  assert.ok(instructions.every(({ ts }) => ts >= 300_000 && ts < 301_000));
  assert.ok(instructions.some(({ name }) => /^(?:ldr|str|stp|ldp) /.test(name)));
});

test('lines on standard error, JSON lines in a file, and filters', async () => {
  const { err } = await run('--trace', 'vcpu,mmio:name=CONTROL');
  assert.match(err, /^ {3}0\.000000000 guest vCPU 0: starts pc=0x\w+$/m);
  assert.match(err, /write CONTROL of \/soc\/bus@ff800000\/serial@3000 value=0x\w+ fields=TX_EN RX_EN/);
  assert.doesNotMatch(err, /STATUS|WFIFO/);
  await run('--trace', 'syscall:name=execve', '--trace-file', file('trace.jsonl'));
  const lines = readFileSync(file('trace.jsonl'), 'utf8').trimEnd().split('\n');
  const calls = lines.map((text) => JSON.parse(text));
  assert.ok(
    calls.length > 3 && calls.every(({ kind, name }) => kind === 'syscall' && name.startsWith('execve(')),
  );
});

test('a script turns it on and off; two who stop vCPUs are refused', async () => {
  const script = file('trace.script.ts');
  writeFileSync(
    script,
    `import assert from 'node:assert/strict';
import type { Script } from 'drivervm/script';
export async function traces(script: Script) {
  const console = script.console();
  await console.waitFor('the guest is up', { seconds: 60 });
  await console.command('true');
  assert.match(script.monitor('trace on syscall:name=openat,irq'), /traced: syscall, irq/);
  await console.command('cat /etc/profile');
  const traced = script.monitor('trace off');
  assert.match(traced, /openat\\(.*"\\/etc\\/profile"/);
  assert.match(traced, /irq 225 intid=225/);
  await console.command('cat /etc/inittab');
  assert.match(script.monitor('trace off'), /nothing is traced/);
  assert.match(script.monitor('trace on nonsense'), /is nothing to trace/);
}
`,
  );
  await drivervm(['test', file('project'), script]);
  const both = await outcomeOf(['run', file('project'), '--trace', 'syscall', '--profile', file('profile')]);
  assert.equal(both.status, 2);
  assert.match(both.err, /run\/trace-needs-stops/);
});
