/**
 * `examples/served/network`, whole: the first guest bridges the Odroid C4's Ethernet controller to the virtio network of the second, which
 * gets an address, a file and nothing else of what is beyond the board by it; twice the same frames.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { drivervm, outcomeOf } from './support/command.ts';
import { PROJECT_ROOT } from './support/files.ts';

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
