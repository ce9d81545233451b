import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadSaved, savedCopy } from '../../../test/support/saved.ts';
import { FEATURE, REG, VirtioDriver } from '../../../test/support/virtio-driver.ts';
import { type BlockAnswer, type BlockBackend, type BlockRequest, VirtioBlock } from './block.ts';
import { VirtioConsole } from './console.ts';
import { VirtioEntropy } from './entropy.ts';
import { VirtioNetwork } from './network.ts';
import { VirtioNinep } from './ninep.ts';

const [RX, TX] = [0, 1];
const bytes = (text: string) => new TextEncoder().encode(text);
const text = (content: Uint8Array) => new TextDecoder().decode(content);

test('console: what is sent arrives in order, a backend that is full gets the rest later', () => {
  let sent = '';
  let room = 3;
  const device = new VirtioConsole({
    send: (content) => {
      const taken = content.subarray(0, room);
      sent += text(taken);
      room -= taken.length;
      return taken.length;
    },
    waiting: 0,
    receive: () => new Uint8Array(0),
  });
  const driver = new VirtioDriver(device);
  driver.start(2);
  driver.offer(TX, [bytes('hel'), bytes('lo ')]);
  driver.offer(TX, [bytes('world')]);
  driver.notify(TX);
  assert.equal(sent, 'hel');
  assert.equal(driver.used(TX).length, 0);
  const kept = savedCopy(driver.mmio.saved);
  loadSaved(driver.mmio.saved, kept);
  room = 100;
  device.notified();
  assert.equal(sent, 'hello world');
  assert.equal(driver.used(TX).length, 2);
});

test('console: what is typed waits for buffers, and fills them as far as it goes', () => {
  let typed = bytes('abcdef');
  const device = new VirtioConsole({
    send: (content) => content.length,
    get waiting() {
      return typed.length;
    },
    receive: (most) => {
      const taken = typed.subarray(0, most);
      typed = typed.subarray(taken.length);
      return taken;
    },
  });
  const driver = new VirtioDriver(device);
  driver.start(2);
  device.notified();
  driver.offer(RX, [{ room: 4 }]);
  driver.offer(RX, [{ room: 4 }]);
  driver.notify(RX);
  const used = driver.used(RX);
  assert.deepEqual(
    used.map(({ writtenBytes }) => writtenBytes),
    [4, 2],
  );
  assert.equal(text(used[0]?.content ?? new Uint8Array(0)), 'abcd');
});

const SECTOR = 512;

class Disk implements BlockBackend {
  readonly content = Uint8Array.from({ length: 64 * SECTOR }, (_, at) => at >> 9);
  readonly capacitySectors = 64;
  readonly transferBytesMax = 0x4000;
  readOnly = false;
  ready = true;
  later = false;
  flushes = 0;
  readonly #answers: BlockAnswer[] = [];

  submit(id: number, request: BlockRequest): void {
    if (request.kind === 'write') this.content.set(request.data, request.sector * SECTOR);
    if (request.kind === 'flush') this.flushes += 1;
    const from = request.kind === 'read' ? request.sector * SECTOR : 0;
    const data = this.content.slice(from, from + (request.kind === 'read' ? request.sizeBytes : 0));
    this.#answers.unshift({ id, ok: true, data });
  }

  answer(): BlockAnswer | undefined {
    return this.later ? undefined : this.#answers.shift();
  }
}

function blockRequest(type: number, sector: number): Uint8Array {
  const header = new DataView(new ArrayBuffer(16));
  header.setUint32(0, type, true);
  header.setBigUint64(8, BigInt(sector), true);
  return new Uint8Array(header.buffer);
}

const BLK = { IN: 0, OUT: 1, FLUSH: 4, GET_ID: 8, DISCARD: 11 };

function blockBench() {
  const disk = new Disk();
  const device = new VirtioBlock(disk, 'a-disk');
  const driver = new VirtioDriver(device);
  const ask = (type: number, sector: number, rest: Parameters<VirtioDriver['offer']>[1]) => {
    driver.offer(0, [blockRequest(type, sector), ...rest]);
    driver.notify(0);
    return driver.used(0);
  };
  driver.start(1);
  return { disk, device, driver, ask };
}

