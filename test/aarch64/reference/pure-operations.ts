/**
 * WebAssembly's pure operations on `bigint`s (WebAssembly 2.0 §4.3), for the reference evaluator: slow, plain, and not
 * derived from any engine. Integers are unsigned numbers of their width, floats their bits, vectors 128-bit numbers with lane
 * 0 lowest.
 */
import type { OpName } from '../../../src/wasm/index.ts';

type Scalar = (bits: number, a: bigint, b: bigint) => bigint;

const signed = (bits: number, value: bigint): bigint => BigInt.asIntN(bits, value);
const wrap = (bits: number, value: bigint): bigint => BigInt.asUintN(bits, value);
const flag = (value: boolean): bigint => (value ? 1n : 0n);
const amount = (bits: number, value: bigint): bigint => value % BigInt(bits);

/** Of integers of any width; results are cut to it afterwards. */
const INTEGER: Readonly<Record<string, Scalar>> = {
  add: (_, a, b) => a + b,
  sub: (_, a, b) => a - b,
  mul: (_, a, b) => a * b,
  div_s: (bits, a, b) => signed(bits, a) / signed(bits, b),
  div_u: (_, a, b) => a / b,
  rem_s: (bits, a, b) => signed(bits, a) % signed(bits, b),
  rem_u: (_, a, b) => a % b,
  and: (_, a, b) => a & b,
  or: (_, a, b) => a | b,
  xor: (_, a, b) => a ^ b,
  shl: (bits, a, b) => a << amount(bits, b),
  shr_s: (bits, a, b) => signed(bits, a) >> amount(bits, b),
  shr_u: (bits, a, b) => a >> amount(bits, b),
  rotl: (bits, a, b) => (a << amount(bits, b)) | (a >> (BigInt(bits) - amount(bits, b))),
  rotr: (bits, a, b) => (a >> amount(bits, b)) | (a << (BigInt(bits) - amount(bits, b))),
  clz: (bits, a) => BigInt(a === 0n ? bits : bits - a.toString(2).length),
  ctz: (bits, a) => BigInt(a === 0n ? bits : (a & -a).toString(2).length - 1),
  popcnt: (_, a) => BigInt(a.toString(2).replaceAll('0', '').length),
  abs: (bits, a) => (signed(bits, a) < 0n ? -signed(bits, a) : a),
  neg: (_, a) => -a,
  min_s: (bits, a, b) => (signed(bits, a) < signed(bits, b) ? a : b),
  max_s: (bits, a, b) => (signed(bits, a) > signed(bits, b) ? a : b),
  min_u: (_, a, b) => (a < b ? a : b),
  max_u: (_, a, b) => (a > b ? a : b),
  extend8_s: (_, a) => signed(8, a),
  extend16_s: (_, a) => signed(16, a),
  extend32_s: (_, a) => signed(32, a),
};

/** 0 or 1 for scalars; all bits of a lane for vectors. */
const COMPARE: Readonly<Record<string, (bits: number, a: bigint, b: bigint) => boolean>> = {
  eqz: (_, a) => a === 0n,
  eq: (_, a, b) => a === b,
  ne: (_, a, b) => a !== b,
  lt_s: (bits, a, b) => signed(bits, a) < signed(bits, b),
  lt_u: (_, a, b) => a < b,
  gt_s: (bits, a, b) => signed(bits, a) > signed(bits, b),
  gt_u: (_, a, b) => a > b,
  le_s: (bits, a, b) => signed(bits, a) <= signed(bits, b),
  le_u: (_, a, b) => a <= b,
  ge_s: (bits, a, b) => signed(bits, a) >= signed(bits, b),
  ge_u: (_, a, b) => a >= b,
};

const view = new DataView(new ArrayBuffer(8));

function asFloat(bits: number, value: bigint): number {
  if (bits === 64) {
    view.setBigUint64(0, value);
    return view.getFloat64(0);
  }
  view.setUint32(0, Number(value));
  return view.getFloat32(0);
}

/** The bits of a floating-point number. */
export function floatBits(bits: number, value: number): bigint {
  if (bits === 64) {
    view.setFloat64(0, value);
    return view.getBigUint64(0);
  }
  view.setFloat32(0, value);
  return BigInt(view.getUint32(0));
}

/** Rounding a double's result to a single is exact for these (Figueroa: a double has more than 2p + 2 bits). */
const FLOAT: Readonly<Record<string, (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  sqrt: (a) => Math.sqrt(a),
};
const FLOAT_COMPARE: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  lt: (a, b) => a < b,
  gt: (a, b) => a > b,
  le: (a, b) => a <= b,
  ge: (a, b) => a >= b,
};

