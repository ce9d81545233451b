/**
 * A guest that serves a disk and lies: what is in its queues, its data and what it says of the disk may be anything at any time, and clients
 * ask for anything. Nothing may throw or hang; no client gets an answer that it did not ask for, nor two; nothing outside a client's own
 * requests' cells is written into its memory; the log is bounded.
 */
import assert from 'node:assert/strict';
import { masterBootRecord } from '../src/payload/disk/mbr.ts';
import { BLOCK_CODE, type BlockCode } from '../src/sddf/index.ts';
import { DiskServer, ServedBench } from '../test/support/served-disk.ts';
import { type Random, seededRandom } from './random.ts';
import type { FuzzOptions } from './run.ts';

const ACTIONS = 200;
const DISK_BYTES = 4 * 2 ** 20;
const CELLS_OFFSET = 0x2000;
const CODES = Object.keys(BLOCK_CODE) as BlockCode[];

export function fuzz({ runs, seed }: FuzzOptions): void {
  const random = seededRandom(seed);
  for (let run = 0; run < runs; run += ACTIONS) round(random);
}

function round(random: Random): void {
  const disk = new Uint8Array(DISK_BYTES);
  disk.set(masterBootRecord(DISK_BYTES, 1));
  const bench = new ServedBench(new DiskServer(disk, random.pick([0x1_1000, 0x4_0000])), [
    1,
    random.pick([1, 2]),
  ]);
  const asked = bench.clients.map(() => new Map<number, number>());
  let next = 0;
  for (let action = 0; action < ACTIONS; action += 1) {
    const client = random.below(2);
    const queue = bench.clients[client];
    switch (random.below(8)) {
      case 0:
        bench.server.publish(random.pick([DISK_BYTES / 4096, 0, 1, 2 ** 50]), random.below(8) === 0);
        break;
      case 1:
        bench.server.serveOne();
        break;
      case 2:
        bench.server.answer(random.below(20), random.below(3), random.pick([0, 1, 16, 17, 65_535]));
        break;
      case 3:
        scribble(random, random.pick(Object.values(bench.server.regions)));
        break;
      case 4:
        if (bench.server.request !== undefined) bench.server.drop();
        break;
      default: {
        const id = next++;
        const request = {
          id,
          code: random.pick(CODES),
          sector: random.pick([0, 1, 7, 8, 2048, 2 ** 32, 2 ** 40]),
          sizeBytes: random.pick([0, 511, 512, 4096, 65_536, 0xffff_ffff]),
          cell: random.pick([0, 1, 30, 31, 64, 0xffff_ffff]),
        };
        if (queue?.putRequest(request) === true) asked[client]?.set(id, request.cell);
      }
    }
    if (random.below(20) === 0) bench.reload();
    bench.program.notified(random.pick([1, 2, 7]));
    for (const [index, each] of bench.clients.entries()) {
      for (let answer = each.takeAnswer(); answer !== undefined; answer = each.takeAnswer()) {
        assert.ok(asked[index]?.delete(answer.id), 'an answer to nothing that was asked');
      }
    }
  }
  for (const memory of bench.memories) {
    // Cells that nobody ever named stay as they were.
    const [first, last] = [CELLS_OFFSET + 2 * 0x1_0000, CELLS_OFFSET + 30 * 0x1_0000];
    assert.ok(
      memory.subarray(first, last).every((byte) => byte === 0),
      'a byte outside of what was asked was written',
    );
  }
  assert.ok(bench.log.length < 50, 'the log is bounded');
}

function scribble(random: Random, bytes: Uint8Array): void {
  for (let count = random.below(8); count >= 0; count -= 1)
    bytes[random.below(Math.min(64, bytes.length))] = random.below(256);
}
