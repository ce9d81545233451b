/** Conversions between floating point and general registers (Arm ARM DDI 0487 C4.1.96). */
import { r, x } from '../assembly.ts';
import { type Definition, insn } from '../definition.ts';
import { ROUNDING } from '../float/format.ts';
import { INTEGER_FORM, softFromFixed, softToFixed } from '../float/soft/index.ts';
import { i32 } from '../meaning/integer.ts';
import type { Value } from '../meaning/value.ts';
import { formatOf, fpRegister, hasArithmetic, ROUNDING_OF_RMODE, scalar, TYPE } from './scalar-floats.ts';

/** The helpers' code of an integer's form. */
function integerForm(sf: number, unsigned: number): Value<'i32'> {
  return i32((unsigned === 1 ? INTEGER_FORM.unsigned : 0) | (sf === 1 ? INTEGER_FORM.sixtyFour : 0));
}

const suffix = (unsigned: number): string => (unsigned === 1 ? 'u' : 's');
const ROUNDING_LETTERS = ['n', 'p', 'm', 'z'] as const;

export const FLOATING_POINT_CONVERSIONS: readonly Definition[] = [
  insn(
    'FCVTNS, FCVTNU, FCVTPS, FCVTPU, FCVTMS, FCVTMU, FCVTZS, FCVTZU (scalar, integer)',
    'SF 00 11110 TYPE:2 1 RMODE:2 00 U 000000 rn:5 rd:5',
    (f) => `fcvt${ROUNDING_LETTERS[f.RMODE]}${suffix(f.U)}\t${r(f.SF, f.rd)}, ${fpRegister(f.TYPE, f.rn)}`,
    (c, f) => {
      const format = formatOf(f.TYPE);
      const mode = i32(ROUNDING_OF_RMODE[f.RMODE] ?? ROUNDING.tieEven);
      c.setR(
        f.rd,
        c.call(softToFixed(format), scalar(c, format, f.rn), integerForm(f.SF, f.U), i32(0), mode),
      );
    },
    { floatingPoint: true, when: (f) => hasArithmetic(f.TYPE) },
  ),
  insn(
    'FCVTAS, FCVTAU (scalar)',
    'SF 00 11110 TYPE:2 1 00 10 U 000000 rn:5 rd:5',
    (f) => `fcvta${suffix(f.U)}\t${r(f.SF, f.rd)}, ${fpRegister(f.TYPE, f.rn)}`,
    (c, f) => {
      const format = formatOf(f.TYPE);
      const mode = i32(ROUNDING.tieAway);
      c.setR(
        f.rd,
        c.call(softToFixed(format), scalar(c, format, f.rn), integerForm(f.SF, f.U), i32(0), mode),
      );
    },
    { floatingPoint: true, when: (f) => hasArithmetic(f.TYPE) },
  ),
  insn(
    'SCVTF, UCVTF (scalar, integer)',
    'SF 00 11110 TYPE:2 1 00 01 U 000000 rn:5 rd:5',
    (f) => `${suffix(f.U)}cvtf\t${fpRegister(f.TYPE, f.rd)}, ${r(f.SF, f.rn)}`,
    (c, f) => {
      const format = formatOf(f.TYPE);
      c.setVScalar(f.rd, c.call(softFromFixed(format), c.x(f.rn), integerForm(f.SF, f.U), i32(0)));
    },
    { floatingPoint: true, when: (f) => hasArithmetic(f.TYPE) },
  ),
  insn(
    'SCVTF, UCVTF (scalar, fixed-point)',
    'SF 00 11110 TYPE:2 0 00 01 U scale:6 rn:5 rd:5',
    (f) => `${suffix(f.U)}cvtf\t${fpRegister(f.TYPE, f.rd)}, ${r(f.SF, f.rn)}, #${64 - f.scale}`,
    (c, f) => {
      const format = formatOf(f.TYPE);
      const fractionBits = c.derived('i32', 'fractionBits', (v) => 64 - v.scale, 'u16');
      c.setVScalar(f.rd, c.call(softFromFixed(format), c.x(f.rn), integerForm(f.SF, f.U), fractionBits));
    },
    { floatingPoint: true, when: (f) => hasArithmetic(f.TYPE) && (f.SF === 1 || f.scale >= 32) },
  ),
  insn(
    'FCVTZS, FCVTZU (scalar, fixed-point)',
    'SF 00 11110 TYPE:2 0 11 00 U scale:6 rn:5 rd:5',
    (f) => `fcvtz${suffix(f.U)}\t${r(f.SF, f.rd)}, ${fpRegister(f.TYPE, f.rn)}, #${64 - f.scale}`,
    (c, f) => {
      const format = formatOf(f.TYPE);
      const fractionBits = c.derived('i32', 'fractionBits', (v) => 64 - v.scale, 'u16');
      const form = integerForm(f.SF, f.U);
      c.setR(
        f.rd,
        c.call(softToFixed(format), scalar(c, format, f.rn), form, fractionBits, i32(ROUNDING.zero)),
      );
    },
    { floatingPoint: true, when: (f) => hasArithmetic(f.TYPE) && (f.SF === 1 || f.scale >= 32) },
  ),
  insn(
    'FMOV (to general)',
    'SF 00 11110 TYPE:2 1 00 110 000000 rn:5 rd:5',
    (f) => `fmov\t${r(f.SF, f.rd)}, ${fpRegister(f.TYPE, f.rn)}`,
    (c, f) => c.setR(f.rd, scalar(c, formatOf(f.TYPE), f.rn)),
    { floatingPoint: true, when: (f) => f.TYPE === (f.SF === 1 ? TYPE.double : TYPE.single) },
  ),
  insn(
    'FMOV (from general)',
    'SF 00 11110 TYPE:2 1 00 111 000000 rn:5 rd:5',
    (f) => `fmov\t${fpRegister(f.TYPE, f.rd)}, ${r(f.SF, f.rn)}`,
    (c, f) => c.setVScalar(f.rd, c.r(f.SF, f.rn)),
    { floatingPoint: true, when: (f) => f.TYPE === (f.SF === 1 ? TYPE.double : TYPE.single) },
  ),
  insn(
    'FMOV (top half to general)',
    '1 00 11110 10 1 01 110 000000 rn:5 rd:5',
    (f) => `fmov\t${x(f.rd)}, v${f.rn}.d[1]`,
    (c, f) => c.setR(f.rd, c.vPart('i64.load', f.rn, 8) as Value<'i64'>),
    { floatingPoint: true },
  ),
  insn(
    'FMOV (top half from general)',
    '1 00 11110 10 1 01 111 000000 rn:5 rd:5',
    (f) => `fmov\tv${f.rd}.d[1], ${x(f.rn)}`,
    (c, f) => c.setVPart('i64.store', f.rd, 8, c.x(f.rn)),
    { floatingPoint: true },
  ),
];
