/**
 * Damaged snapshots of a machine with devices of every kind of state: bytes that are changed are refused or read as values, and
 * values that are changed are refused before anything of them is taken up, or loaded and used without a throw.
 */
import assert from 'node:assert/strict';
import {
  DiagnosticSink,
  decodeSaved,
  encodeSaved,
  Refusal,
  type Saved,
  type SavedValue,
} from '../src/base/index.ts';
import { createMachine, type Machine } from '../src/machine/index.ts';
import { readSnapshot, writeSnapshot } from '../src/run/index.ts';
import { boardOfDts } from '../test/support/trees.ts';
import { mutateBytes } from './mutate.ts';
import { type Random, seededRandom } from './random.ts';
import type { FuzzOptions } from './run.ts';

const BOARD = `/ { #address-cells = <1>; #size-cells = <1>; interrupt-parent = <&gic>;
  gic: interrupt-controller@8000000 { compatible = "arm,cortex-a15-gic"; interrupt-controller; #interrupt-cells = <3>;
    reg = <0x8000000 0x1000>, <0x8010000 0x2000>, <0x8030000 0x1000>, <0x8040000 0x2000>; };
  pl011@9000000 { compatible = "arm,pl011"; reg = <0x9000000 0x1000>; interrupts = <0 1 4>; };
  uart@9010000 { compatible = "ns16550a"; reg = <0x9010000 0x100>; interrupts = <0 2 4>; };
  uart@9020000 { compatible = "qcom,msm-uartdm"; reg = <0x9020000 0x200>; interrupts = <0 3 4>; };
  timer@9030000 { compatible = "allwinner,sun50i-a64-timer", "allwinner,sun8i-a23-timer"; reg = <0x9030000 0xa0>;
    interrupts = <0 4 4>, <0 5 4>; };
  ethernet@9040000 { compatible = "amlogic,meson-axg-dwmac", "snps,dwmac-3.70a"; reg = <0x9040000 0x10000>; interrupts = <0 6 4>; };
  mmc@9060000 { compatible = "amlogic,meson-axg-mmc"; reg = <0x9060000 0x800>; interrupts = <0 7 1>; non-removable; };
  pl031@9080000 { compatible = "arm,pl031"; reg = <0x9080000 0x1000>; interrupts = <0 8 4>; };
  pl061@9090000 { compatible = "arm,pl061"; reg = <0x9090000 0x1000>; interrupts = <0 9 4>; };
  clocks@9070000 { compatible = "test,unknown"; reg = <0x9070000 0x400>; };
  memory@40000000 { device_type = "memory"; reg = <0x40000000 0x1000000>; }; };`;

const board = boardOfDts(BOARD);
const AWKWARD: readonly SavedValue[] = [
  undefined,
  true,
  -1,
  0,
  1.5,
  255,
  65_536,
  2 ** 32 - 1,
  2 ** 53,
  1e308,
  'text',
  '',
  -1n,
  2n ** 64n,
  [],
  {},
  new Uint8Array(0),
  new Uint8Array(4096),
];

/** Writes all over the devices, so that there is something to save. */
function disturb(random: Random, machine: Machine): void {
  for (let count = 40; count > 0; count -= 1) {
    const { device } = random.pick(machine.devices);
    const offset = 4 * random.below(Math.max(1, Math.min(device.sizeBytes, 0x1100) / 4));
    if (random.below(2) === 0) device.write(offset, random.u32(), 4);
    else device.read(offset, 4);
  }
  for (const line of machine.serialLines.values()) line.type(random.bytes(random.below(20)));
}

/** The same value with something else at one place. */
function changed(random: Random, value: SavedValue): SavedValue {
  if (typeof value !== 'object' || value instanceof Uint8Array || random.below(12) === 0)
    return random.pick(AWKWARD);
  const entries = Object.entries(value);
  if (entries.length === 0) return random.pick(AWKWARD);
  const [name] = random.pick(entries);
  const members = entries.flatMap(([key, member]) => {
    if (key !== name) return [[key, member] as const];
    return random.below(20) === 0 ? [] : [[key, changed(random, member)] as const];
  });
  return Array.isArray(value) ? members.map(([, member]) => member) : Object.fromEntries(members);
}

function problemsOf(part: Saved, value: unknown): number {
  let count = 0;
  part.check(value, [], () => {
    count += 1;
  });
  return count;
}

export const testRuns = 200;

export function fuzz({ runs, seed }: FuzzOptions): void {
  const random = seededRandom(seed);
  let machine = createMachine(board);
  for (let run = 0; run < runs; run += 1) {
    if (run % 50 === 0) machine = createMachine(board);
    disturb(random, machine);
    const bytes = encodeSaved(machine.saved.save());
    const value = decodeSaved(bytes);
    assert.equal(problemsOf(machine.saved, value), 0);
    const mutant = changed(random, value);
    const fits = problemsOf(machine.saved, mutant) === 0;
    assert.deepEqual(encodeSaved(machine.saved.save()), bytes, 'a check changed something');
    if (fits) {
      machine.saved.load(mutant);
      disturb(random, machine);
      machine.time.advanceTo(machine.time.nowNs + random.below(1e6));
    } else machine.saved.load(value);
    readDamaged(random, bytes);
  }
}

/** Bytes that were changed are refused with a diagnostic, or, where the checksum is right, with the error that readers know. */
function readDamaged(random: Random, bytes: Uint8Array): void {
  try {
    decodeSaved(mutateBytes(random, bytes));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
  const sink = new DiagnosticSink();
  const whole = writeSnapshot({ timeNs: 1 });
  const damaged = mutateBytes(random, whole);
  const same = damaged.length === whole.length && damaged.every((byte, at) => byte === whole[at]);
  const read = readSnapshot(damaged, 'snapshot', sink);
  assert.equal(read === undefined, !same);
  assert.equal(sink.hasErrors, !same);
}
