/** The registers that a test case sets before one instruction and looks at after it, and their place in memory. */
import type { Random } from '../../fuzz/random.ts';

export const STATE_BYTES = 1024;
export const OFFSET = { x: 0, sp: 248, nzcv: 256, fpcr: 264, fpsr: 272, v: 288 } as const;
const V_BYTES = 16;
export const GENERAL_REGISTERS = 31;
export const VECTOR_REGISTERS = 32;

/** One case's registers, as the bytes that the stub loads. */
export class MachineState {
  readonly bytes = new Uint8Array(STATE_BYTES);
  readonly #view = new DataView(this.bytes.buffer);

  setX(register: number, value: bigint): void {
    this.#view.setBigUint64(OFFSET.x + register * 8, BigInt.asUintN(64, value), true);
  }
  set(field: 'sp' | 'nzcv' | 'fpcr' | 'fpsr', value: bigint): void {
    this.#view.setBigUint64(OFFSET[field], BigInt.asUintN(64, value), true);
  }
  setV(register: number, bytes: Uint8Array): void {
    this.bytes.set(bytes, OFFSET.v + register * V_BYTES);
  }
}

const EDGES = [
  0n,
  1n,
  2n,
  -1n,
  0x7fff_ffffn,
  0x8000_0000n,
  0xffff_ffffn,
  0x1_0000_0000n,
  0x7fff_ffff_ffff_ffffn,
  0x8000_0000_0000_0000n,
  0x7fn,
  0x80n,
  0xffn,
  0x7fffn,
  0x8000n,
  0xffffn,
  63n,
  31n,
] as const;

export function randomLong(random: Random): bigint {
  const wide = (): bigint => (BigInt(random.u32()) << 32n) | BigInt(random.u32());
  switch (random.below(4)) {
    case 0:
      return BigInt.asUintN(64, random.pick(EDGES));
    case 1:
      return wide() >> BigInt(random.below(64));
    case 2:
      return BigInt.asUintN(64, random.pick(EDGES) + BigInt(random.below(5)) - 2n);
    default:
      return wide();
  }
}

/** Floating-point values where mistakes live: zeros, ones, infinities, NaNs of both kinds, subnormals, halves, limits. */
const SINGLES = [
  0x0000_0000, 0x8000_0000, 0x3f80_0000, 0xbf80_0000, 0x7f80_0000, 0xff80_0000, 0x7fc0_0000, 0x7f80_0001,
  0xffc1_2345, 0xff81_2345, 0x0000_0001, 0x807f_ffff, 0x0080_0000, 0x7f7f_ffff, 0x3f00_0000, 0x3fc0_0000,
  0x4f00_0000, 0xcf00_0000, 0x4f80_0000, 0x5f00_0000, 0x3380_0000, 0x477f_e000, 0x477f_f000, 0x3880_0000,
] as const;
const DOUBLES = [
  0x0n,
  0x8000_0000_0000_0000n,
  0x3ff0_0000_0000_0000n,
  0xbff0_0000_0000_0000n,
  0x7ff0_0000_0000_0000n,
  0xfff0_0000_0000_0000n,
  0x7ff8_0000_0000_0000n,
  0x7ff0_0000_0000_0001n,
  0xfff8_1234_5678_9abcn,
  0xfff4_1234_5678_9abcn,
  0x0000_0000_0000_0001n,
  0x800f_ffff_ffff_ffffn,
  0x0010_0000_0000_0000n,
  0x7fef_ffff_ffff_ffffn,
  0x3fe0_0000_0000_0000n,
  0x3ff8_0000_0000_0000n,
  0x41e0_0000_0000_0000n,
  0xc1e0_0000_0000_0000n,
  0x43e0_0000_0000_0000n,
  0x47ef_ffff_f000_0000n,
  0x36a0_0000_0000_0000n,
  0x3810_0000_0000_0000n,
] as const;
const HALVES = [
  0x0000, 0x8000, 0x3c00, 0x7c00, 0xfc00, 0x7e00, 0x7c01, 0xfe12, 0x0001, 0x83ff, 0x0400, 0x7bff,
] as const;

export function randomVector(random: Random): Uint8Array {
  const bytes = new Uint8Array(V_BYTES);
  const view = new DataView(bytes.buffer);
  switch (random.below(7)) {
    case 0:
      for (let lane = 0; lane < 4; lane++) view.setUint32(lane * 4, random.pick(SINGLES), true);
      break;
    case 1:
      for (let lane = 0; lane < 2; lane++) view.setBigUint64(lane * 8, random.pick(DOUBLES), true);
      break;
    case 2:
      for (let lane = 0; lane < 8; lane++) view.setUint16(lane * 2, random.pick(HALVES), true);
      break;
    case 3:
      for (let lane = 0; lane < 4; lane++) view.setFloat32(lane * 4, ordinaryNumber(random), true);
      break;
    case 4:
      for (let lane = 0; lane < 2; lane++) view.setFloat64(lane * 8, ordinaryNumber(random), true);
      break;
    case 5:
      for (let lane = 0; lane < 2; lane++) view.setBigUint64(lane * 8, randomLong(random), true);
      break;
    default:
      bytes.set(random.bytes(V_BYTES));
  }
  return bytes;
}

function ordinaryNumber(random: Random): number {
  return (random.u32() / 2 ** 16 - 2 ** 15) * 2 ** (random.below(60) - 30);
}
