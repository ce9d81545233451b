/** Page tables of random entries: what the walk gives, against a plain reading of the Arm ARM over `bigint`s. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Random, seededRandom } from '../../fuzz/random.ts';
import { Guest, RAM, RAM_BYTES } from './guest.ts';

const ROUNDS = 400;
const PROBES = 40;
const ENTRIES = 512;
const TABLES = [0, 1, 2, 3].map((table) => RAM + 0x10_0000 + table * 0x1000);
const IPA_LIMITS = [32n, 36n] as const;

/** Tables lead to each other, to RAM, and to nowhere. */
function randomEntry(random: Random): bigint {
  const output = random.pick([
    () => BigInt(random.pick(TABLES)),
    () => BigInt(random.pick(TABLES)),
    () => BigInt(random.pick(TABLES)),
    () => BigInt(RAM + random.below(RAM_BYTES / 0x1000) * 0x1000),
    () => BigInt(RAM + random.below(RAM_BYTES / 0x1000) * 0x1000),
    () => BigInt(random.u32()) & ~0xfffn,
    () => BigInt(random.below(0x1_0000)) << 32n,
  ])();
  const attributes =
    random.below(2) === 0 ? 0n : (BigInt(random.below(16)) << 59n) | (BigInt(random.below(4)) << 53n);
  const low = BigInt(random.below(4) === 0 ? random.below(0x1000) : 0x403 | (random.below(4) << 6));
  return output | attributes | (low & 0xfffn & ~(random.below(8) === 0 ? 3n : 0n));
}

interface Regime {
  readonly tcr: bigint;
  readonly ttbr0: bigint;
  readonly ttbr1: bigint;
  readonly wxn: boolean;
}

type Access = 'read' | 'write' | 'execute';

/** The IPA, or `undefined` for any fault (Arm ARM D8.2, D8.3, D8.4). */
function expected(guest: Guest, regime: Regime, va: bigint, access: Access, el: number, pan: boolean) {
  const upper = ((va >> 55n) & 1n) === 1n;
  const field = (low: bigint, high: bigint, bits: bigint): bigint =>
    (regime.tcr >> (upper ? high : low)) & ((1n << bits) - 1n);
  const sizeField = field(0n, 16n, 6n);
  const bits = 64n - (sizeField < 16n ? 16n : sizeField > 39n ? 39n : sizeField);
  const checked = field(37n, 38n, 1n) === 1n ? BigInt.asIntN(56, va) : BigInt.asIntN(64, va);
  if (checked >> bits !== (upper ? -1n : 0n)) return undefined;
  if (field(7n, 23n, 1n) === 1n || field(14n, 30n, 2n) !== (upper ? 2n : 0n)) return undefined;
  const limit = 1n << (IPA_LIMITS[Number((regime.tcr >> 32n) & 7n)] ?? 40n);
  let table = (upper ? regime.ttbr1 : regime.ttbr0) & 0xffff_ffff_f000n;
  let [noEl0, readOnly, uxnTable, pxnTable] = [false, false, false, false];
  const within = va & ((1n << bits) - 1n);
  for (let level = bits >= 40n ? 0 : bits >= 31n ? 1 : 2; ; level++) {
    const shift = 39n - 9n * BigInt(level);
    const at = table + ((within >> shift) & 511n) * 8n;
    if (table >= limit || at < BigInt(RAM) || at >= BigInt(RAM + RAM_BYTES)) return undefined;
    const entry = guest.long(Number(at));
    const has = (bit: bigint): boolean => ((entry >> bit) & 1n) === 1n;
    const output = entry & 0xffff_ffff_f000n;
    const isTable = level < 3 && (entry & 3n) === 3n;
    const isLeaf = level === 3 ? (entry & 3n) === 3n : level > 0 && (entry & 3n) === 1n;
    if ((!isTable && !isLeaf) || output >= limit) return undefined;
    if (isTable) {
      noEl0 ||= has(61n);
      readOnly ||= has(62n);
      uxnTable ||= has(60n);
      pxnTable ||= has(59n);
      table = output;
      continue;
    }
    if (!has(10n)) return undefined;
    const user = has(6n) && !noEl0;
    const writable = !has(7n) && !readOnly;
    const wxn = regime.wxn && writable;
    const allowed = {
      read: el === 0 ? user : !(pan && user),
      write: writable && (el === 0 ? user : !(pan && user)),
      execute:
        el === 0
          ? !(has(54n) || uxnTable) && !(wxn && user)
          : !(has(53n) || pxnTable) && !(user && writable) && !wxn,
    }[access];
    if (!allowed) return undefined;
    const size = (1n << shift) - 1n;
    const ipa = (output & ~size) | (va & size);
    // What stage 2 does not have is a fault of its own.
    return ipa >= BigInt(RAM) && ipa < BigInt(RAM + RAM_BYTES) ? Number(ipa) : undefined;
  }
}

