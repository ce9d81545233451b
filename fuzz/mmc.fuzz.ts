/**
 * Hostile drivers of the SD/eMMC controller and its cards: random registers in every width, descriptors that are cut short,
 * follow one another without end, overwrite themselves and each other, lie outside RAM or in the SRAM; data to anywhere;
 * commands in every state of the card; starts while busy, stops and resets in mid-flight, states saved and taken back.
 * Nothing may throw or hang, and nothing outside RAM and the store may be written: the memory around both is watched.
 */

import assert from 'node:assert/strict';
import { EmmcCard, MESON_AXG_MMC_REGISTERS, SdCard } from '../src/device/index.ts';
import {
  cmdCfg,
  identify,
  MMC_BASE,
  type MmcBench,
  memoryStore,
  mmcBench,
  RAM_BASE,
  RAM_BYTES,
} from '../test/support/mmc-bench.ts';
import { loadSaved, savedCopy } from '../test/support/saved.ts';
import { type Random, seededRandom } from './random.ts';
import type { FuzzOptions } from './run.ts';

const ACTIONS = 200;
const GUARD_BYTES = 0x1000;
const GUARD = 0xa5;
/** Not a multiple of what a card can say: its last blocks lie beyond the store. */
const STORE_BYTES = 3 * 2 ** 20 - 512;
/** How many descriptors may end before the driver does something else. */
const ALARMS_AT_ONCE = 300;

const OFFSETS = Object.values(MESON_AXG_MMC_REGISTERS).map(({ offset }) => offset);

export function fuzz({ runs, seed }: FuzzOptions): void {
  const random = seededRandom(seed);
  for (let run = 0; run < runs; run += ACTIONS) round(random);
}

function round(random: Random): void {
  const all = new Uint8Array(RAM_BYTES + 2 * GUARD_BYTES).fill(GUARD);
  const ram = all.subarray(GUARD_BYTES, GUARD_BYTES + RAM_BYTES);
  ram.fill(0);
  const store = memoryStore(STORE_BYTES, random.below(8) === 0);
  const bench = mmcBench(random.below(8) === 0 ? undefined : store, ram, random.pick([EmmcCard, SdCard]));
  const sectors = store.bytes.slice();
  if (random.below(2) === 0) identify(bench.card);
  for (let action = 0; action < ACTIONS; action += 1) {
    store.failing = random.below(10) === 0;
    act(bench, random);
  }
  const kept = savedCopy(bench.mmc.saved);
  loadSaved(bench.mmc.saved, kept);
  assert.deepEqual(savedCopy(bench.mmc.saved), kept);
  bench.mmc.reset();
  assert.equal(bench.clock.nextDeadlineNs, undefined, 'nothing is under way after a reset');
  const guards = [all.subarray(0, GUARD_BYTES), all.subarray(GUARD_BYTES + RAM_BYTES)];
  assert.ok(
    guards.every((guard) => guard.every((byte) => byte === GUARD)),
    'a byte outside RAM was written',
  );
  assert.equal(store.bytes.length, STORE_BYTES);
  if (store.readOnly) assert.deepEqual(store.bytes, sectors, 'a card that is only read was written');
}

function act(bench: MmcBench, random: Random): void {
  const { mmc, clock } = bench;
  switch (random.below(10)) {
    case 0:
      mmc.write(random.below(0x800) & ~3, random.u32(), 4);
      return;
    case 1:
      mmc.write(random.pick(OFFSETS) + random.below(4), random.u32(), random.pick([1, 2, 4] as const));
      return;
    case 2:
      mmc.read(random.below(0x800), random.pick([1, 2, 4] as const));
      return;
    case 3:
      bench.write('SD_EMMC_CFG', (random.u32() & ~(1 << 22) & ~0xf3) | random.pick([0x90, 0x91, 0x92, 0x90]));
      return;
    case 4:
      bench.write('SD_EMMC_CMD_CFG', command(random));
      bench.write('SD_EMMC_CMD_DAT', address(random));
      bench.write('SD_EMMC_CMD_ARG', argument(random));
      return;
    case 5:
      chain(bench, random);
      return;
    case 6:
      bench.write('SD_EMMC_START', random.pick([0, 2, 3, address(random) | 2]));
      return;
    case 7:
      for (
        let count = random.below(ALARMS_AT_ONCE);
        count > 0 && clock.nextDeadlineNs !== undefined;
        count -= 1
      )
        clock.advanceTo(clock.nextDeadlineNs);
      return;
    case 8:
      transfers(bench, random);
      return;
    default:
      bench.write('SD_EMMC_STATUS', 0x3fff);
      if (random.below(20) === 0) mmc.reset();
      else if (random.below(4) === 0) loadSaved(mmc.saved, savedCopy(mmc.saved));
  }
}

