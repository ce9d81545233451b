import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GUEST_MAC, GuestStation, ip } from '../../test/support/guest-station.ts';
import { PlayedNetwork } from '../../test/support/played-network.ts';
import { attempt, concatBytes, setU32, u32At } from '../base/index.ts';
import { parseUserNetwork } from './forward.ts';
import { formatIpv4, type Ipv4Packet } from './packets/ipv4.ts';
import { readUdp, writeUdp } from './packets/udp.ts';
import { UserNetwork } from './user-network.ts';

const settled = () => new Promise((resolve) => setImmediate(resolve));

function scene(words = 'user') {
  const guest = new GuestStation();
  const network = new PlayedNetwork();
  let changes = 0;
  const router = new UserNetwork(
    {
      port: guest.wire.connectVisitor(),
      clock: guest.clock,
      host: { network },
      onChange: () => {
        changes += 1;
      },
    },
    parseUserNetwork(words),
  );
  const sendUdp = (to: string, sourcePort: number, destinationPort: number, content: string) =>
    guest.sendIp(
      17,
      to,
      writeUdp({ sourcePort, destinationPort, content: new TextEncoder().encode(content) }),
    );
  return { guest, network, router, sendUdp, changes: () => changes };
}

const shown = ({ source, payload }: Ipv4Packet) => {
  const datagram = readUdp(payload);
  return `${formatIpv4(source)}:${datagram?.sourcePort} to ${datagram?.destinationPort} ${new TextDecoder().decode(datagram?.content)}`;
};

/** A DHCP message with options of four bytes, or of one for the kind of message. */
function dhcp(kind: number, options: readonly (readonly [number, string])[] = [], client = '0.0.0.0') {
  const header = new Uint8Array(240);
  header.set([1, 1, 6, 0, 0xde, 0xad, 0xbe, 0xef]);
  setU32(header, 12, ip(client));
  header.set(GUEST_MAC, 28);
  setU32(header, 236, 0x6382_5363);
  const words = options.map(([code, address]) => {
    const option = Uint8Array.of(code, 4, 0, 0, 0, 0);
    setU32(option, 2, ip(address));
    return option;
  });
  return concatBytes([header, Uint8Array.of(53, 1, kind), ...words, Uint8Array.of(255)]);
}

function ask(guest: GuestStation, content: Uint8Array) {
  guest.sendIp(17, '255.255.255.255', writeUdp({ sourcePort: 68, destinationPort: 67, content }), 0);
  const [packet] = guest.packets();
  const answer = packet === undefined ? undefined : readUdp(packet.payload)?.content;
  if (packet === undefined || answer === undefined) return undefined;
  const options = new Map<number, Uint8Array>();
  for (let at = 240; answer[at] !== 255; at += 2 + (answer[at + 1] ?? 0))
    options.set(answer[at] ?? 0, answer.subarray(at + 2, at + 2 + (answer[at + 1] ?? 0)));
  const address = (code: number) => {
    const option = options.get(code);
    return option === undefined ? undefined : formatIpv4(u32At(option, 0));
  };
  return {
    kind: options.get(53)?.[0],
    lease: formatIpv4(u32At(answer, 16)),
    transaction: u32At(answer, 4),
    address,
    to: formatIpv4(packet.destination),
  };
}

test('a lease is offered, given, and kept; another is refused', () => {
  const { guest } = scene();
  const offer = ask(guest, dhcp(1));
  assert.deepEqual(
    [offer?.kind, offer?.lease, offer?.transaction, offer?.to],
    [2, '10.0.2.15', 0xdead_beef, '10.0.2.15'],
  );
  const given = ask(guest, dhcp(3, [[50, '10.0.2.15'], [54, '10.0.2.2']])); // biome-ignore format: pairs
  assert.deepEqual([given?.kind, given?.lease], [5, '10.0.2.15']);
  assert.deepEqual(
    [1, 3, 6, 54].map((code) => given?.address(code)),
    ['255.255.255.0', '10.0.2.2', '10.0.2.3', '10.0.2.2'],
  );
  assert.equal(ask(guest, dhcp(3, [], '10.0.2.15'))?.kind, 5, 'renewed');
  const refused = ask(guest, dhcp(3, [[50, '10.0.2.77']]));
  assert.deepEqual([refused?.kind, refused?.to], [6, '255.255.255.255']);
  assert.equal(ask(guest, dhcp(3, [[54, '10.0.2.9']])), undefined, 'meant for another server');
  const informed = ask(guest, dhcp(8, [], '10.0.2.40'));
  assert.deepEqual([informed?.kind, informed?.lease, informed?.address(51)], [5, '0.0.0.0', undefined]);
});

