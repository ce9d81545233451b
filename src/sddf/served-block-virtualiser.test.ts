import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DiskServer, ServedBench } from '../../test/support/served-disk.ts';
import { masterBootRecord } from '../payload/disk/mbr.ts';
import { BLOCK_CELL_BYTES, type BlockCode } from './block-queue.ts';

const [MIB, SECTOR, BLOCK] = [2 ** 20, 512, 4096];

/** Two MiB with a partition from the first on, and a second one in its last 64 KiB. */
function disk(): Uint8Array {
  const bytes = Uint8Array.from({ length: 2 * MIB }, (_, at) => (at >> 9) & 0xff);
  const record = masterBootRecord(2 * MIB, 1);
  const view = new DataView(record.buffer);
  view.setUint32(458, (MIB - 0x1_0000) / SECTOR, true);
  view.setUint8(466, 0x83);
  view.setUint32(470, (2 * MIB - 0x1_0000) / SECTOR, true);
  view.setUint32(474, 0x1_0000 / SECTOR, true);
  bytes.set(record);
  return bytes;
}

function served(...partitions: readonly number[]): ServedBench {
  const bench = new ServedBench(new DiskServer(disk()), partitions);
  bench.server.publish();
  bench.program.notified(7);
  bench.settle();
  return bench;
}

function ask(
  bench: ServedBench,
  client: number,
  code: BlockCode,
  sector: number,
  content: number | Uint8Array,
  id = 1,
) {
  const queue = bench.clients[client];
  const cell = id % 16;
  const sizeBytes = typeof content === 'number' ? content : content.length;
  if (typeof content !== 'number') queue?.cell(cell).set(content);
  queue?.putRequest({ id, code, sector, sizeBytes, cell });
  bench.program.notified(1 + client);
  return cell;
}

test('a client is served when the disk is, its own partition and no more', () => {
  const bench = new ServedBench(new DiskServer(disk()), [1, 2]);
  assert.deepEqual(
    bench.clients.map(({ info }) => info),
    [undefined, undefined],
  );
  bench.server.publish();
  bench.program.notified(7);
  bench.settle();
  const [first, second] = bench.clients;
  assert.equal(first?.info?.capacitySectors, (MIB - 0x1_0000) / SECTOR);
  assert.equal(second?.info?.capacitySectors, 0x1_0000 / SECTOR);
  const cell = ask(bench, 1, 'read', 127, SECTOR);
  bench.settle();
  assert.deepEqual(second?.takeAnswer(), { id: 1, good: true });
  assert.equal(second?.cell(cell)[0], ((2 * MIB - SECTOR) >> 9) & 0xff);
  ask(bench, 1, 'read', 128, SECTOR);
  assert.deepEqual(second?.takeAnswer(), { id: 1, good: false });
  ask(bench, 0, 'read', 0, 0);
  ask(bench, 0, 'read', 0, BLOCK_CELL_BYTES + SECTOR, 2);
  assert.deepEqual([first?.takeAnswer()?.good, first?.takeAnswer()?.good], [false, false]);
});

test('partitions that are not there are named', () => {
  const bench = served(3, 1);
  assert.deepEqual(bench.log, [
    'blk_virt: client 0 is not served: the disk has no partition 3; it has 1, 2\n',
  ]);
  assert.notEqual(bench.clients[1]?.info, undefined);
  const empty = new ServedBench(new DiskServer(new Uint8Array(MIB)), [1]);
  empty.server.publish();
  empty.settle();
  assert.match(empty.log.join(''), /the disk has no partition table/);
});

test('what is written goes over what is there, whole blocks or parts of them, in the order asked', () => {
  const bench = served(1);
  const { disk: bytes } = bench.server;
  ask(bench, 0, 'write', 9, new Uint8Array(SECTOR).fill(0xaa), 1);
  // The same block, while the first is read for: waits.
  ask(bench, 0, 'write', 10, new Uint8Array(2 * SECTOR).fill(0xbb), 2);
  ask(bench, 0, 'read', 8, 4 * SECTOR, 3);
  ask(bench, 0, 'write', 64, new Uint8Array(2 * BLOCK).fill(0xcc), 4);
  bench.settle();
  const [queue] = bench.clients;
  const answers = [1, 2, 3, 4].map(() => queue?.takeAnswer());
  assert.deepEqual(answers.map((answer) => answer?.id).sort(), [1, 2, 3, 4]);
  assert.ok(answers.every((answer) => answer?.good));
  const at = MIB + 8 * SECTOR;
  const filled = (sector: number) => bytes[at + sector * SECTOR];
  assert.deepEqual([0, 1, 2, 3, 4].map(filled), [8, 0xaa, 0xbb, 0xbb, 12]);
  assert.deepEqual(
    [...(queue?.cell(3).subarray(0, 4 * SECTOR) ?? [])].filter((_, index) => index % SECTOR === 0),
    [8, 0xaa, 0xbb, 0xbb],
  );
  assert.ok(bytes.subarray(MIB + 64 * SECTOR, MIB + 64 * SECTOR + 2 * BLOCK).every((byte) => byte === 0xcc));
  ask(bench, 0, 'flush', 0, 0, 5);
  bench.settle();
  assert.deepEqual(queue?.takeAnswer(), { id: 5, good: true });
});

