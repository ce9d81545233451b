/**
 * The common case, by WebAssembly's own arithmetic: rounding to nearest, nothing flushed, and a result that is a normal
 * number, so that its bits are the architecture's. Whether it is exact is told by an error-free transformation where
 * that is cheap; where it isn't, the fast path needs FPSR.IXC to be set already, as it is after the first inexact
 * operation. Everything else goes the long way.
 */
import { and, i32, i64, isZero, low32, ltUnsigned, ne, shl, sub, zeroExtend } from '../../meaning/integer.ts';
import { helper, type Meaning } from '../../meaning/meaning.ts';
import { type Helper, pure, type Value } from '../../meaning/value.ts';
import { STATE } from '../../state.ts';
import { exponentOnes, FPCR, FPSR, type FpFormat, SINGLE } from '../format.ts';
import { softAdd, softDiv, softMul, softSqrt, softSub } from './arithmetic.ts';
import { perFormat, raiseIf } from './parts.ts';

type Float = 'f32' | 'f64';
type BinaryName = 'add' | 'sub' | 'mul' | 'div';

/** The type's own operations: `f32.add` or `f64.add`. */
function arithmetic<T extends Float>(name: BinaryName, a: Value<T>, b: Value<T>): Value<T> {
  const result =
    a.type === 'f32'
      ? pure(`f32.${name}`, a as Value<'f32'>, b as Value<'f32'>)
      : pure(`f64.${name}`, a as Value<'f64'>, b as Value<'f64'>);
  return result as Value<T>;
}

function isNonzero(value: Value<Float>): Value<'i32'> {
  return value.type === 'f32'
    ? pure('f32.ne', value as Value<'f32'>, { kind: 'const', type: 'f32', value: 0 })
    : pure('f64.ne', value as Value<'f64'>, { kind: 'const', type: 'f64', value: 0 });
}

function fromBits(format: FpFormat, bits: Value<'i64'>): Value<Float> {
  return format === SINGLE ? pure('f32.reinterpret_i32', low32(bits)) : pure('f64.reinterpret_i64', bits);
}

function toBits(value: Value<Float>): Value<'i64'> {
  return value.type === 'f32'
    ? zeroExtend(pure('i32.reinterpret_f32', value as Value<'f32'>))
    : pure('i64.reinterpret_f64', value as Value<'f64'>);
}

/** Whether a result is normal and not the smallest such number, which a tiny one may have been rounded to. */
function isPlainlyNormal(format: FpFormat, bits: Value<'i64'>): Value<'i32'> {
  const unused = BigInt(64 - format.sizeBits + 1);
  const smallest = (1n << BigInt(format.fractionBits)) + 1n;
  const infinity = BigInt(exponentOnes(format)) << BigInt(format.fractionBits);
  const magnitude = shl(bits, i64(unused));
  return ltUnsigned(sub(magnitude, i64(smallest << unused)), i64((infinity - smallest) << unused));
}

/** Rounding to nearest with nothing flushed; and, if it is wanted, IXC already set. */
function allowed(c: Meaning, needsInexact: boolean): Value<'i32'> {
  const plain = isZero(and(c.state32(STATE.FPCR), i32(FPCR.RMODE_MASK | FPCR.FZ)));
  if (!needsInexact) return plain;
  return and(plain, ne(and(c.state32(STATE.FPSR), i32(FPSR.IXC)), i32(0)));
}

/** What tells whether an operation was exact: not zero if it wasn't. Without it, IXC must be set already. */
type InexactTest = (a: Value<Float>, b: Value<Float>, result: Value<Float>) => Value<'i32'>;

function fastBinary(
  name: BinaryName,
  slow: (format: FpFormat) => Helper<'i64'>,
  inexact: (format: FpFormat) => InexactTest | undefined,
) {
  return perFormat((format) =>
    helper(`${slow(format).name}Fast`, ['i64', 'i64'], 'i64', (c, bitsA, bitsB) => {
      const result = c.temporary(i64(0n));
      const test = inexact(format);
      const a = c.let(fromBits(format, bitsA));
      const b = c.let(fromBits(format, bitsB));
      const native = c.let(arithmetic(name, a, b));
      c.assign(result, toBits(native));
      c.if(
        and(allowed(c, test === undefined), isPlainlyNormal(format, result)),
        () => {
          if (test !== undefined) raiseIf(c, test(a, b, native), FPSR.IXC);
        },
        () => c.assign(result, c.call(slow(format), bitsA, bitsB)),
      );
      return result;
    }),
  );
}

/** Knuth's two-sum (The Art of Computer Programming, vol. 2, 4.2.2, theorem B): the error of a sum, exactly. */
function sumIsInexact(sign: 'add' | 'sub'): InexactTest {
  return (a, b, sum) => {
    // For a difference, b stands for −b: the part of the result that is b's.
    const partOfB = arithmetic('sub', sum, a);
    const errorOfA = arithmetic('sub', a, arithmetic('sub', sum, partOfB));
    const errorOfB = sign === 'add' ? arithmetic('sub', b, partOfB) : arithmetic('add', b, partOfB);
    return isNonzero(arithmetic(sign, errorOfA, errorOfB));
  };
}

function promoted(value: Value<Float>): Value<'f64'> {
  return pure('f64.promote_f32', value as Value<'f32'>);
}

/** In double precision the product of two single-precision numbers is exact. */
const singleProductIsInexact: InexactTest = (a, b, product) =>
  pure('f64.ne', pure('f64.mul', promoted(a), promoted(b)), promoted(product));
const singleQuotientIsInexact: InexactTest = (a, b, quotient) =>
  pure('f64.ne', pure('f64.mul', promoted(quotient), promoted(b)), promoted(a));

export const fpAdd = fastBinary('add', softAdd, () => sumIsInexact('add'));
export const fpSub = fastBinary('sub', softSub, () => sumIsInexact('sub'));
export const fpMul = fastBinary('mul', softMul, (format) =>
  format === SINGLE ? singleProductIsInexact : undefined,
);
export const fpDiv = fastBinary('div', softDiv, (format) =>
  format === SINGLE ? singleQuotientIsInexact : undefined,
);

export const fpSqrt = perFormat((format) =>
  helper(`${softSqrt(format).name}Fast`, ['i64'], 'i64', (c, bits) => {
    const number = c.let(fromBits(format, bits));
    const root = c.let(
      number.type === 'f32'
        ? pure('f32.sqrt', number as Value<'f32'>)
        : pure('f64.sqrt', number as Value<'f64'>),
    );
    const result = c.temporary(toBits(root));
    c.if(
      and(allowed(c, format !== SINGLE), isPlainlyNormal(format, result)),
      () => {
        if (format !== SINGLE) return;
        const square = pure('f64.mul', promoted(root), promoted(root));
        raiseIf(c, pure('f64.ne', square, promoted(number)), FPSR.IXC);
      },
      () => c.assign(result, c.call(softSqrt(format), bits)),
    );
    return result;
  }),
);