test('block: reads, writes, flushes, the id; what it refuses', () => {
  const { disk, driver, ask } = blockBench();
  const [read] = ask(BLK.IN, 3, [{ room: 512 }, { room: 512 }, { room: 1 }]);
  assert.equal(read?.writtenBytes, 1025);
  assert.deepEqual([read?.content[0], read?.content[512], read?.content[1024]], [3, 4, 0]);

  const [written] = ask(BLK.OUT, 5, [new Uint8Array(512).fill(0xab), { room: 1 }]);
  assert.equal(written?.content[0], 0);
  assert.equal(disk.content[5 * SECTOR + 511], 0xab);
  assert.equal(disk.content[6 * SECTOR], 6);

  assert.equal(ask(BLK.FLUSH, 0, [{ room: 1 }])[0]?.content[0], 0);
  assert.equal(disk.flushes, 1);
  const [id] = ask(BLK.GET_ID, 0, [{ room: 20 }, { room: 1 }]);
  assert.equal(text(id?.content ?? new Uint8Array(0)).replaceAll('\0', ''), 'a-disk');

  const statusOf = (used: readonly { readonly content: Uint8Array }[]) => used[0]?.content.at(-1);
  assert.equal(statusOf(ask(BLK.DISCARD, 0, [{ room: 1 }])), 2);
  assert.equal(statusOf(ask(BLK.IN, 63, [{ room: 1024 }, { room: 1 }])), 1, 'beyond the end');
  assert.equal(statusOf(ask(BLK.IN, 0, [{ room: 100 }, { room: 1 }])), 1, 'no whole sector');
  assert.equal(statusOf(ask(BLK.IN, 0, [{ room: 0x4200 }, { room: 1 }])), 1, 'more than it said it takes');
  disk.readOnly = true;
  assert.equal(statusOf(ask(BLK.OUT, 0, [new Uint8Array(512), { room: 1 }])), 1);
  assert.ok(!driver.needsReset);
  ask(BLK.IN, 0, []);
  assert.ok(driver.needsReset, 'a request without room for its status');
});

test('block: the configuration space (§5.2.4)', () => {
  const { driver, disk } = blockBench();
  const config = (at: number) => driver.read(REG.Config + at);
  assert.deepEqual([config(0), config(4), config(8), config(12), config(20)], [64, 0, 4096, 4, 512]);
  assert.equal(driver.deviceFeatures() & (1n << 5n), 0n);
  disk.readOnly = true;
  assert.notEqual(driver.deviceFeatures() & (1n << 5n), 0n);
});

test('block: answers later and out of order; none reaches a driver that was reset meanwhile', () => {
  const { disk, device, driver, ask } = blockBench();
  disk.later = true;
  ask(BLK.IN, 1, [{ room: 512 }, { room: 1 }]);
  assert.equal(ask(BLK.IN, 2, [{ room: 512 }, { room: 1 }]).length, 0);
  const kept = savedCopy(driver.mmio.saved);
  loadSaved(driver.mmio.saved, kept);
  disk.later = false;
  device.notified();
  assert.deepEqual(
    driver.used(0).map(({ content }) => content[0]),
    [2, 1],
  );

  disk.later = true;
  ask(BLK.IN, 1, [{ room: 512 }, { room: 1 }]);
  driver.start(1);
  disk.later = false;
  device.notified();
  assert.equal(driver.used(0).length, 0);
});

test('block: what finds no room in the backend is taken when there is', () => {
  const { disk, device, driver, ask } = blockBench();
  disk.ready = false;
  assert.equal(ask(BLK.IN, 1, [{ room: 512 }, { room: 1 }]).length, 0);
  disk.ready = true;
  device.notified();
  assert.equal(driver.used(0).length, 1);
});

const MAC = Uint8Array.of(2, 0, 0, 0, 0, 1);
const HEADER = 12;

