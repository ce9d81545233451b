import assert from 'node:assert/strict';
import { test } from 'node:test';
import { programBench as bench } from '../../test/support/program-bench.ts';
import { loadSaved, savedCopy } from '../../test/support/saved.ts';
import { Refusal, savedIfThere } from '../base/index.ts';
import {
  type BlockStore,
  copyOnWrite,
  EthernetWire,
  pcapHeader,
  pcapRecord,
  SteppedClock,
} from '../device/index.ts';
import type { RegisterWindow } from '../sel4/index.ts';
import { BLOCK_CELL_BYTES, BlockQueue } from './block-queue.ts';
import { blockVirtualiser } from './block-virtualiser.ts';
import { entropyVirtualiser } from './entropy-virtualiser.ts';
import { NetworkQueue } from './network-queue.ts';
import { clientMacAddress, networkVirtualiser } from './network-virtualiser.ts';
import { SerialQueue } from './serial-queue.ts';
import { serialVirtualiserRx, serialVirtualiserTx } from './serial-virtualisers.ts';
import { uartDriver } from './uart/driver.ts';
import { imx } from './uart/imx.ts';
import { meson } from './uart/meson.ts';
import { pl011 } from './uart/pl011.ts';

const text = (content: Uint8Array) => new TextDecoder().decode(content);
const bytes = (content: string) => new TextEncoder().encode(content);

const page = () => new Uint8Array(0x1000);

test('a serial queue takes what fits, in order, over its end; counters that make no sense give nothing', () => {
  const memory = page();
  const queue = new SerialQueue(memory);
  assert.equal(queue.room, 2048);
  for (let round = 0; round < 5; round += 1) {
    assert.equal(queue.write(new Uint8Array(1500).fill(round)), 1500);
    assert.equal(queue.write(new Uint8Array(1500)), 548);
    const taken = queue.read(5000);
    assert.equal(taken.length, 2048);
    assert.ok(taken.subarray(0, 1500).every((byte) => byte === round));
  }
  new DataView(memory.buffer).setUint32(4, 0x8000_0000, true);
  assert.equal(queue.waiting, 0);
  assert.equal(queue.room, 0);
  assert.equal(queue.read(10).length, 0);
});

test('transmit: one client as it is, several with colours; a full driver queue loses nothing', () => {
  const [driver, a, b] = [page(), page(), page()];
  const channels = { driver_ch: 0, client0_ch: 1, client1_ch: 2 };
  const one = bench(serialVirtualiserTx(), { driver_queue: driver, client0_queue: a }, channels);
  const [out, first, second] = [new SerialQueue(driver), new SerialQueue(a), new SerialQueue(b)];
  first.write(bytes('plain'));
  one.program.notified(1);
  assert.equal(text(out.read(100)), 'plain');
  assert.deepEqual(one.told, [1, 0]);

  const two = bench(
    serialVirtualiserTx(),
    { driver_queue: driver, client0_queue: a, client1_queue: b },
    channels,
  );
  first.write(bytes('one'));
  second.write(bytes('two'));
  two.program.notified(1);
  assert.equal(text(out.read(100)), '\x1b[31mone\x1b[32mtwo');
  out.write(new Uint8Array(2040));
  second.write(bytes('0123456789'));
  two.program.notified(2);
  assert.equal(second.waiting, 2);
  out.read(2040);
  two.program.notified(0);
  assert.equal(text(out.read(100)), '0123456789');
});

test('colours and the key are what the request says', () => {
  const [driver, a, b] = [page(), page(), page()];
  const channels = { driver_ch: 0, client0_ch: 1, client1_ch: 2 };
  const queues = { driver_queue: driver, client0_queue: a, client1_queue: b };
  const [out, first, second] = [new SerialQueue(driver), new SerialQueue(a), new SerialQueue(b)];
  const plain = bench(serialVirtualiserTx(undefined, { colours: false }), queues, channels);
  first.write(bytes('one'));
  second.write(bytes('two'));
  plain.program.notified(1);
  assert.equal(text(out.read(100)), 'onetwo');
  const { program } = bench(serialVirtualiserRx({ switchByte: 0x14 }), queues, channels);
  out.write(bytes('a\x1cb\x141\rc'));
  program.notified(0);
  assert.equal(text(first.read(10)), 'a\x1cb');
  assert.equal(text(second.read(10)), 'c');
});

