import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GuestStation, ip } from '../../../test/support/guest-station.ts';
import { PlayedConnection, PlayedNetwork } from '../../../test/support/played-network.ts';
import type { HostConnection, HostConnectionEvents } from '../../base/index.ts';
import { parseUserNetwork } from '../forward.ts';
import { UserNetwork } from '../user-network.ts';
import { TCP_FLAG, type TcpSegment } from './segment.ts';

const { FIN, SYN, RST, ACK, PSH } = TCP_FLAG;
const bytes = (text: string) => new TextEncoder().encode(text);
const text = ({ content }: TcpSegment) => new TextDecoder().decode(content);
const OUTSIDE = '198.51.100.7';

function scene(words = 'user') {
  const guest = new GuestStation();
  const network = new PlayedNetwork();
  let take: ((connection: HostConnection) => HostConnectionEvents) | undefined;
  const listen = (address: string, onConnection: (connection: HostConnection) => HostConnectionEvents) => {
    take = onConnection;
    return Promise.resolve({ address, close: () => {} });
  };
  const router = new UserNetwork(
    { port: guest.wire.connectVisitor(), clock: guest.clock, host: { listen, network }, onChange: () => {} },
    parseUserNetwork(words),
  );
  return { guest, network, router, taken: (stream: HostConnection) => take?.(stream) };
}

/** A connection that the guest has begun and that is open; sequence numbers of the next bytes both ways. */
function opened(words?: string) {
  const scenery = scene(words);
  const { guest, network } = scenery;
  guest.sendTcp(OUTSIDE, { flags: SYN, sequence: 1000, maximumSegmentBytes: 100 });
  assert.equal(guest.segments().length, 0, 'no answer before the outside is there');
  const [connection] = network.connections;
  assert.ok(connection?.events);
  connection.events.onOpen();
  const [synAck] = guest.segments();
  assert.ok(synAck);
  assert.deepEqual([synAck.flags, synAck.acknowledgment], [SYN | ACK, 1001]);
  assert.equal(synAck.maximumSegmentBytes, 1460);
  const theirs = synAck.sequence + 1;
  guest.sendTcp(OUTSIDE, { flags: ACK, sequence: 1001, acknowledgment: theirs });
  assert.equal(guest.segments().length, 0);
  return { ...scenery, connection, events: connection.events, theirs };
}

test('a connection is begun by the guest, carries both ways and is closed by both', () => {
  const { guest, connection, events, theirs, router } = opened();
  assert.deepEqual([connection.host, connection.port], [OUTSIDE, 80]);
  assert.ok(router.isAwaiting);
  guest.sendTcp(OUTSIDE, { flags: ACK | PSH, sequence: 1001, acknowledgment: theirs, content: bytes('GET') });
  assert.equal(connection.text, 'GET');
  assert.deepEqual(
    guest.segments().map(({ flags, acknowledgment }) => [flags, acknowledgment]),
    [[ACK, 1004]],
  );
  events.onBytes(bytes('x'.repeat(150)));
  const answer = guest.segments();
  assert.deepEqual(
    answer.map((segment) => text(segment).length),
    [100, 50],
    'in segments as long as the guest takes',
  );
  events.onClosed?.();
  const [fin] = guest.segments();
  assert.deepEqual([fin?.flags, fin?.sequence], [FIN | ACK, theirs + 150]);
  guest.sendTcp(OUTSIDE, { flags: FIN | ACK, sequence: 1004, acknowledgment: theirs + 151 });
  assert.equal(connection.end, 'closed');
  assert.equal(guest.segments().at(-1)?.acknowledgment, 1005);
  assert.ok(!router.isAwaiting, 'nothing more can come');
  guest.pass(3000);
  guest.sendTcp(OUTSIDE, { flags: ACK, sequence: 1005, acknowledgment: theirs + 151 });
  assert.equal(guest.segments()[0]?.flags, RST, 'forgotten after a while');
});

test('where nobody listens, and where nothing can be reached', () => {
  const { guest, network } = scene();
  guest.sendTcp(OUTSIDE, { flags: SYN, sequence: 5 });
  network.connections[0]?.events?.onEnd('ECONNREFUSED');
  const [reset] = guest.segments();
  assert.deepEqual([reset?.flags, reset?.acknowledgment], [RST | ACK, 6]);
  guest.sendTcp(OUTSIDE, { flags: SYN, sequence: 5, sourcePort: 40_001 });
  network.connections[1]?.events?.onEnd('EHOSTUNREACH');
  const [unreachable] = guest.packets();
  assert.deepEqual([unreachable?.protocol, unreachable?.payload[0], unreachable?.payload[1]], [1, 3, 1]);
  // A segment of a connection that nobody knows, as after a run was taken up again.
  guest.sendTcp(OUTSIDE, { flags: ACK, sequence: 77, acknowledgment: 99 });
  const [forgotten] = guest.segments();
  assert.deepEqual([forgotten?.flags, forgotten?.sequence], [RST, 99]);
});