test('a disk that is read only, one that fails', () => {
  const bench = new ServedBench(new DiskServer(disk()), [1]);
  bench.server.publish(undefined, true);
  bench.settle();
  bench.settle();
  assert.equal(bench.clients[0]?.info?.readOnly, true);
  ask(bench, 0, 'write', 0, new Uint8Array(BLOCK));
  assert.deepEqual(bench.clients[0]?.takeAnswer(), { id: 1, good: false });
  ask(bench, 0, 'read', 0, BLOCK, 2);
  bench.server.answer(bench.server.request?.id ?? 0, 3, 0);
  bench.server.drop();
  bench.program.notified(7);
  assert.deepEqual(bench.clients[0]?.takeAnswer(), { id: 2, good: false });
});

test('a client that may only read; another writes to the same partition', () => {
  const bench = new ServedBench(new DiskServer(disk()), [1, 1], new Set([0]));
  bench.server.publish();
  bench.settle();
  bench.settle();
  const [reader, writer] = bench.clients;
  assert.deepEqual([reader?.info?.readOnly, writer?.info?.readOnly], [true, false]);
  const before = bench.server.told;
  ask(bench, 0, 'write', 8, new Uint8Array(BLOCK).fill(0xaa));
  assert.deepEqual(reader?.takeAnswer(), { id: 1, good: false });
  assert.equal(bench.server.told, before);
  ask(bench, 1, 'write', 8, new Uint8Array(BLOCK).fill(0xbb), 2);
  bench.settle();
  assert.deepEqual(writer?.takeAnswer(), { id: 2, good: true });
  const cell = ask(bench, 0, 'read', 8, BLOCK, 3);
  bench.settle();
  assert.deepEqual(reader?.takeAnswer(), { id: 3, good: true });
  assert.equal(reader?.cell(cell)[0], 0xbb);
});

test('whoever serves may lie: ids, lengths and counters are of no use to it', () => {
  const bench = served(1);
  const [queue] = bench.clients;
  ask(bench, 0, 'read', 0, BLOCK, 1);
  const { id = 0 } = bench.server.request ?? {};
  bench.server.answer(0xffff_ffff, 0, 1);
  bench.server.answer(id, 0, 65_535);
  bench.server.answer(id, 0, 1);
  bench.program.notified(7);
  assert.deepEqual(queue?.takeAnswer(), { id: 1, good: false });
  assert.equal(queue?.takeAnswer(), undefined);
  assert.equal(bench.log.length, 3);
  new DataView(bench.server.regions.answers.buffer).setUint32(4, 0x8000_0000, true);
  bench.program.notified(7);
  new DataView(bench.server.regions.requests.buffer).setUint32(0, 0x4000_0000, true);
  ask(bench, 0, 'read', 0, BLOCK, 2);
  assert.equal(queue?.takeAnswer(), undefined);
});

test('what is under way is in a snapshot', () => {
  const bench = served(1);
  ask(bench, 0, 'write', 9, new Uint8Array(SECTOR).fill(0xaa), 1);
  ask(bench, 0, 'write', 10, new Uint8Array(SECTOR).fill(0xbb), 2);
  bench.reload();
  bench.settle();
  assert.deepEqual(
    [bench.clients[0]?.takeAnswer()?.good, bench.clients[0]?.takeAnswer()?.good],
    [true, true],
  );
});

test('without its symbols it does nothing and says so', () => {
  const bench = new ServedBench(new DiskServer(disk()), []);
  assert.match(bench.log.join(''), /the description must set driver_storage_info/);
  bench.program.notified(1);
});