test('an address that another station uses is not given', () => {
  const { guest } = scene();
  const senderMac = Uint8Array.of(2, 0, 0, 0, 0, 9);
  const arp = { operation: 1, senderMac, targetMac: new Uint8Array(6), targetIp: ip('10.0.2.2') };
  guest.sendArp({ ...arp, senderIp: ip('10.0.2.15') });
  assert.equal(guest.arps()[0]?.operation, 2, 'the router has answered');
  assert.equal(ask(guest, dhcp(1))?.lease, '10.0.2.16');
});

test('the router answers for itself and the name server, and for nobody else', () => {
  const { guest } = scene();
  const arp = { operation: 1, senderMac: GUEST_MAC, senderIp: guest.address, targetMac: new Uint8Array(6) };
  const answers = ['10.0.2.2', '10.0.2.3', '10.0.2.15', '10.0.2.16', '8.8.8.8'].map((address) => {
    guest.sendArp({ ...arp, targetIp: ip(address) });
    return guest.arps().length;
  });
  assert.deepEqual(answers, [1, 1, 0, 0, 0]);
});

test('echoes of the router come back; those beyond are refused by a message', () => {
  const { guest } = scene();
  const echo = Uint8Array.of(8, 0, 0, 0, 1, 2, 3, 4, 65, 66);
  guest.sendIp(1, '10.0.2.2', echo);
  const [reply] = guest.packets();
  assert.deepEqual([...(reply?.payload.subarray(4) ?? [])], [1, 2, 3, 4, 65, 66]);
  assert.equal(reply?.payload[0], 0);
  guest.sendIp(1, '192.0.2.1', echo);
  const [refused] = guest.packets();
  assert.deepEqual([refused?.payload[0], refused?.payload[1]], [3, 13]);
  assert.equal(formatIpv4(u32At(refused?.payload ?? new Uint8Array(), 8 + 16)), '192.0.2.1', 'quoted');
});

test('a datagram goes out, and back only from where it went', async () => {
  const { guest, network, router, sendUdp, changes } = scene();
  sendUdp('198.51.100.7', 5000, 123, 'time?');
  await settled();
  const [socket] = network.sockets;
  assert.deepEqual(socket?.sent, [{ text: 'time?', host: '198.51.100.7', port: 123 }]);
  assert.ok(router.isAwaiting);
  socket?.receive(new TextEncoder().encode('spoofed'), '198.51.100.8', 123);
  assert.equal(guest.packets().length, 0);
  socket?.receive(new TextEncoder().encode('noon'), '198.51.100.7', 123);
  assert.deepEqual(guest.packets().map(shown), ['198.51.100.7:123 to 5000 noon']);
  assert.equal(changes(), 1);
  assert.ok(!router.isAwaiting);
  sendUdp('198.51.100.7', 5000, 123, 'again?');
  await settled();
  assert.equal(network.sockets.length, 1, 'the same socket for the same port');
  guest.pass(11_000);
  assert.ok(!router.isAwaiting, 'nobody waits for ever');
  router.close();
  await settled();
  assert.ok(socket?.isClosed);
});