test('what is lost is sent again, by the guest’s clock, and given up in the end', () => {
  const { guest, connection, events, theirs } = opened();
  events.onBytes(bytes('lost'));
  assert.equal(guest.segments().map(text).join(), 'lost');
  guest.pass(1100);
  assert.equal(guest.segments().map(text).join(), 'lost');
  guest.pass(1100);
  assert.equal(guest.segments().length, 0, 'twice as long before the next');
  guest.pass(1000);
  assert.equal(guest.segments().map(text).join(), 'lost');
  guest.sendTcp(OUTSIDE, { flags: ACK, sequence: 1001, acknowledgment: theirs + 4 });
  guest.pass(100_000);
  assert.equal(guest.segments().length, 0);
  events.onBytes(bytes('again'));
  for (let minute = 0; minute < 6; minute += 1) guest.pass(60_000);
  assert.equal(guest.segments().at(-1)?.flags, RST | ACK);
  assert.equal(connection.end, 'reset');
});

test('three acknowledgments of the same bring it again at once', () => {
  const { guest, events, theirs } = opened();
  events.onBytes(bytes('a'.repeat(300)));
  assert.equal(guest.segments().length, 3);
  for (let time = 0; time < 3; time += 1)
    guest.sendTcp(OUTSIDE, { flags: ACK, sequence: 1001, acknowledgment: theirs + 100 });
  // The first was news; then two are not enough.
  assert.equal(guest.segments().length, 0);
  guest.sendTcp(OUTSIDE, { flags: ACK, sequence: 1001, acknowledgment: theirs + 100 });
  assert.equal(guest.segments()[0]?.sequence, theirs + 100);
});

test('a guest without room is probed, and holds up the outside', () => {
  const { guest, connection, events, theirs } = opened();
  guest.sendTcp(OUTSIDE, { flags: ACK, sequence: 1001, acknowledgment: theirs, window: 0 });
  events.onBytes(new Uint8Array(70_000));
  assert.equal(guest.segments().length, 0);
  assert.ok(!connection.isReading);
  for (let time = 0; time < 20; time += 1) {
    guest.pass(61_000);
    const [probe] = guest.segments();
    assert.equal(probe?.content.length, 1, 'one byte, for as long as there is an answer');
    guest.sendTcp(OUTSIDE, { flags: ACK, sequence: 1001, acknowledgment: theirs, window: 0 });
  }
  let acknowledged = theirs;
  while (acknowledged < theirs + 70_000) {
    guest.sendTcp(OUTSIDE, { flags: ACK, sequence: 1001, acknowledgment: acknowledged });
    for (const { sequence, content } of guest.segments())
      if (sequence === acknowledged) acknowledged += content.length;
  }
  guest.sendTcp(OUTSIDE, { flags: ACK, sequence: 1001, acknowledgment: acknowledged });
  assert.ok(connection.isReading);
});

test('an outside that takes nothing closes the window, and opens it again', () => {
  const { guest, connection, events, theirs } = opened();
  connection.unsentBytes = 0x1_0000;
  guest.sendTcp(OUTSIDE, { flags: ACK, sequence: 1001, acknowledgment: theirs, content: bytes('no room') });
  const [full] = guest.segments();
  assert.deepEqual([full?.acknowledgment, full?.window], [1001, 0]);
  assert.equal(connection.text, '');
  connection.unsentBytes = 0;
  events.onDrained?.();
  assert.equal(guest.segments()[0]?.window, 0xffff);
  guest.sendTcp(OUTSIDE, { flags: ACK, sequence: 1001, acknowledgment: theirs, content: bytes('no room') });
  assert.equal(connection.text, 'no room');
});

test('what comes twice, too early or with a wrong number is not taken twice', () => {
  const { guest, connection, theirs } = opened();
  const send = (sequence: number, content: string, flags = ACK) =>
    guest.sendTcp(OUTSIDE, { flags, sequence, acknowledgment: theirs, content: bytes(content) });
  send(1004, 'later');
  assert.equal(guest.segments()[0]?.acknowledgment, 1001);
  send(1001, 'abc');
  send(1001, 'abcd');
  assert.equal(connection.text, 'abcd');
  assert.equal(guest.segments().at(-1)?.acknowledgment, 1005);
  guest.sendTcp(OUTSIDE, { flags: RST, sequence: 4, acknowledgment: theirs });
  assert.equal(connection.end, undefined, 'a reset from outside the window');
  guest.sendTcp(OUTSIDE, { flags: RST, sequence: 1005, acknowledgment: theirs });
  assert.equal(connection.end, 'reset');
});

