import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { HostError } from '../base/index.ts';
import { listen } from './listen.ts';

/** Answers what comes with the same, and closes. */
const echo = (ended: () => void) => (connection: { write(bytes: Uint8Array): void; close(): void }) => ({
  onBytes(bytes: Uint8Array) {
    connection.write(bytes);
    connection.close();
  },
  onEnd: ended,
});

function ask(place: { readonly path: string } | { readonly host: string; readonly port: number }) {
  return new Promise<string>((resolve, reject) => {
    const socket = connect(place, () => socket.write('hello'));
    let said = '';
    socket.on('data', (bytes) => {
      said += String(bytes);
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(said));
  });
}

test('a port of this machine, which tells its number', async () => {
  let tell: () => void = () => {};
  const ended = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const listener = await listen(
    '0',
    echo(() => tell()),
  );
  const [, port = ''] = /^127\.0\.0\.1:(\d+)$/.exec(listener.address) ?? [];
  assert.equal(await ask({ host: '127.0.0.1', port: Number(port) }), 'hello');
  await ended;
  const refused = await listen(
    `127.0.0.1:${port}`,
    echo(() => {}),
  ).catch((error: unknown) => error);
  assert.ok(refused instanceof HostError);
  assert.match(refused.message, /another program listens there already/);
  listener.close();
});

test('a socket in the filesystem, and one where there is no room for it', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'drivervm-listen-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'socket');
  const listener = await listen(
    `unix:${path}`,
    echo(() => {}),
  );
  assert.equal(listener.address, `unix:${path}`);
  assert.equal(await ask({ path }), 'hello');
  listener.close();
  const gone = await listen(
    `unix:${join(directory, 'no', 'socket')}`,
    echo(() => {}),
  ).catch((error: unknown) => error);
  assert.ok(gone instanceof HostError);
});

test('an address that this machine has not', async () => {
  for (const address of ['192.0.2.1:0', '[2001:db8::1]:0']) {
    const refused = await listen(
      address,
      echo(() => {}),
    ).catch((error: unknown) => error);
    assert.ok(refused instanceof HostError, address);
  }
});
