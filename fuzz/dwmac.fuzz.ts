/**
 * Hostile drivers of the DWC MAC: random register accesses of every width, descriptors that loop, chain, overlap each other,
 * their buffers and RAM's ends, lists moved while frames are under way, resets at any time. Nothing may throw or hang,
 * nothing beyond RAM may be touched, and a state taken anywhere must carry over.
 */

import assert from 'node:assert/strict';
import {
  DwmacDriver,
  frameTo,
  OWN,
  OWN_ADDRESS,
  R,
  RAM_BASE,
  RAM_BYTES,
} from '../test/support/dwmac-driver.ts';
import { loadSaved, savedCopy } from '../test/support/saved.ts';
import { type Random, seededRandom } from './random.ts';
import type { FuzzOptions } from './run.ts';

const ACTIONS = 300;

export function fuzz({ runs, seed }: FuzzOptions): void {
  const random = seededRandom(seed);
  for (let run = 0; run < runs; run += ACTIONS) round(random);
}

function round(random: Random): void {
  const driver = new DwmacDriver(random.pick([0, 2048, 4096, 16_384]));
  driver.start({ filter: random.pick([0, 1, 0x8000_0000]), configuration: random.u32(), mode: random.u32() });
  for (let action = 0; action < ACTIONS; action += 1) act(driver, random);
  const kept = savedCopy(driver.mac.saved);
  loadSaved(driver.mac.saved, kept);
  assert.deepEqual(savedCopy(driver.mac.saved), kept);
  for (let action = 0; action < 20; action += 1) act(driver, random);
  assert.ok(driver.guardsHold, 'a byte beyond RAM was written');
}

function act(driver: DwmacDriver, random: Random): void {
  switch (random.below(10)) {
    case 0:
      driver.mac.write(4 * random.below(0x80), random.u32(), random.pick([1, 2, 4] as const));
      return;
    case 1:
      driver.mac.write(0x1000 + random.below(0x60), random.u32(), random.pick([1, 2, 4] as const));
      return;
    case 2:
      driver.mac.read(random.below(0x1100), random.pick([1, 2, 4] as const));
      return;
    case 3:
      driver.write(random.pick([R.Receive_List, R.Transmit_List]), placeIn(random));
      return;
    case 4:
      driver.start({ configuration: random.u32(), mode: random.u32() });
      return;
    case 5:
      driver.settle(random.pick([100, 10_000, 1e6]));
      return;
    case 6:
      driver.hear(
        random.below(2) === 0
          ? frameTo(OWN_ADDRESS, random.below(1600), random.pick([0x0800, 0x86dd, 0x8100, 0x8808, 46]))
          : random.bytes(random.below(3000)),
      );
      return;
    case 7:
      driver.write(random.pick([R.Transmit_Poll_Demand, R.Receive_Poll_Demand]), 1);
      return;
    default:
      scribble(driver, random);
  }
}

/** Where descriptors are, and sometimes where they must not be. */
function placeIn(random: Random): number {
  const inRam = RAM_BASE + 16 * random.below(64);
  return random.below(6) === 0
    ? random.pick([0, RAM_BASE - 8, RAM_BASE + RAM_BYTES - 8, 0xffff_fff0])
    : inRam;
}

function scribble(driver: DwmacDriver, random: Random): void {
  for (let count = 0; count < 8; count += 1) {
    const size = random.pick([0, 1, 60, 100, 1536, 0x7ff]);
    const control = random.u32() & ~0x3f_ffff & ~(random.below(2) << 24);
    const [first, second] = [
      placeIn(random),
      random.below(3) === 0 ? placeIn(random) : RAM_BASE + random.below(RAM_BYTES),
    ];
    driver.descriptor(
      RAM_BASE + 16 * random.below(64),
      random.below(4) === 0 ? random.u32() : OWN,
      control | size | (random.below(2) === 0 ? 0 : size << 11),
      first,
      second,
    );
  }
}