test('random tables are walked as the architecture says', () => {
  const random = seededRandom(14);
  const guest = new Guest();
  const { vcpu } = guest;
  let mapped = 0;
  for (let round = 0; round < ROUNDS; round++) {
    for (const table of TABLES) {
      for (let at = 0; at < ENTRIES; at++) guest.setLong(table + at * 8, randomEntry(random));
    }
    const sizes = [0, 1].map(() => random.pick([16, 16, 25, 33, 34, 39, random.below(64)]));
    const tcr =
      BigInt(sizes[0] ?? 16) |
      (BigInt(sizes[1] ?? 16) << 16n) |
      ((random.below(8) === 0 ? 1n : 2n) << 30n) |
      (BigInt(random.pick([0, 1, 2, 2, 2, 2, 5, 7])) << 32n) |
      (BigInt(random.below(4)) << 37n) |
      (random.below(8) === 0 ? 1n << BigInt(random.pick([7, 14, 23])) : 0n);
    const regime: Regime = {
      tcr,
      ttbr0: BigInt(random.pick(TABLES)) | (BigInt(random.below(4)) << 48n),
      ttbr1: BigInt(random.pick(TABLES)) | BigInt(random.below(2)),
      wxn: random.below(4) === 0,
    };
    vcpu.setSystem('TCR_EL1', regime.tcr);
    vcpu.setSystem('TTBR0_EL1', regime.ttbr0);
    vcpu.setSystem('TTBR1_EL1', regime.ttbr1);
    vcpu.setSystem('SCTLR_EL1', 1n | (regime.wxn ? 1n << 19n : 0n));
    for (let probe = 0; probe < PROBES; probe++) {
      const upper = random.below(2);
      const tag = random.below(8) === 0 ? BigInt(random.below(256)) << 56n : 0n;
      const bits =
        64n - BigInt(Math.min(Math.max(sizes[upper] ?? 16, 16), 39)) + (random.below(8) === 0 ? 1n : 0n);
      const low = (BigInt(random.u32()) << 32n) | BigInt(random.u32());
      const ofRegion = low & ((1n << bits) - 1n);
      const filled = upper === 0 ? ofRegion : ofRegion | BigInt.asUintN(64, -1n << bits);
      const va = BigInt.asUintN(64, filled ^ tag);
      const el = random.below(2);
      const pan = random.below(2) === 0;
      vcpu.pstate = (el === 0 ? 0 : 5) | (pan ? 1 << 22 : 0);
      for (const access of ['read', 'write', 'execute'] as const) {
        const wanted = expected(guest, regime, va, access, el, pan && access !== 'execute');
        const who = `0x${va.toString(16)} for ${access} at EL${el} in round ${round}`;
        if (access !== 'execute' || !pan) assert.equal(vcpu.translate(va, access)?.ipa, wanted, who);
        if (wanted !== undefined) mapped++;
      }
    }
  }
  assert.ok(mapped > ROUNDS, `only ${mapped} were mapped`);
});

test('address spaces keep their pages apart, and an ASID that is invalidated is walked anew', () => {
  const guest = new Guest();
  guest.enableMmu();
  const { vcpu } = guest;
  const va = 0x7f_0000_0000n;
  const spaces = Array.from({ length: 12 }, (_, space) => {
    const root = guest.newTable();
    guest.map(root, va, RAM + 0x20_0000 + space * 0x1000, 0x443n | (1n << 11n));
    guest.setLong(RAM + 0x20_0000 + space * 0x1000, BigInt(100 + space));
    return root;
  });
  const read = (space: number): bigint => {
    vcpu.setSystem('TTBR0_EL1', BigInt(spaces[space] ?? 0) | (BigInt(space + 1) << 48n));
    vcpu.setX(1, va);
    vcpu.pstate = 0x3c5;
    vcpu.pc = guestCode;
    assert.equal(vcpu.run(100).kind, 'hvc');
    return vcpu.x(0);
  };
  const guestCode = 0xffff_8000_0000_0000n;
  guest.map(Number(vcpu.system('TTBR1_EL1')), guestCode, RAM, 0x403n);
  guest.put(RAM, 'ldtr x0, [x1]\nhvc #0\ntlbi aside1is, x2\nhvc #0');
  for (const space of [...spaces.keys(), ...spaces.keys()]) assert.equal(read(space), BigInt(100 + space));
  assert.equal(read(3), 103n);
  // A changed entry is seen when the ASID, and not another one, is invalidated.
  guest.map(spaces[3] ?? 0, va, RAM + 0x20_0000, 0x443n | (1n << 11n));
  const invalidate = (asid: bigint): void => {
    vcpu.setX(2, asid << 48n);
    vcpu.pc = guestCode + 8n;
    assert.equal(vcpu.run(100).kind, 'hvc');
  };
  invalidate(9n);
  assert.equal(read(3), 103n);
  invalidate(4n);
  assert.equal(read(3), 100n);
});