/** The card by itself, from where it transfers: data of any length, in whatever state the commands left it. */
function transfers({ card }: MmcBench, random: Random): void {
  if (random.below(2) === 0) identify(card);
  if (random.below(4) === 0) {
    for (const index of random.pick([
      [35, 36],
      [32, 33],
    ]))
      card.command(index, 512 * random.below(STORE_BYTES / 512 + 4));
    card.command(38, random.pick([0, 1, 3, random.u32()]));
  }
  for (let count = random.below(12); count > 0; count -= 1) {
    const index = random.below(4) === 0 ? random.below(64) : random.pick(COMMANDS);
    card.command(index, argument(random));
    const sizeBytes = random.pick([8, 128, 512, 1024, 16 * 512]);
    if (random.below(2) === 0) card.send(new Uint8Array(sizeBytes));
    else card.receive(random.bytes(sizeBytes));
    if (random.below(8) === 0) loadSaved(card.saved, savedCopy(card.saved));
  }
}

const COMMANDS = [
  0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 12, 13, 15, 16, 17, 18, 21, 23, 24, 25, 32, 33, 35, 36, 38, 41, 42, 51, 55,
] as const;

/** Mostly commands that the card knows, with data as it would have them. */
function command(random: Random): number {
  const index = random.below(6) === 0 ? random.below(64) : random.pick(COMMANDS);
  if (random.below(6) === 0) return random.u32();
  return cmdCfg({
    CMD_INDEX: index,
    DATA_IO: [8, 17, 18, 21, 24, 25].includes(index) ? 1 : random.below(2),
    DATA_WR: index === 24 || index === 25 ? 1 : 0,
    BLOCK_MODE: random.below(2),
    LENGTH: random.pick([0, 1, 2, 8, 511]),
    RESP_128: index === 2 || index === 9 || index === 10 ? 1 : 0,
    RESP_NUM: random.below(2),
    OWNER: random.below(10) === 0 ? 0 : 1,
    NO_CMD: random.below(5) === 0 ? 1 : 0,
    END_OF_CHAIN: random.below(3) === 0 ? 1 : 0,
    TIMEOUT: random.below(16),
  });
}

function argument(random: Random): number {
  return random.pick([
    0,
    0x1_0000,
    0x40ff_8000,
    512 * random.below(STORE_BYTES / 512 + 4),
    STORE_BYTES - 512,
    0x03b7_0000 | (random.below(8) << 8),
    0x0300_0000 | (random.pick([32, 33, 34, 162, 175, 179, 185, 187, 192]) << 16) | (random.below(3) << 8),
    random.below(20),
    random.u32(),
  ]);
}

/** RAM, its ends, the controller's own SRAM, other devices, nowhere. */
function address(random: Random): number {
  return random.pick([
    RAM_BASE + 16 * random.below(RAM_BYTES / 16),
    RAM_BASE + RAM_BYTES - 8,
    RAM_BASE - 8,
    RAM_BASE,
    MMC_BASE + 0x200 + 4 * random.below(0x180),
    MMC_BASE,
    random.below(0x800) | 1,
    0xffff_fff0,
    random.u32(),
  ]);
}

function chain(bench: MmcBench, random: Random): void {
  const start = random.below(4) === 0 ? RAM_BYTES - 64 : 16 * random.below(64);
  const view = new DataView(bench.ram.buffer, bench.ram.byteOffset, bench.ram.length);
  const count = random.pick([1, 2, 5, 200]);
  for (let at = start; at < start + 16 * count && at + 16 <= RAM_BYTES; at += 16) {
    view.setUint32(at, command(random), true);
    view.setUint32(at + 4, argument(random), true);
    view.setUint32(at + 8, address(random), true);
    view.setUint32(at + 12, address(random), true);
  }
  bench.write('SD_EMMC_START', (RAM_BASE + start) | 2);
}
