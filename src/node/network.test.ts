import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import { HostError } from '../base/index.ts';
import { nodeNetwork } from './network.ts';

const portOf = (address: string | AddressInfo | null) => (address as AddressInfo).port;

test('a connection whose ends are closed one after the other, and which can be made to wait', async (t) => {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    let asked = '';
    socket.on('data', (bytes) => {
      asked += String(bytes);
    });
    socket.on('end', () => socket.end(asked.toUpperCase()));
  });
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const events: string[] = [];
  await new Promise<void>((resolve) => {
    const connection = nodeNetwork.connect('127.0.0.1', portOf(server.address()), {
      onOpen: () => {
        events.push('open');
        connection.setReading(false);
        connection.write(new TextEncoder().encode('hello'));
        connection.close();
        setTimeout(() => {
          events.push('reading');
          connection.setReading(true);
        }, 20);
      },
      onBytes: (bytes) => events.push(String(Buffer.from(bytes))),
      onClosed: () => events.push('closed'),
      onDrained: () => events.push('drained'),
      onEnd: (code) => {
        events.push(`end ${code}`);
        resolve();
      },
    });
  });
  assert.deepEqual(events, ['open', 'drained', 'reading', 'HELLO', 'closed', 'end undefined']);
});

test('a connection that is refused says why', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const port = portOf(server.address());
  await new Promise((resolve) => server.close(resolve));
  const code = await new Promise((resolve) => {
    nodeNetwork.connect('127.0.0.1', port, { onOpen: () => {}, onBytes: () => {}, onEnd: resolve });
  });
  assert.equal(code, 'ECONNREFUSED');
});

test('datagrams both ways, and a port that is taken', async (t) => {
  const echo = createSocket('udp4');
  t.after(() => echo.close());
  echo.on('message', (bytes, { port, address }) => echo.send(bytes, port, address));
  await new Promise<void>((resolve) => echo.bind(0, '127.0.0.1', () => resolve()));
  const { port } = echo.address();
  const answer = await new Promise<string>((resolve) => {
    void nodeNetwork
      .openDatagrams(undefined, (bytes, host, from) =>
        resolve(`${Buffer.from(bytes)} ${host} ${from === port}`),
      )
      .then((socket) => {
        t.after(() => socket.close());
        socket.send(new TextEncoder().encode('ping'), '127.0.0.1', port);
      });
  });
  assert.equal(answer, 'ping 127.0.0.1 true');
  const taken = await nodeNetwork.openDatagrams(`${port}`, () => {}).catch((error: unknown) => error);
  assert.ok(taken instanceof HostError);
  assert.match(taken.message, /another program listens there already/);
});