test('receive: to one client until Ctrl-\\, a number and Enter choose another; what finds no room waits', () => {
  const [driver, a, b] = [page(), page(), page()];
  const { program } = bench(
    serialVirtualiserRx(),
    { driver_queue: driver, client0_queue: a, client1_queue: b },
    { driver_ch: 0, client0_ch: 1, client1_ch: 2 },
  );
  const [typed, first, second] = [new SerialQueue(driver), new SerialQueue(a), new SerialQueue(b)];
  typed.write(bytes('ab\x1c1\rcd\x1c7\re\x1c0\nf'));
  program.notified(0);
  assert.equal(text(first.read(10)), 'abf');
  assert.equal(text(second.read(10)), 'cde', 'there is no client 7');
  first.write(new Uint8Array(2048));
  typed.write(bytes('xy'));
  program.notified(0);
  assert.equal(typed.waiting, 2);
  first.read(2048);
  program.notified(1);
  assert.equal(text(first.read(10)), 'xy');
});

test('a program whose symbols the description does not set says so and does nothing', () => {
  for (const create of [
    serialVirtualiserTx(),
    uartDriver(meson),
    networkVirtualiser(),
    blockVirtualiser(memoryStore(1)),
  ]) {
    const { program, log } = bench(create, {}, {});
    program.notified(0);
    assert.match(log.join(), /pd does nothing: the description must set /);
  }
});

/** A UART of registers that a test fills. */
function fakeUart(status: number, empty: number, full: number, data: { rx: number; tx: number }) {
  const state = { typed: [] as number[], sent: '', room: 100, written: new Map<number, number>() };
  const registers: RegisterWindow = {
    read: (offset) => {
      if (offset === status) return (state.typed.length === 0 ? empty : 0) | (state.room === 0 ? full : 0);
      return offset === data.rx ? (state.typed.shift() ?? 0) : (state.written.get(offset) ?? 0);
    },
    write: (offset, value) => {
      state.written.set(offset, value);
      if (offset !== data.tx) return;
      state.sent += String.fromCharCode(value);
      state.room -= 1;
    },
  };
  return { state, registers };
}

const UARTS = [
  {
    name: 'PL011',
    create: uartDriver(pl011),
    fake: () => fakeUart(0x18, 1 << 4, 1 << 5, { rx: 0, tx: 0 }),
    irqs: [0x38, 1 << 5],
  },
  {
    name: 'Meson',
    create: uartDriver(meson),
    fake: () => fakeUart(0x0c, 1 << 20, 1 << 21, { rx: 4, tx: 0 }),
    irqs: [0x08, 1 << 28],
  },
  {
    name: 'i.MX',
    create: uartDriver(imx),
    fake: () => fakeUart(0xb4, 1 << 5, 1 << 4, { rx: 0, tx: 0x40 }),
    irqs: [0x80, 1 << 13],
  },
] as const;

for (const {
  name,
  create,
  fake,
  irqs: [register, bit],
} of UARTS) {
  test(`${name} driver: both ways, asks for the transmit interrupt only while it waits for room`, () => {
    const { state, registers } = fake();
    const [tx, rx] = [page(), page()];
    const { program, told, acknowledged } = bench(
      create,
      { tx_queue: tx, rx_queue: rx },
      { irq_ch: 3, tx_ch: 4, rx_ch: 5 },
      registers,
    );
    state.room = 3;
    new SerialQueue(tx).write(bytes('hello'));
    program.notified(4);
    assert.equal(state.sent, 'hel');
    assert.notEqual((state.written.get(register) ?? 0) & bit, 0);
    state.room = 10;
    state.typed.push(0x6f, 0x6b);
    program.notified(3);
    assert.equal(state.sent, 'hello');
    assert.equal((state.written.get(register) ?? 0) & bit, 0);
    assert.equal(text(new SerialQueue(rx).read(10)), 'ok');
    assert.deepEqual(acknowledged, [3]);
    assert.deepEqual(told, [4, 5, 4]);
  });
}

function memoryStore(sectors: number): BlockStore & { content: Uint8Array; broken: boolean } {
  const store = {
    content: new Uint8Array(sectors * 512),
    broken: false,
    sizeBytes: sectors * 512,
    readOnly: false,
    read: (offset: number, target: Uint8Array) => {
      if (store.broken) throw new Refusal('a scratch');
      target.set(store.content.subarray(offset, offset + target.length));
    },
    write: (offset: number, content: Uint8Array) => store.content.set(content, offset),
    flush: () => {},
  };
  return store;
}

