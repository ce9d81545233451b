/**
 * Hostile guests and hostile servers of the user network: random frames, frames that are nearly right, segments of open connections with
 * random numbers, flags and windows, answers and ends from outside at any time. Nothing may throw or hang, and what is held is bounded.
 */
import assert from 'node:assert/strict';
import { ETHERTYPE } from '../src/device/index.ts';
import { parseUserNetwork } from '../src/usernet/forward.ts';
import { writeUdp } from '../src/usernet/packets/udp.ts';
import { UserNetwork } from '../src/usernet/user-network.ts';
import { GuestStation } from '../test/support/guest-station.ts';
import { PlayedNetwork } from '../test/support/played-network.ts';
import { type Random, seededRandom } from './random.ts';
import type { FuzzOptions } from './run.ts';

const ACTIONS = 300;
const PLACES = ['10.0.2.2', '10.0.2.3', '10.0.2.15', '198.51.100.7', '255.255.255.255', '127.0.0.1'];

export async function fuzz({ runs, seed }: FuzzOptions): Promise<void> {
  const random = seededRandom(seed);
  for (let run = 0; run < runs; run += ACTIONS) await round(random);
}

async function round(random: Random): Promise<void> {
  const guest = new GuestStation();
  const network = new PlayedNetwork();
  const router = new UserNetwork(
    { port: guest.wire.connectVisitor(), clock: guest.clock, host: { network }, onChange: () => {} },
    parseUserNetwork(random.pick(['user', 'user,restrict=on'])),
  );
  /** What the router last said of its numbers: a guest that uses them gets further. */
  const heard = { sequence: 0, acknowledgment: 0 };
  for (let action = 0; action < ACTIONS; action += 1) {
    act(guest, network, random, heard);
    for (const { sequence, acknowledgment, content } of guest.segments()) {
      heard.sequence = sequence + content.length;
      heard.acknowledgment = acknowledgment;
    }
    if (random.below(20) === 0) await Promise.resolve();
  }
  assert.ok(network.connections.length <= ACTIONS);
  router.close();
  guest.pass(1e6);
  assert.equal(guest.frames().length, 0, 'nothing comes from a router that is closed');
}

function act(
  guest: GuestStation,
  network: PlayedNetwork,
  random: Random,
  heard: { readonly sequence: number; readonly acknowledgment: number },
): void {
  const content = new Uint8Array(random.pick([0, 1, 20, 240, 1460])).map(() => random.below(256));
  const events = network.connections.length === 0 ? undefined : random.pick(network.connections).events;
  const near = (value: number) =>
    random.pick([value, value + 1, value - 1, value + 1000, random.u32()]) >>> 0;
  switch (random.below(9)) {
    case 0:
      guest.sendFrame(random.pick([ETHERTYPE.arp, ETHERTYPE.ipv4, 0x86dd, 9]), content);
      return;
    case 1:
      guest.sendIp(random.pick([1, 2, 6, 17]), random.pick(PLACES), content);
      return;
    case 2: {
      const [sourcePort, destinationPort] = [random.pick([68, 5000]), random.pick([53, 67, 69])];
      guest.sendIp(17, random.pick(PLACES), writeUdp({ sourcePort, destinationPort, content }));
      return;
    }
    case 3:
      guest.sendTcp(random.pick(PLACES), { flags: 2, sequence: random.u32(), sourcePort: random.below(5) });
      return;
    case 4:
    case 5:
      guest.sendTcp(random.pick(PLACES), {
        flags: random.pick([16, 16, 16, 17, 24, 20, random.below(64)]),
        sequence: near(heard.acknowledgment),
        acknowledgment: near(heard.sequence),
        window: random.pick([0, 1, 1000, 0xffff]),
        sourcePort: random.below(5),
        content,
      });
      return;
    case 6:
      random.pick([
        () => events?.onOpen(),
        () => events?.onBytes(content),
        () => events?.onClosed?.(),
        () => events?.onDrained?.(),
        () => events?.onEnd(random.pick([undefined, 'ECONNREFUSED', 'EHOSTUNREACH'])),
      ])();
      return;
    case 7:
      for (const { receive, sent } of network.sockets.slice(-1))
        receive(content, sent[0]?.host ?? '192.0.2.1', sent[0]?.port ?? 9);
      return;
    default:
      guest.pass(random.pick([1, 500, 5000, 100_000]));
  }
}