test('sequence numbers go around', () => {
  const { guest, network } = scene();
  guest.sendTcp(OUTSIDE, { flags: SYN, sequence: 0xffff_fffe });
  const [connection] = network.connections;
  connection?.events?.onOpen();
  const [synAck] = guest.segments();
  assert.equal(synAck?.acknowledgment, 0xffff_ffff);
  const acknowledgment = (synAck?.sequence ?? 0) + 1;
  guest.sendTcp(OUTSIDE, { flags: ACK, sequence: 0xffff_ffff, acknowledgment, content: bytes('around') });
  assert.equal(connection?.text, 'around');
  assert.equal(guest.segments()[0]?.acknowledgment, 5);
});

test('a forwarded port begins a connection to the guest, whose MAC address is asked for first', async () => {
  const { guest, router, taken } = scene('user,hostfwd=tcp::2222-:22');
  assert.deepEqual(await router.open(), ['tcp 2222 leads to the guest at 10.0.2.15:22']);
  assert.ok(router.isAwaiting, 'somebody may connect at any time');
  const stream = new PlayedConnection();
  const events = taken(stream);
  const [question] = guest.arps();
  assert.deepEqual([question?.operation, question?.targetIp], [1, ip('10.0.2.15')]);
  guest.sendArp({
    operation: 2,
    senderMac: Uint8Array.of(2, 0, 0, 0, 0, 1),
    senderIp: ip('10.0.2.15'),
    targetMac: Uint8Array.of(0x52, 0x55, 0x0a, 0, 2, 2),
    targetIp: ip('10.0.2.2'),
  });
  const [syn] = guest.segments();
  assert.deepEqual([syn?.flags, syn?.destinationPort], [SYN, 22]);
  assert.ok(!stream.isReading, 'nothing is read before the guest has answered');
  const reply = { sourcePort: 22, destinationPort: syn?.sourcePort ?? 0, sequence: 7 };
  guest.sendTcp('10.0.2.2', { ...reply, flags: SYN | ACK, acknowledgment: (syn?.sequence ?? 0) + 1 });
  assert.ok(stream.isReading);
  assert.equal(guest.segments()[0]?.acknowledgment, 8);
  events?.onBytes(bytes('SSH'));
  assert.equal(guest.segments().map(text).join(), 'SSH');
  guest.sendTcp('10.0.2.2', {
    ...reply,
    sequence: 8,
    flags: ACK,
    acknowledgment: (syn?.sequence ?? 0) + 4,
    content: bytes('hello'),
  });
  assert.equal(stream.text, 'hello');
  router.close();
  assert.equal(stream.end, 'reset');
});

test('a guest that refuses a forwarded connection', async () => {
  const { guest, router, taken } = scene('user,hostfwd=tcp::2222-:22');
  await router.open();
  guest.sendIp(1, '10.0.2.2', Uint8Array.of(8, 0, 0, 0, 0, 0, 0, 0));
  guest.frames();
  const stream = new PlayedConnection();
  taken(stream);
  const [syn] = guest.segments();
  guest.sendTcp('10.0.2.2', {
    sourcePort: 22,
    destinationPort: syn?.sourcePort ?? 0,
    flags: RST | ACK,
    acknowledgment: (syn?.sequence ?? 0) + 1,
  });
  assert.equal(stream.end, 'reset');
});

test('as many connections as a process can have, and no more', () => {
  const { guest, network } = scene();
  for (let port = 1; port <= 600; port += 1) {
    guest.sendTcp(OUTSIDE, { flags: SYN, sequence: 5, sourcePort: port });
    guest.frames();
  }
  assert.equal(network.connections.length, 512);
  guest.sendTcp(OUTSIDE, { flags: SYN, sequence: 5, sourcePort: 5000 });
  assert.equal(guest.segments()[0]?.flags, RST | ACK);
});

test('restricted, nothing leads outside', () => {
  const { guest, network } = scene('user,restrict=on');
  guest.sendTcp(OUTSIDE, { flags: SYN, sequence: 5 });
  const [prohibited] = guest.packets();
  assert.deepEqual([prohibited?.protocol, prohibited?.payload[0], prohibited?.payload[1]], [1, 3, 13]);
  assert.equal(network.connections.length, 0);
});
