/** Where our text and binutils' may differ, each with its reason. */

interface Exception {
  readonly reason: string;
  readonly holds: (opcode: number, ours: string | undefined, theirs: string | undefined) => boolean;
}

const RT = 0x1f;
const GENERIC_REGISTER = /\bs[0-3]_[0-7]_c\d+_c\d+_[0-7]\b/;

const DECODE_EXCEPTIONS: readonly Exception[] = [
  {
    reason: 'binutils names system registers that this CPU has not; we write their encoding',
    holds: (_, ours, theirs) =>
      ours !== undefined &&
      /^(mrs|msr)\t/.test(ours) &&
      GENERIC_REGISTER.test(ours) &&
      theirs?.slice(0, 3) === ours.slice(0, 3),
  },
  {
    reason:
      'binutils refuses LDPSW where its registers coincide, which is CONSTRAINED UNPREDICTABLE, not unallocated',
    holds: (opcode, ours, theirs) => {
      const [rt, rn, rt2] = [opcode & RT, (opcode >>> 5) & RT, (opcode >>> 10) & RT];
      const coincide = rt === rt2 || rn === rt || rn === rt2;
      return theirs === undefined && ours?.startsWith('ldpsw') === true && coincide;
    },
  },
  {
    reason: 'DCPS is for debug state, and no SYSL and no read with op0 = 0 is allocated: all UNDEFINED here',
    holds: (_, ours, theirs) =>
      ours === undefined && theirs !== undefined && /^(dcps|sysl\t|mrs\t\w+, s0_)/.test(theirs),
  },
  {
    reason: 'binutils takes 0b01111 for 0b11111 in the field of LDAR that should be all ones',
    holds: (opcode, ours, theirs) =>
      ours === undefined && /^ldl?ar/.test(theirs ?? '') && ((opcode >>> 16) & 31) === 15,
  },
  {
    reason: 'binutils ignores Rm of FCMP with zero, which should be zero',
    holds: (_, ours, theirs) =>
      ours === undefined && theirs !== undefined && /^fcmpe?\t.*#0\.0$/.test(theirs),
  },
  {
    reason:
      'FEAT_RPRFM gave hints of PRFM (register) names and meanings of their own, which binutils knows since 2.42',
    holds: (_, ours, theirs) =>
      /^prfm\t#0x1[89a-f],/.test(ours ?? '') && theirs?.startsWith('rprfm\t') === true,
  },
  {
    reason: 'binutils writes PSTATE fields that are not allocated as MSR of a register with op0 = 0',
    holds: (_, ours, theirs) => ours === undefined && theirs !== undefined && /^msr\ts0_/.test(theirs),
  },
];

export function isKnownException(
  opcode: number,
  ours: string | undefined,
  theirs: string | undefined,
): boolean {
  return DECODE_EXCEPTIONS.some(({ holds }) => holds(opcode, ours, theirs));
}