test('block: what a client asks, and every way of asking for what is not there', () => {
  const store = memoryStore(16);
  const memory = new Uint8Array(0x2000 + 2 * BLOCK_CELL_BYTES);
  const { program, told, log } = bench(blockVirtualiser(store), { client0_queue: memory }, { client0_ch: 6 });
  const queue = new BlockQueue(memory);
  assert.equal(queue.cellCount, 2);
  assert.deepEqual(queue.info, { capacitySectors: 16, readOnly: false });
  assert.deepEqual(told, [6]);
  const ask = (request: Partial<Parameters<BlockQueue['putRequest']>[0]>) => {
    queue.putRequest({ id: 9, code: 'read', sector: 0, sizeBytes: 512, cell: 0, ...request });
    program.notified(6);
    const answer = queue.takeAnswer();
    assert.equal(answer?.id, 9);
    return answer?.good;
  };
  queue.cell(1).fill(0x5a, 0, 1024);
  assert.equal(ask({ code: 'write', sector: 2, sizeBytes: 1024, cell: 1 }), true);
  assert.equal(store.content[2 * 512 + 1023], 0x5a);
  assert.equal(ask({ sector: 3 }), true);
  assert.equal(queue.cell(0)[0], 0x5a);
  assert.equal(ask({ code: 'flush', sizeBytes: 0 }), true);
  for (const wrong of [
    { sector: 16 },
    { sector: 15, sizeBytes: 1024 },
    { sizeBytes: 100 },
    { cell: 2 },
    { sizeBytes: BLOCK_CELL_BYTES + 512 },
  ]) {
    assert.equal(ask(wrong), false, JSON.stringify(wrong));
  }
  store.broken = true;
  assert.equal(ask({}), false);
  assert.match(log.join(), /a scratch/);
});

test('copy on write: the store below stays as it is', () => {
  const below = memoryStore(20);
  below.content.fill(1);
  const above = copyOnWrite(below);
  above.write(4000, new Uint8Array(300).fill(2));
  const seen = new Uint8Array(500);
  above.read(3900, seen);
  assert.deepEqual([seen[99], seen[100], seen[399], seen[400]], [1, 2, 2, 1]);
  above.write(20 * 512 - 1, Uint8Array.of(3));
  above.read(20 * 512 - 500, seen);
  assert.equal(seen[499], 3);
  assert.ok(below.content.every((byte) => byte === 1));
});

test('network: to the client with that address, or to all others; never back; a full client loses frames', () => {
  const memories = [0, 1, 2].map(() => new Uint8Array(0x1000 + 8 * 0x800));
  const regions = Object.fromEntries(memories.map((memory, index) => [`client${index}_queue`, memory]));
  const seen: number[] = [];
  const wire = new EthernetWire(new SteppedClock());
  wire.watcher = (frame) => seen.push(frame.length);
  const { program } = bench(networkVirtualiser({ port: wire.connect() }), regions, {
    client0_ch: 0,
    client1_ch: 1,
    client2_ch: 2,
  });
  const queues = memories.map((memory) => new NetworkQueue(memory));
  const [first, second, third] = queues;
  assert.ok(first && second && third);
  assert.deepEqual(second.macAddress, clientMacAddress(1));
  const frame = (to: Uint8Array) =>
    Uint8Array.from([...to, ...clientMacAddress(0), 8, 0, ...new Array(50).fill(7)]);
  const waiting = () => queues.map((queue) => queue.waiting('toClient'));
  first.put('fromClient', frame(clientMacAddress(2)));
  program.notified(0);
  assert.deepEqual(waiting(), [0, 0, 1]);
  assert.deepEqual(third.take('toClient'), frame(clientMacAddress(2)));
  for (const to of [new Uint8Array(6).fill(0xff), Uint8Array.of(2, 9, 9, 9, 9, 9)]) {
    first.put('fromClient', frame(to));
    program.notified(0);
  }
  assert.deepEqual(waiting(), [0, 2, 2]);
  for (let count = 0; count < 10; count += 1) {
    first.put('fromClient', frame(clientMacAddress(1)));
    program.notified(0);
  }
  assert.deepEqual(waiting(), [0, 4, 2]);
  assert.equal(seen.length, 13);
  assert.equal(first.put('fromClient', new Uint8Array(3000)), false);
});

test('network: a client is told of room that it waits for, and only then', () => {
  const memories = [0, 1].map(() => new Uint8Array(0x1000 + 8 * 0x800));
  const regions = Object.fromEntries(memories.map((memory, index) => [`client${index}_queue`, memory]));
  const { program, told } = bench(networkVirtualiser(), regions, { client0_ch: 3, client1_ch: 4 });
  const [first, second] = memories.map((memory) => new NetworkQueue(memory));
  assert.ok(first && second);
  const frame = Uint8Array.from([...clientMacAddress(1), ...clientMacAddress(0), 8, 0, 1, 2]);
  told.length = 0;
  first.put('fromClient', frame);
  program.notified(3);
  assert.deepEqual(told, [4], 'only who gets it');
  assert.equal(first.wantRoom(), true);
  while (first.put('fromClient', frame));
  assert.equal(first.wantRoom(), false);
  told.length = 0;
  program.notified(3);
  assert.deepEqual([...told].sort(), [3, 4]);
  assert.equal(first.room('fromClient'), 4);
  told.length = 0;
  program.notified(3);
  first.put('fromClient', frame);
  program.notified(3);
  assert.deepEqual(told, [], 'the second is full, the first has not asked again');
});

