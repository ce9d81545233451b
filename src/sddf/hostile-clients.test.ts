/** Clients whose queues hold what no client should put there, and what the others get of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { programBench } from '../../test/support/program-bench.ts';
import { EthernetWire, SteppedClock } from '../device/index.ts';
import { NETWORK_LAYOUT, NetworkQueue } from './network-queue.ts';
import { clientMacAddress, networkVirtualiser } from './network-virtualiser.ts';
import { RING_COUNTERS } from './ring.ts';
import { SerialQueue } from './serial-queue.ts';
import { serialVirtualiserRx, serialVirtualiserTx } from './serial-virtualisers.ts';

const EVERYBODY = new Uint8Array(6).fill(0xff);
const STRANGER = Uint8Array.of(2, 9, 9, 9, 9, 9);

function frameOf(to: Uint8Array, from: Uint8Array, contentBytes = 50): Uint8Array {
  return Uint8Array.from([...to, ...from, 8, 0, ...new Array(contentBytes).fill(7)]);
}

function network() {
  const memories = [0, 1, 2].map(() => new Uint8Array(0x1000 + 8 * 0x800));
  const clock = new SteppedClock();
  const wire = new EthernetWire(clock);
  const seen: Uint8Array[] = [];
  wire.watcher = (frame) => seen.push(frame);
  const station = wire.connect();
  const { program } = programBench(
    networkVirtualiser({ port: wire.connect() }),
    Object.fromEntries(memories.map((memory, index) => [`client${index}_queue`, memory])),
    { client0_ch: 0, client1_ch: 1, client2_ch: 2 },
  );
  const queues = memories.map((memory) => new NetworkQueue(memory));
  return {
    memories,
    queues,
    seen,
    send: (from: number, frame: Uint8Array) => {
      queues[from]?.put('fromClient', frame);
      program.notified(from);
    },
    comeFromOutside: (frame: Uint8Array) => {
      station.send(frame);
      clock.advanceTo(clock.nowNs + 1_000_000);
    },
    notified: (channel: number) => program.notified(channel),
    waiting: () => queues.map((queue) => queue.waiting('toClient')),
  };
}

test('network: frames in the name of another client go nowhere, from clients and from outside; a bridge passes on those of strangers', () => {
  const { send, comeFromOutside, waiting, seen } = network();
  send(0, frameOf(clientMacAddress(2), clientMacAddress(1)));
  send(0, frameOf(EVERYBODY, clientMacAddress(1)));
  send(0, frameOf(STRANGER, clientMacAddress(2)));
  assert.deepEqual([waiting(), seen.length], [[0, 0, 0], 0]);
  comeFromOutside(frameOf(EVERYBODY, clientMacAddress(1)));
  assert.deepEqual(waiting(), [0, 0, 0]);
  send(0, frameOf(clientMacAddress(2), STRANGER));
  comeFromOutside(frameOf(clientMacAddress(0), STRANGER));
  assert.deepEqual(waiting(), [1, 0, 1]);
});

test('network: what is no frame by its length goes nowhere, whatever the slot says', () => {
  const { memories, queues, notified, send, waiting, seen } = network();
  const [memory] = memories;
  assert.ok(memory);
  for (const length of [0, 13, 1519, 2046, 2047, 0xffff]) {
    queues[0]?.put('fromClient', frameOf(EVERYBODY, clientMacAddress(0)));
    const put = new DataView(memory.buffer).getUint32(NETWORK_LAYOUT.fromClient + RING_COUNTERS.put, true);
    const slot = NETWORK_LAYOUT.slots + ((put - 1) % 4) * NETWORK_LAYOUT.slotBytes;
    new DataView(memory.buffer).setUint16(slot, length, true);
    notified(0);
  }
  assert.deepEqual([waiting(), seen.length, queues[0]?.waiting('fromClient')], [[0, 0, 0], 0, 0]);
  send(0, frameOf(EVERYBODY, clientMacAddress(0), 1504));
  assert.deepEqual([waiting(), seen.length], [[0, 1, 1], 1]);
});

test('network: counters that make no sense cost the client that has them its frames, and nobody else', () => {
  const { memories, notified, send, waiting } = network();
  const [memory] = memories;
  assert.ok(memory);
  const view = new DataView(memory.buffer);
  for (const counters of [NETWORK_LAYOUT.fromClient, NETWORK_LAYOUT.toClient])
    view.setUint32(counters + RING_COUNTERS.put, 0x8000_0000, true);
  notified(0);
  assert.deepEqual(waiting(), [0, 0, 0]);
  const before = memory.slice();
  send(1, frameOf(EVERYBODY, clientMacAddress(1)));
  send(1, frameOf(clientMacAddress(0), clientMacAddress(1)));
  assert.deepEqual(waiting(), [0, 0, 1]);
  assert.deepEqual(memory, before, 'nothing is written where no slot is free');
  // The same frames again, and no more of them than there are slots.
  view.setUint32(NETWORK_LAYOUT.fromClient + RING_COUNTERS.put, 4, true);
  view.setUint32(NETWORK_LAYOUT.fromClient + RING_COUNTERS.taken, 0, true);
  notified(0);
  assert.equal(new NetworkQueue(memory).waiting('fromClient'), 0);
});

const page = () => new Uint8Array(0x1000);
const text = (content: Uint8Array) => new TextDecoder().decode(content);
const bytes = (content: string) => new TextEncoder().encode(content);

function consoles() {
  const regions = { driver_queue: page(), client0_queue: page(), client1_queue: page() };
  const [driver, first, second] = Object.values(regions).map((memory) => new SerialQueue(memory));
  assert.ok(driver && first && second);
  const breakFirst = () =>
    new DataView(regions.client0_queue.buffer).setUint32(RING_COUNTERS.put, 0x8000_0000, true);
  return { regions, driver, first, second, breakFirst };
}
const CHANNELS = { driver_ch: 0, client0_ch: 1, client1_ch: 2 };

test('console: a client that has broken its queue says nothing, and the others are heard', () => {
  const { regions, driver, second, breakFirst } = consoles();
  const { program, told } = programBench(
    serialVirtualiserTx(undefined, { colours: false }),
    regions,
    CHANNELS,
  );
  breakFirst();
  second.write(bytes('two'));
  program.notified(1);
  assert.equal(text(driver.read(100)), 'two');
  assert.deepEqual(told, [2, 0]);
});

test('console: a client that takes nothing, or has broken its queue, does not keep the keyboard', () => {
  const { regions, driver, first, second, breakFirst } = consoles();
  const { program } = programBench(serialVirtualiserRx(), regions, CHANNELS);
  first.write(new Uint8Array(first.room));
  driver.write(bytes('\x1c1\rls\n'));
  program.notified(0);
  assert.equal(text(second.read(100)), 'ls\n', 'the key is seen where the client has no room');
  breakFirst();
  driver.write(bytes('\x1c0\rlost\x1c1\rls\n'));
  program.notified(0);
  assert.equal(text(second.read(100)), 'ls\n');
  assert.equal(driver.waiting, 0);
});
