/**
 * Hostile drivers of every virtio device: random register accesses of every width, queues anywhere, descriptors that loop,
 * nest, lie outside RAM or over the rings themselves, notifications at any time, resets while requests are under way.
 * Nothing may throw or hang, and nothing outside the guest's RAM may be read or written: the memory around it is watched.
 */

import assert from 'node:assert/strict';
import {
  type BlockAnswer,
  type BlockBackend,
  VirtioBlock,
  VirtioConsole,
  type VirtioDevice,
  VirtioEntropy,
  VirtioNetwork,
  VirtioNinep,
} from '../src/vmm/index.ts';
import { loadSaved, savedCopy } from '../test/support/saved.ts';
import { RAM_BASE, RAM_BYTES, REG, VirtioDriver } from '../test/support/virtio-driver.ts';
import { type Random, seededRandom } from './random.ts';
import type { FuzzOptions } from './run.ts';

const ACTIONS = 300;
const GUARD_BYTES = 0x1000;
const GUARD = 0xa5;

export function fuzz({ runs, seed }: FuzzOptions): void {
  const random = seededRandom(seed);
  for (let run = 0; run < runs; run += ACTIONS) round(random);
}

interface Victim extends VirtioDevice {
  notified(): void;
}

function round(random: Random): void {
  const all = new Uint8Array(RAM_BYTES + 2 * GUARD_BYTES).fill(GUARD);
  const memory = all.subarray(GUARD_BYTES, GUARD_BYTES + RAM_BYTES);
  memory.fill(0);
  const device = random.pick([fuzzedBlock, fuzzedConsole, fuzzedEntropy, fuzzedNetwork, fuzzedNinep])(random);
  const driver = new VirtioDriver(device, memory);
  for (let action = 0; action < ACTIONS; action += 1) act(driver, device, random);
  const kept = savedCopy(driver.mmio.saved);
  loadSaved(driver.mmio.saved, kept);
  for (let action = 0; action < 10; action += 1) act(driver, device, random);
  const guards = [all.subarray(0, GUARD_BYTES), all.subarray(GUARD_BYTES + RAM_BYTES)];
  assert.ok(
    guards.every((guard) => guard.every((byte) => byte === GUARD)),
    'a byte outside guest RAM was written',
  );
  assert.ok(driver.log.length < 200, 'the log is bounded');
}

function act(driver: VirtioDriver, device: Victim, random: Random): void {
  switch (random.below(10)) {
    case 0:
      driver.start(
        random.below(3),
        random.pick([[32], [32, 28], [32, 28, 29], [29]]),
        random.pick([1, 2, 16]),
      );
      return;
    case 1:
      driver.mmio.write(random.below(0x200), random.u32(), random.pick([1, 2, 4] as const));
      return;
    case 2:
      driver.mmio.read(random.below(0x200), random.pick([1, 2, 4] as const));
      return;
    case 3:
      driver.write(random.pick([REG.Status, REG.QueueReady, REG.QueueSel]), random.below(4));
      return;
    case 4:
      // Queues over one another, over their own buffers, at RAM's end.
      driver.write(REG.QueueSel, random.below(2));
      driver.write(REG.QueueReady, 0);
      driver.write(
        random.pick([REG.QueueDescLow, REG.QueueDriverLow, REG.QueueDeviceLow]),
        RAM_BASE + 16 * random.below(RAM_BYTES / 16),
      );
      driver.write(REG.QueueReady, 1);
      return;
    case 5:
      scribble(driver, random);
      return;
    case 6:
      device.notified();
      return;
    default:
      offer(driver, random);
  }
}

/** Random bytes, or random descriptors, over the rings. */
function scribble(driver: VirtioDriver, random: Random): void {
  const queue = 0x4000 * random.below(2);
  if (random.below(3) === 0) {
    driver.memory.set(random.bytes(4), queue + 0x1000 + random.below(40));
    return;
  }
  for (let index = 0; index < 16; index += 1) {
    const addr = random.pick([RAM_BASE, RAM_BASE + RAM_BYTES - 8, 0, 0xa00_0000, 2 ** 40]) + random.below(64);
    const ring = RAM_BASE + queue + 0x1000 * random.below(3);
    const size = random.pick([0, 1, 16, 513, 4096, 0xffff_ffff]);
    driver.descriptor(queue, index, random.pick([addr, ring]), size, random.below(8), random.below(20));
  }
}

function offer(driver: VirtioDriver, random: Random): void {
  const index = random.below(2);
  try {
    driver.queue(index);
  } catch {
    return;
  }
  const header = new Uint8Array(16);
  header[0] = random.pick([0, 1, 4, 8, 200]);
  header[8] = random.below(80);
  const buffers = random.pick([
    [header, { room: 512 * random.below(5) }, { room: 1 }],
    [header, new Uint8Array(512), { room: 1 }],
    [new Uint8Array(random.below(2000))],
    [{ room: random.below(2000) }],
  ]);
  if (random.below(2) === 0) driver.offer(index, buffers, { indirect: random.below(2) === 0 });
  else driver.publish(index, random.below(40));
  driver.notify(random.below(3));
}

function fuzzedBlock(random: Random): Victim {
  const answers: BlockAnswer[] = [];
  const content = new Uint8Array(64 * 512);
  const backend: BlockBackend = {
    capacitySectors: 64,
    readOnly: random.below(4) === 0,
    transferBytesMax: 0x2000,
    get ready() {
      return answers.length < 8;
    },
    submit: (id, request) => {
      if (request.kind === 'write') content.set(request.data, 512 * request.sector);
      const data =
        request.kind === 'read'
          ? content.slice(512 * request.sector, 512 * request.sector + request.sizeBytes)
          : new Uint8Array(0);
      answers.push({ id, ok: random.below(8) !== 0, data });
    },
    answer: () => (random.below(2) === 0 ? answers.shift() : undefined),
  };
  return new VirtioBlock(backend);
}

function fuzzedConsole(random: Random): Victim {
  return new VirtioConsole({
    send: (bytes) => random.below(bytes.length + 1),
    get waiting() {
      return random.below(40);
    },
    receive: (most) => random.bytes(random.below(Math.min(most, 64) + 1)),
  });
}

function fuzzedEntropy(random: Random): Victim {
  return new VirtioEntropy({
    get waiting() {
      return random.below(3);
    },
    receive: (most) => random.bytes(random.below(Math.min(most, 64) + 1)),
  });
}

function fuzzedNetwork(random: Random): Victim {
  return new VirtioNetwork({
    macAddress: Uint8Array.of(2, 0, 0, 0, 0, 1),
    get ready() {
      return random.below(4) !== 0;
    },
    send: (frame) => assert.ok(frame.length >= 14 && frame.length <= 1518),
    get waiting() {
      return random.below(3);
    },
    receive: () => (random.below(8) === 0 ? undefined : random.bytes(60 + random.below(1458))),
  });
}

/** Its server is `ninep.fuzz.ts`; here answers are of any length. */
function fuzzedNinep(random: Random): Victim {
  const backend = { answer: () => random.bytes(random.pick([7, 11, 200, 5000])), reset: () => {} };
  return Object.assign(new VirtioNinep('tag', backend), { notified: () => {} });
}