test('the gateway is this machine, the name server its own', async () => {
  const { guest, network, sendUdp } = scene();
  sendUdp('10.0.2.2', 5000, 7, 'echo');
  sendUdp('10.0.2.3', 5001, 53, 'who?');
  await settled();
  assert.deepEqual(network.sockets.map(({ sent }) => `${sent[0]?.host}:${sent[0]?.port}`), [
    '127.0.0.1:7',
    '192.0.2.53:53',
  ]); // biome-ignore format: a list
  network.sockets[1]?.receive(new TextEncoder().encode('me'), '192.0.2.53', 53);
  assert.deepEqual(guest.packets().map(shown), ['10.0.2.3:53 to 5001 me']);
  network.nameServers = [];
  sendUdp('10.0.2.3', 5002, 53, 'who?');
  assert.equal(guest.packets()[0]?.payload[0], 3);
});

test('what leads nowhere is said to, or says nothing', async () => {
  const { guest, network, sendUdp } = scene();
  for (const to of ['127.0.0.1', '0.0.0.1', '224.0.0.251', '255.255.255.254', '10.0.2.77'])
    sendUdp(to, 5000, 9, 'lost');
  await settled();
  assert.equal(network.sockets.length, 0);
  assert.deepEqual(
    guest.packets().map(({ payload }) => payload[0]),
    [3, 3, 3, 3],
  );
});

test('a long answer comes in fragments', async () => {
  const { guest, network, sendUdp } = scene();
  sendUdp('198.51.100.7', 5000, 69, 'file?');
  await settled();
  network.sockets[0]?.receive(new Uint8Array(4000).fill(1), '198.51.100.7', 69);
  const fragments = guest.packets();
  assert.deepEqual(
    fragments.map(({ payload, isFragment }) => [payload.length, isFragment]),
    [
      [1480, true],
      [1480, true],
      [1048, true],
    ],
  );
});

test('a forwarded port for datagrams', async () => {
  const { guest, network, router, sendUdp } = scene('user,hostfwd=udp:127.0.0.1:6900-:69');
  assert.deepEqual(await router.open(), ['udp 127.0.0.1:6900 leads to the guest at 10.0.2.15:69']);
  guest.sendIp(1, '10.0.2.2', Uint8Array.of(8, 0, 0, 0, 0, 0, 0, 0));
  guest.frames();
  const [socket] = network.sockets;
  socket?.receive(new TextEncoder().encode('get'), '127.0.0.1', 4321);
  const [packet] = guest.packets();
  const port = packet === undefined ? 0 : (readUdp(packet.payload)?.sourcePort ?? 0);
  sendUdp('10.0.2.2', 69, port, 'data');
  assert.deepEqual(socket?.sent, [{ text: 'data', host: '127.0.0.1', port: 4321 }]);
});

test('many ports of a guest have many sockets, and no more than that', async () => {
  const { guest, network, sendUdp } = scene();
  for (let port = 1; port <= 200; port += 1) {
    sendUdp('198.51.100.7', port, 9, 'x');
    guest.frames();
  }
  await settled();
  assert.equal(network.sockets.filter(({ isClosed }) => !isClosed).length, 128);
});

test('what is asked of it, in words', () => {
  assert.deepEqual(
    parseUserNetwork('user,restrict=on,hostfwd=tcp::2222-:22,hostfwd=UDP:0.0.0.0:53-10.0.2.16:5353'),
    {
      isRestricted: true,
      forwards: [
        { protocol: 'tcp', hostAddress: '2222', guestAddress: ip('10.0.2.15'), guestPort: 22 },
        { protocol: 'udp', hostAddress: '0.0.0.0:53', guestAddress: ip('10.0.2.16'), guestPort: 5353 },
      ],
    },
  );
  const wrong = {
    tap: /"tap" is no kind of network/,
    'user,dns=1.1.1.1': /none of its options/,
    'user,hostfwd=tcp:22': /is not tcp\|udp/,
    'user,hostfwd=tcp::70000-:22': /not one from 1/,
    'user,hostfwd=tcp::2222-:0': /not one from 1/,
    'user,hostfwd=tcp::2222-10.0.2.300:22': /no IPv4 address/,
  };
  for (const [words, said] of Object.entries(wrong)) {
    const refused = attempt(() => parseUserNetwork(words));
    assert.match(refused instanceof Error ? refused.message : '', said, words);
  }
});