test('entropy: buffers come back with what there is, and wait where there is nothing', () => {
  let waiting = 5;
  const source = {
    get waiting() {
      return waiting;
    },
    receive: (most: number) => {
      const count = Math.min(most, waiting);
      waiting -= count;
      return new Uint8Array(count).fill(0x5a);
    },
  };
  const device = new VirtioEntropy(source);
  const driver = new VirtioDriver(device);
  driver.start(1);
  driver.offer(0, [{ room: 3 }]);
  driver.offer(0, [{ room: 4 }]);
  driver.offer(0, [{ room: 4 }]);
  driver.notify(0);
  const written = () => driver.used(0).map(({ writtenBytes }) => writtenBytes);
  assert.deepEqual(written(), [3, 2]);
  waiting = 10;
  device.notified();
  assert.deepEqual(written(), [4]);
});

test('network: frames both ways, with their header; the wrong sizes are dropped', () => {
  const sent: Uint8Array[] = [];
  const waiting: Uint8Array[] = [];
  const wire = {
    macAddress: MAC,
    ready: true,
    send: (frame: Uint8Array) => sent.push(frame.slice()),
    get waiting() {
      return waiting.length;
    },
    receive: (headerBytes: number) =>
      Uint8Array.of(...new Uint8Array(headerBytes), ...(waiting.shift() ?? [])),
  };
  const device = new VirtioNetwork(wire);
  const driver = new VirtioDriver(device);
  driver.start(2, [FEATURE.VERSION_1, 5]);
  assert.equal(driver.mmio.read(REG.Config + 5, 1), 1);
  assert.equal(driver.mmio.read(REG.Config + 6, 2), 1, 'the link is up');
  const frame = Uint8Array.from({ length: 60 }, (_, at) => at);
  driver.offer(TX, [new Uint8Array(HEADER), frame]);
  driver.offer(TX, [new Uint8Array(HEADER + 2000)]);
  driver.offer(TX, [new Uint8Array(4)]);
  driver.notify(TX);
  assert.deepEqual(sent, [frame]);
  assert.equal(driver.used(TX).length, 3);
  assert.match(driver.log.join(), /a frame of 2000 bytes; dropped/);

  waiting.push(frame, frame);
  driver.offer(RX, [{ room: 1526 }]);
  driver.offer(RX, [{ room: 20 }]);
  driver.notify(RX);
  const used = driver.used(RX);
  assert.deepEqual(
    used.map(({ writtenBytes }) => writtenBytes),
    [72, 0],
  );
  assert.deepEqual(used[0]?.content.subarray(HEADER, HEADER + 60), frame);
  assert.equal(used[0]?.content[10], 1, 'num_buffers');

  wire.ready = false;
  driver.offer(TX, [new Uint8Array(HEADER), frame]);
  driver.notify(TX);
  assert.equal(sent.length, 1);
  wire.ready = true;
  device.notified();
  assert.equal(sent.length, 2);
});

test('9P: a message over several buffers, its answer over several, and an error where that has no room', () => {
  const asked: string[] = [];
  let resets = 0;
  const device = new VirtioNinep('home', {
    answer: (message) => {
      asked.push(text(message));
      // Size, type, tag 5, and what was asked.
      return Uint8Array.of(0, 0, 0, 0, 0, 5, 0, ...message);
    },
    reset: () => {
      resets += 1;
    },
  });
  const driver = new VirtioDriver(device);
  assert.equal(driver.mmio.read(REG.DeviceID, 4), 9);
  assert.equal(driver.mmio.read(REG.Config, 2), 4);
  assert.equal(String.fromCharCode(driver.mmio.read(REG.Config + 2, 1)), 'h');
  driver.start(1);
  driver.offer(0, [bytes('ques'), bytes('tion'), { room: 10 }, { room: 10 }]);
  driver.offer(0, [bytes('long question'), { room: 12 }]);
  driver.notify(0);
  assert.deepEqual(asked, ['question', 'long question']);
  const [answered, failed] = driver.used(0);
  assert.equal(answered?.writtenBytes, 15);
  assert.equal(failed?.writtenBytes, 11);
  const before = resets;
  driver.write(REG.Status, 0);
  assert.equal(resets, before + 1, 'whoever goes holds nothing any more');
});
