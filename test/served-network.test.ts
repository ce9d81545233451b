/**
 * `examples/served/network`, whole: the first guest bridges the Odroid C4's Ethernet controller to the virtio network of the second, which
 * gets an address, a file and nothing else of what is beyond the board by it; twice the same frames. And what the second guest sees when the
 * first is rebooted, panics, or stands still.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { drivervm, outcomeOf } from './support/command.ts';
import { PROJECT_ROOT } from './support/files.ts';
import { outsideOf } from './support/outside-run.ts';
import { loadProject, ProjectRun } from './support/project-run.ts';

const directory = mkdtempSync(join(tmpdir(), 'drivervm-served-network-'));
after(() => rmSync(directory, { recursive: true }));
const example = join(directory, 'served', 'network');
cpSync(join(PROJECT_ROOT, 'examples', 'served'), join(directory, 'served'), { recursive: true });
const request = readFileSync(join(example, 'request.yaml'), 'utf8');
const modules = /--modules (\S+)/.exec(request)?.[1] ?? '';
const kernel = /--kernel (\S+)/.exec(request)?.[1] ?? '';
const project = join(example, 'project');
await drivervm([
  'payload',
  'debian',
  '--kernel',
  kernel,
  '-o',
  join(directory, 'payload'),
  '--modules',
  modules,
]);
await drivervm(['plan', join(example, 'request.yaml'), '-o', project]);

async function said(typed: readonly string[], ...flags: readonly string[]): Promise<string> {
  const input = typed.map((line) => `${line}\n`).join('');
  const { out } = await outcomeOf(['run', project, '--timeout', '300', '--json', ...flags], input);
  return JSON.stringify(JSON.parse(out).console);
}

test('the second guest fetches a file over the wire, through the first', async () => {
  const content = Buffer.from(Array.from({ length: 1_000_000 }, (_, at) => (at * at) >> 7));
  const host = createServer((_, response) => response.end(content));
  await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve));
  after(() => host.close());
  const { port } = host.address() as AddressInfo;
  const typed = [
    '\x1c1',
    'udhcpc',
    `wget -q -O /f http://10.0.2.2:${port}/ && md5sum /f; echo al""l fetched`,
  ];
  const console = await said(typed, '--net', 'user', '--until', 'all fetched');
  assert.match(console, /br0 bridges eth0 eth1/);
  assert.match(console, new RegExp(`${createHash('md5').update(content).digest('hex')} {2}/f`));
});

test('guests reach each other over the bridge, the way out is the bridge alone, and a run is the same each time', async () => {
  const typed = [
    '\x1c0',
    'ip addr add 10.0.0.1/24 dev br0',
    '\x1c1',
    'ip addr add 10.0.0.2/24 dev eth0; ip link set eth0 up; ping -c 3 10.0.0.1; echo al""l pinged',
  ];
  const captures = ['first', 'second'].map((name) => join(directory, `${name}.pcap`));
  const runs: string[] = [];
  for (const capture of captures) runs.push(await said(typed, '--capture', capture, '--until', 'all pinged'));
  assert.match(runs[0] ?? '', /3 packets transmitted, 3 packets received/);
  assert.equal(runs[1], runs[0]);
  const [first, second] = captures.map((capture) => readFileSync(capture));
  assert.ok(first !== undefined && second !== undefined && first.equals(second));
});

test('explain says who is on one network, and what they could do to each other, of both descriptions', async () => {
  for (const [name, through] of [
    ['served-network.run', 'net_virt'],
    ['served-network', 'net_vswitch'],
  ]) {
    const { out } = await outcomeOf(['explain', join(project, `${name}.system`)]);
    const [, section = ''] = out.split('Guests on one network\n\n');
    const lines = section.split('\n');
    for (const guest of ['board', 'other'])
      assert.ok(lines[0]?.includes(`${guest} (guest of ${guest}_vmm)`), out);
    assert.ok(lines[0]?.endsWith(`, through ${through}`), out);
    assert.match(section, /could read, change, invent and withhold/);
    assert.match(section, /of the memory that the others run from each has none/);
  }
});

/** Bursts of lines, and all of them. */
const [BURSTS, BURST_LINES] = [100, 1000];
const SENDS = `i=0; while [ $i -lt ${BURSTS} ]; do seq $((i*${BURST_LINES})) $((i*${BURST_LINES}+${BURST_LINES - 1})); i=$((i+1)); sleep 0.05; done`;
const SENT = Array.from({ length: BURSTS * BURST_LINES }, (_, index) => `${index}\n`).join('');
const [BOARD, OTHER] = ['\x1c0\n', '\x1c1\n'];

test('the first guest is rebooted, panics, and stands still while the second sends: the connection waits, goes on, and loses nothing', async () => {
  const changed = join(example, 'panics.yaml');
  writeFileSync(changed, request.replace('drivervm.bridge\n', 'drivervm.bridge panic=1\n'));
  const panics = join(example, 'panics');
  await drivervm(['plan', changed, '-o', panics]);
  const run = new ProjectRun(loadProject(panics));
  const { connections } = outsideOf(run);
  const received = () => connections[0]?.text.length ?? 0;
  const until = (word: string) => {
    run.until(word);
    assert.ok(run.console.includes(word), run.console.slice(-3000));
    run.console = '';
  };
  const type = (...lines: readonly string[]) => run.type(lines.join(''));
  const pass = (seconds: number) => run.until('never said', seconds);

  until('br0 bridges eth0 eth1');
  pass(1);
  type(OTHER, `ip addr add 10.0.2.20/24 dev eth0; ip link set eth0 up; { ${SENDS}; } | nc 10.0.2.2 5000 &\n`);
  pass(2);
  assert.ok(received() > 0);
  // Its kernel restarts at once in the one, by panic=1 in the other.
  for (const ends of ['reboot -f', 'echo c > /proc/sysrq-trigger']) {
    type(BOARD, `${ends}\n`);
    pass(0.5);
    const before = received();
    assert.ok(before < SENT.length);
    pass(0.5);
    assert.equal(received(), before, 'nothing goes through meanwhile');
    until('br0 bridges eth0 eth1');
    pass(2);
    assert.ok(received() > before, run.console.slice(-3000));
  }
  // Where its programs stand still, its kernel bridges on.
  type(
    BOARD,
    'echo 1 > /proc/sys/kernel/sysrq; echo 0 > /proc/sys/kernel/panic; kill -STOP -1; kill -STOP $$\n',
  );
  for (let seconds = 0; received() < SENT.length && seconds < 30; seconds += 1) pass(1);
  assert.equal(connections[0]?.text, SENT);

  // Ctrl-O and c, which the kernel's console takes for SysRq: this time nothing restarts it.
  type('\x0fc');
  until('end Kernel panic');
  type(
    OTHER,
    'ping -c 2 -W 1 10.0.2.2; (echo word | nc 10.0.2.2 5001; echo "nc"" ended $?") & echo "still he""re"\n',
  );
  until('100% packet loss');
  until('still here');
  pass(5);
  assert.doesNotMatch(run.console, /nc ended|br0/);
  assert.equal(connections.length, 1);
  type('cat /proc/net/tcp; echo "an""swers"\n');
  until('answers');
});