test('network: a client that may not send to everybody sends to those that it may, hears the others all the same, and nothing from outside', () => {
  const memories = [0, 1, 2].map(() => new Uint8Array(0x1000 + 8 * 0x800));
  const regions = Object.fromEntries(memories.map((memory, index) => [`client${index}_queue`, memory]));
  const seen: number[] = [];
  const reaches = new Map([[0, { clients: new Set([1]), outside: false }]]);
  const clock = new SteppedClock();
  const wire = new EthernetWire(clock);
  wire.watcher = (frame) => seen.push(frame.length);
  const station = wire.connect();
  const { program } = bench(networkVirtualiser({ port: wire.connect(), reaches }), regions, {
    client0_ch: 0,
    client1_ch: 1,
    client2_ch: 2,
  });
  const queues = memories.map((memory) => new NetworkQueue(memory));
  const waiting = () => queues.map((queue) => queue.waiting('toClient'));
  const send = (from: number, to: Uint8Array): void => {
    const frame = Uint8Array.from([...to, ...clientMacAddress(from), 8, 0, ...new Array(50).fill(7)]);
    queues[from]?.put('fromClient', frame);
    program.notified(from);
  };
  const all = new Uint8Array(6).fill(0xff);
  send(0, all);
  send(0, clientMacAddress(2));
  assert.deepEqual([waiting(), seen.length], [[0, 1, 0], 0]);
  send(2, all);
  assert.deepEqual([waiting(), seen.length], [[1, 2, 0], 1]);
  // It may be a bridge to the same wire: frames would go round.
  for (const to of [all, clientMacAddress(0), clientMacAddress(1)]) {
    station.send(Uint8Array.from([...to, 2, 9, 9, 9, 9, 9, 8, 0, ...new Array(50).fill(7)]));
    clock.advanceTo(clock.nowNs + 1_000_000);
  }
  assert.deepEqual(waiting(), [1, 4, 1]);
});

test('entropy: queues are kept full, each client has its own, the same seed gives the same, a snapshot goes on', () => {
  const start = (seed: number) => {
    const memories = [page(), page()];
    const regions = Object.fromEntries(memories.map((memory, index) => [`client${index}_queue`, memory]));
    const { program, told } = bench(entropyVirtualiser(seed), regions, { client0_ch: 4, client1_ch: 5 });
    const [first, second] = memories.map((memory) => new SerialQueue(memory));
    assert.ok(first && second);
    return { program, told, first, second };
  };
  const [one, same, other] = [start(1), start(1), start(2)];
  assert.deepEqual(one.told, [4, 5]);
  const bytesOf = ({ first }: typeof one) => first.read(2048);
  const given = bytesOf(one);
  assert.deepEqual(given, bytesOf(same));
  assert.notDeepEqual(given, bytesOf(other));
  assert.notDeepEqual(given, one.second.read(2048));
  // Of 2048 random bytes hardly any of the 256 is missing or comes more than thirty times.
  const counts = new Map<number, number>();
  for (const byte of given) counts.set(byte, (counts.get(byte) ?? 0) + 1);
  assert.ok(counts.size > 245 && Math.max(...counts.values()) < 30, `${counts.size}`);

  same.second.read(2048);
  const kept = savedCopy(savedIfThere(one.program.saved));
  one.program.notified(4);
  loadSaved(savedIfThere(same.program.saved), kept);
  same.program.notified(4);
  assert.equal(one.first.waiting, 2048);
  assert.deepEqual(one.first.read(2048), same.first.read(2048));
});

test('a capture: header and records as libpcap has them', () => {
  const header = new DataView(pcapHeader().buffer);
  assert.deepEqual([header.getUint32(0, true), header.getUint32(20, true)], [0xa1b2_3c4d, 1]);
  const record = new DataView(pcapRecord(3_000_000_007, new Uint8Array(60)).buffer);
  assert.deepEqual(
    [0, 4, 8, 12].map((at) => record.getUint32(at, true)),
    [3, 7, 60, 60],
  );
  assert.equal(record.byteLength, 76);
});
