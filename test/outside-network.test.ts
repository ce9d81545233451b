/**
 * A Debian kernel that reaches this machine through `--net user`: an address by DHCP, a server of the test's on loopback, ports of this
 * machine's that lead to servers in the guest, and nothing at all where that is asked for.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { drivervm, outcomeOf } from './support/command.ts';
import { planOdroid } from './support/odroid-project.ts';

const directory = mkdtempSync(join(tmpdir(), 'drivervm-outside-'));
const file = (...names: readonly string[]) => join(directory, ...names);
const CONTENT = new Uint8Array(3 * 1024 * 1024).map((_, at) => (at * 7 + (at >> 8)) & 0xff);
const SUM = createHash('sha256').update(CONTENT).digest('hex');
const UP = 'udhcpc -n -q';

const server = createServer((_, response) => response.end(CONTENT));
/** Answers with the checksum of all that it was sent. */
const summing = createTcpServer({ allowHalfOpen: true }, (socket) => {
  const sum = createHash('sha256');
  socket.on('data', (bytes) => sum.update(bytes));
  socket.on('end', () => socket.end(`taken ${sum.digest('hex')}\n`));
});
const portOf = (address: string | AddressInfo | null) => (address as AddressInfo).port;

before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  await new Promise<void>((resolve) => summing.listen(0, '127.0.0.1', resolve));
  await planOdroid(directory, { name: 'outside', modules: ['virtio_mmio', 'virtio_net'], virtio: '[net]' });
});
after(() => {
  server.close();
  summing.close();
  rmSync(directory, { recursive: true });
});

/** A run in which these are typed. */
function run(net: string, lines: readonly string[], ...flags: readonly string[]) {
  return drivervm(['run', file('project'), '--net', net, '--timeout', '240', ...flags], {
    input: `${lines.join('\n')}\n`,
  });
}

test('an address by DHCP, and 3 MiB from a server of this machine’s, and up again', async () => {
  const url = `http://10.0.2.2:${portOf(server.address())}/`;
  const { out } = await run('user', [
    UP,
    'ip addr show dev eth0; cat /etc/resolv.conf; ip route',
    'ping -c 2 10.0.2.2',
    `wget -q -O /f ${url}; sha256sum /f`,
    `nc 10.0.2.2 ${portOf(summing.address())} < /f`,
    `wget -q -O - http://10.0.2.2:1/; echo "status $?"`,
    'poweroff',
  ]);
  assert.match(out, /inet 10\.0\.2\.15\/24/);
  assert.match(out, /nameserver 10\.0\.2\.3/);
  assert.match(out, /default via 10\.0\.2\.2/);
  assert.match(out, /2 packets transmitted, 2 packets received/);
  assert.ok(out.includes(SUM), out.slice(-2000));
  assert.ok(out.includes(`taken ${SUM}`), out.slice(-2000));
  assert.match(out, /Connection refused\r?\nstatus 1/);
});

/** What a server says to these words, once one is there. */
async function ask(port: number, words: string): Promise<string> {
  for (;;) {
    const said = await new Promise<string>((resolve) => {
      const socket = connect({ host: '127.0.0.1', port }, () => socket.end(words));
      let text = '';
      socket.on('data', (bytes) => {
        text += String(bytes);
      });
      socket.on('error', () => {});
      socket.on('close', () => resolve(text));
    });
    if (said !== '') return said;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

test('a port of this machine’s that leads to a server in the guest', async () => {
  const free = createTcpServer();
  await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve));
  const port = portOf(free.address());
  await new Promise((resolve) => free.close(resolve));
  const asked = ask(port, 'turn me around\n');
  const { out } = await run(`user,restrict=on,hostfwd=tcp:127.0.0.1:${port}-:77`, [
    UP,
    `wget -T 0 -q -O - http://10.0.2.2:${portOf(server.address())}/ > /f; echo "status $?"`,
    `nc -l -p 77 -e /bin/sh -c 'read words; echo "$words" | rev; echo served > /dev/console; poweroff'`,
  ]);
  assert.equal(await asked, 'dnuora em nrut\n');
  assert.match(out, /status 1/, 'restricted: the guest reaches nobody');
});

test('a port that another program has, and words that are none of the network’s', async () => {
  const taken = await outcomeOf([
    'run',
    file('project'),
    '--net',
    `user,hostfwd=tcp::${portOf(server.address())}-:22`,
  ]);
  assert.equal(taken.status, 1);
  assert.match(taken.err + taken.out, /another program listens there already/);
  const wrong = await outcomeOf(['run', file('project'), '--net', 'tap']);
  assert.equal(wrong.status, 2);
  assert.match(wrong.err, /"tap" is no kind of network; there is "user"/);
});
