/**
 * Whoever shares a network or a console lies: anything may be in a queue at any time, on the virtualiser's side and on the monitor's. Nothing
 * may throw or hang; no frame is passed on that is none, or that comes in another's name; what a client did not have put into its queue's
 * slots is not written; the log is bounded.
 */
import assert from 'node:assert/strict';
import { EthernetWire, SteppedClock } from '../src/device/index.ts';
import { NETWORK_LAYOUT, NetworkQueue, SERIAL_LAYOUT } from '../src/sddf/index.ts';
import { clientMacAddress, networkVirtualiser } from '../src/sddf/network-virtualiser.ts';
import { serialVirtualiserRx, serialVirtualiserTx } from '../src/sddf/serial-virtualisers.ts';
import type { Microkit } from '../src/sel4/index.ts';
import { sharedVirtioDevice } from '../src/vmm/index.ts';
import { programBench } from '../test/support/program-bench.ts';
import { VirtioDriver } from '../test/support/virtio-driver.ts';
import { type Random, seededRandom } from './random.ts';
import type { FuzzOptions } from './run.ts';

const ACTIONS = 200;
const [GUARD_BYTES, GUARD] = [0x1000, 0xa5];
const NET_BYTES = 0x1000 + 8 * 0x800;
const SERIAL_BYTES = 0x1000;
const CHANNELS = { driver_ch: 7, client0_ch: 1, client1_ch: 2 };
const NET_COUNTERS = [NETWORK_LAYOUT.fromClient, NETWORK_LAYOUT.toClient];
const SERIAL_COUNTERS = [SERIAL_LAYOUT.counters];

export function fuzz({ runs, seed }: FuzzOptions): void {
  const random = seededRandom(seed);
  for (let run = 0; run < runs; run += ACTIONS)
    random.pick([networkRound, consoleRound, monitorRound])(random);
}

/** Regions between guards, which nobody may touch. */
class Memories {
  readonly regions: readonly Uint8Array[];
  readonly #all: readonly Uint8Array[];

  constructor(count: number, sizeBytes: number) {
    this.#all = Array.from({ length: count }, () => new Uint8Array(sizeBytes + 2 * GUARD_BYTES).fill(GUARD));
    this.regions = this.#all.map((all) => all.subarray(GUARD_BYTES, GUARD_BYTES + sizeBytes));
    for (const region of this.regions) region.fill(0);
  }

  check(): void {
    for (const all of this.#all)
      for (const guard of [all.subarray(0, GUARD_BYTES), all.subarray(-GUARD_BYTES)])
        assert.ok(
          guard.every((byte) => byte === GUARD),
          'a byte outside of a region was written',
        );
  }
}

/** Counters that are near, far, or mad, or a few bytes anywhere. */
function scribble(random: Random, region: Uint8Array, counters: readonly number[]): void {
  const view = new DataView(region.buffer, region.byteOffset, region.byteLength);
  if (random.below(2) === 0) region.set(random.bytes(4), random.below(region.length - 4));
  else
    view.setUint32(
      random.pick(counters) + random.pick([0, 4]),
      random.pick([0, 1, 4, 5, 2047, 2048, 0x7fff_ffff, 0xffff_ffff, random.u32()]),
      true,
    );
}

function networkRound(random: Random): void {
  const memories = new Memories(2, NET_BYTES);
  const [one, other] = memories.regions;
  assert.ok(one && other);
  const clock = new SteppedClock();
  const wire = new EthernetWire(clock);
  const station = wire.connect();
  const reaches = new Map([[0, { clients: new Set([1]), outside: random.below(2) === 0 }]]);
  const regions = { client0_queue: one, client1_queue: other };
  const { program, log } = programBench(
    networkVirtualiser({ port: wire.connect(), reaches }),
    regions,
    CHANNELS,
  );
  const queue = new NetworkQueue(one);
  const address = () => random.pick([clientMacAddress(0), clientMacAddress(1), new Uint8Array(6).fill(255)]);
  for (let action = 0; action < ACTIONS; action += 1) {
    // The second is honest, and hears no frame that is none or in its own name.
    const heard = new NetworkQueue(other);
    for (let frame = heard.take('toClient'); frame !== undefined; frame = heard.take('toClient')) {
      assert.ok(frame.length >= 14 && frame.length <= 1518, `a frame of ${frame.length} bytes`);
      assert.ok(!isFrom(frame, clientMacAddress(1)), 'a frame in its own name');
    }
    for (let frame = station.take(); frame !== undefined; frame = station.take())
      assert.ok(!isFrom(frame, clientMacAddress(1)) && frame.length <= 1518);
    const content = Uint8Array.from([...address(), ...address(), ...random.bytes(random.below(2100))]);
    if (random.below(3) === 0) scribble(random, one, NET_COUNTERS);
    else if (random.below(4) === 0) station.send(content);
    else queue.put('fromClient', content);
    program.notified(random.pick([1, 1, 2, 7]));
    clock.advanceTo(clock.nowNs + random.below(1_000_000));
  }
  memories.check();
  assert.ok(log.length < 10, 'the log is bounded');
}

function consoleRound(random: Random): void {
  const memories = new Memories(3, SERIAL_BYTES);
  const [driver, one, other] = memories.regions;
  assert.ok(driver && one && other);
  const regions = { driver_queue: driver, client0_queue: one, client1_queue: other };
  const { program, log } = programBench(
    random.pick([serialVirtualiserTx, serialVirtualiserRx])(),
    regions,
    CHANNELS,
  );
  for (let action = 0; action < ACTIONS; action += 1) {
    scribble(random, random.pick([driver, one, other]), SERIAL_COUNTERS);
    program.notified(random.pick([1, 2, 7]));
  }
  memories.check();
  assert.ok(log.length < 10, 'the log is bounded');
}

/** The monitor's side: its device over queues whose other end lies. */
function monitorRound(random: Random): void {
  const isNet = random.below(2) === 0;
  const memories = new Memories(2, isNet ? NET_BYTES : SERIAL_BYTES);
  const links = memories.regions.map((memory, index) => ({ memory, channel: index }));
  const device = sharedVirtioDevice(
    { notify: () => {} } as Partial<Microkit> as Microkit,
    isNet ? 'net' : 'console',
    links,
    {
      name: 'device',
      isPassedConsole: random.below(2) === 0,
    },
  );
  const driver = new VirtioDriver(device);
  for (let action = 0; action < ACTIONS; action += 1) {
    // Before more is offered than its queues hold.
    if (action % 16 === 0) driver.start(2);
    scribble(random, random.pick(memories.regions), isNet ? NET_COUNTERS : SERIAL_COUNTERS);
    if (action % 8 < 4) driver.offer(action % 2, action % 2 === 0 ? [{ room: 1600 }] : [random.bytes(100)]);
    driver.notify(action % 2);
    device.notified();
  }
  memories.check();
  assert.ok(driver.log.length < 10, 'the log is bounded');
}

function isFrom(frame: Uint8Array, address: Uint8Array): boolean {
  return address.every((byte, at) => frame[address.length + at] === byte);
}