const CONVERT: Readonly<Record<string, (a: bigint) => bigint>> = {
  'i32.wrap_i64': (a) => wrap(32, a),
  'i64.extend_i32_s': (a) => wrap(64, signed(32, a)),
  'i64.extend_i32_u': (a) => a,
  'f64.convert_i64_u': (a) => floatBits(64, Number(a)),
  'f64.promote_f32': (a) => floatBits(64, asFloat(32, a)),
  'f32.demote_f64': (a) => floatBits(32, asFloat(64, a)),
  'i32.reinterpret_f32': (a) => a,
  'i64.reinterpret_f64': (a) => a,
  'f32.reinterpret_i32': (a) => a,
  'f64.reinterpret_i64': (a) => a,
  'i64.trunc_sat_f64_u': (a) => truncateUnsigned(asFloat(64, a)),
};

function truncateUnsigned(value: number): bigint {
  if (Number.isNaN(value) || value <= 0) return 0n;
  return value >= 2 ** 64 ? wrap(64, -1n) : BigInt(Math.trunc(value));
}

const VECTOR_BITS = 128;
const ALL_ONES = wrap(VECTOR_BITS, -1n);

const BITWISE: Readonly<Record<string, (a: bigint, b: bigint, c: bigint) => bigint>> = {
  not: (a) => a ^ ALL_ONES,
  and: (a, b) => a & b,
  andnot: (a, b) => a & (b ^ ALL_ONES),
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
  bitselect: (a, b, c) => (a & c) | (b & (c ^ ALL_ONES)),
};

const lane = (bits: number, vector: bigint, index: number): bigint =>
  wrap(bits, vector >> BigInt(bits * index));

function fromLanes(bits: number, of: (index: number) => bigint): bigint {
  let vector = 0n;
  for (let index = 0; index < VECTOR_BITS / bits; index++) {
    vector |= wrap(bits, of(index)) << BigInt(bits * index);
  }
  return vector;
}

/** Applies an operation by name. Throws for one that it doesn't have, which is our mistake. */
export function pureOperation(name: OpName, args: readonly bigint[], immediate: readonly number[]): bigint {
  const [a = 0n, b = 0n, c = 0n] = args;
  const convert = CONVERT[name];
  if (convert !== undefined) return convert(a);
  const [shape = '', operation = ''] = name.split('.');
  const scalar = /^([if])(32|64)$/.exec(shape);
  if (scalar !== null) {
    const bits = Number(scalar[2]);
    return scalar[1] === 'i'
      ? integerOperation(operation, bits, a, b)
      : floatOperation(operation, bits, a, b);
  }
  if (shape === 'v128') {
    const bitwise = BITWISE[operation];
    if (bitwise !== undefined) return bitwise(a, b, c);
  }
  const lanes = /^i(8|16|32|64)x\d+$/.exec(shape);
  if (lanes !== null) return laneOperation(operation, Number(lanes[1]), a, b, immediate);
  throw new Error(`the evaluator has no ${name}`);
}

function integerOperation(operation: string, bits: number, a: bigint, b: bigint): bigint {
  const compare = COMPARE[operation];
  if (compare !== undefined) return flag(compare(bits, a, b));
  const compute = INTEGER[operation];
  if (compute === undefined) throw new Error(`the evaluator has no integer ${operation}`);
  return wrap(bits, compute(bits, a, b));
}

function floatOperation(operation: string, bits: number, a: bigint, b: bigint): bigint {
  const [x, y] = [asFloat(bits, a), asFloat(bits, b)];
  const compare = FLOAT_COMPARE[operation];
  if (compare !== undefined) return flag(compare(x, y));
  const compute = FLOAT[operation];
  if (compute === undefined) throw new Error(`the evaluator has no floating-point ${operation}`);
  return floatBits(bits, compute(x, y));
}

function laneOperation(
  operation: string,
  bits: number,
  a: bigint,
  b: bigint,
  immediate: readonly number[],
): bigint {
  const [index = 0] = immediate;
  switch (operation) {
    case 'splat':
      return fromLanes(bits, () => a);
    case 'extract_lane':
    case 'extract_lane_u':
      return lane(bits, a, index);
    case 'extract_lane_s':
      return wrap(32, signed(bits, lane(bits, a, index)));
    case 'replace_lane':
      return fromLanes(bits, (at) => (at === index ? b : lane(bits, a, at)));
    case 'shuffle':
      return fromLanes(8, (at) => {
        const from = immediate[at] ?? 0;
        return from < 16 ? lane(8, a, from) : lane(8, b, from - 16);
      });
    case 'swizzle':
      return fromLanes(8, (at) => {
        const from = Number(lane(8, b, at));
        return from < 16 ? lane(8, a, from) : 0n;
      });
    case 'shl':
    case 'shr_s':
    case 'shr_u':
      return fromLanes(bits, (at) => INTEGER[operation]?.(bits, lane(bits, a, at), b) ?? 0n);
  }
  const compare = COMPARE[operation];
  if (compare !== undefined) {
    return fromLanes(bits, (at) => (compare(bits, lane(bits, a, at), lane(bits, b, at)) ? -1n : 0n));
  }
  const compute = INTEGER[operation];
  if (compute === undefined) throw new Error(`the evaluator has no ${operation} of lanes`);
  return fromLanes(bits, (at) => compute(bits, lane(bits, a, at), lane(bits, b, at)));
}
