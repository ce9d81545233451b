/**
 * Which instructions the run loop has cases for. About two hundred pay: with more the function gets slower for all
 * (measured on Node 20: 200 cases 408 MIPS, 600 cases 338, 1200 cases 224).
 */
import { type Definition, makeShape, type Shape, shapeKeys } from '../definition.ts';
import { type AnyFieldValues, shapeFields } from '../pattern.ts';

/** Whether a shape with these fields is meant. */
export type Choice = (fields: AnyFieldValues) => boolean;
/** By definition's name: which of its shapes. */
export type Choices = Readonly<Record<string, Choice>>;

export const always: Choice = () => true;
/** Plain loads and stores, and LDRSW. */
const plain: Choice = (f) => f['OPC'] === 0 || f['OPC'] === 1 || (f['SIZE'] === 2 && f['OPC'] === 2);
const isWordOrLong: Choice = (f) => f['SIZE'] === 2 || f['SIZE'] === 3;
const not =
  (name: string, value: number): Choice =>
  (f) =>
    f[name] !== value;
const all =
  (...choices: readonly Choice[]): Choice =>
  (f) =>
    choices.every((choice) => choice(f));

/** From counts over a boot of Debian's kernel to a shell. */
const HOT: Choices = {
  ADR: always,
  ADRP: always,
  'ADD (immediate)': always,
  'ADDS (immediate)': always,
  'SUB (immediate)': always,
  'SUBS (immediate)': always,
  'Logical (immediate)': always,
  MOVN: always,
  MOVZ: always,
  MOVK: always,
  SBFM: always,
  UBFM: always,
  BFM: always,
  EXTR: always,
  'Logical (shifted register)': (f) => f['SHIFT'] === 0 && (f['N'] === 0 || f['OPC'] === 0 || f['OPC'] === 3),
  'ADD, SUB (shifted register)': (f) =>
    f['SHIFT'] === 0 || (f['SF'] === 1 && f['S'] === 0 && f['SHIFT'] !== 3),
  'ADD, SUB (extended register)': (f) =>
    f['SF'] === 1 && f['OP'] === 0 && (f['OPTION'] === 2 || f['OPTION'] === 6),
  'CCMN, CCMP (register)': (f) => f['OP'] === 1,
  'CCMN, CCMP (immediate)': (f) => f['OP'] === 1,
  'CSEL, CSINC, CSINV, CSNEG': (f) => f['OP'] === 0 || f['OP2'] === 0,
  'MADD, MSUB': (f) => f['O0'] === 0,
  'LSLV, LSRV, ASRV, RORV': (f) => f['OP2'] === 0 || f['OP2'] === 1,
  CLZ: (f) => f['SF'] === 1,
  'REV (64 bits)': always,
  B: always,
  BL: always,
  'B.cond': (f) => (f['COND'] ?? 0) < 14,
  'CBZ, CBNZ': always,
  'TBZ, TBNZ': always,
  BR: always,
  BLR: always,
  RET: always,
  'LDR, STR (unsigned offset)': plain,
  'LDUR, STUR': all(plain, isWordOrLong, not('OPC', 2)),
  'LDR, STR (post-indexed)': all(plain, not('SIZE', 1), not('OPC', 2)),
  'LDR, STR (pre-indexed)': all(plain, (f) => f['SIZE'] === 3 || f['SIZE'] === 0, not('OPC', 2)),
  'LDR, STR (register offset)': (f) => {
    if (!plain(f) || f['OPC'] === 2 || f['SIZE'] === 1) return false;
    if (f['OPTION'] === 3) return f['SIZE'] !== 0 || f['S'] === 0;
    const indexed = f['SIZE'] === 3 && f['S'] === 1 && (f['OPTION'] === 2 || f['OPTION'] === 6);
    return indexed || (f['SIZE'] === 0 && f['S'] === 0 && f['OPTION'] === 6);
  },
  'LDP, STP': (f) => f['MODE'] === 2 || (f['WIDE'] === 1 && f['MODE'] !== 0),
  'LDP, STP, LDNP, STNP (SIMD)': (f) => f['OPC'] === 2 && f['MODE'] === 2,
  'LDR, STR (SIMD, unsigned offset)': (f) => f['SIZE'] === 0 && (f['OPC'] ?? 0) >= 2,
  'LDAR, LDLAR': all(isWordOrLong, (f) => f['O0'] === 1),
  'STLR, STLLR': (f) => f['O0'] === 1 && f['SIZE'] !== 1,
  'LDXR, LDAXR': isWordOrLong,
  'STXR, STLXR': all(isWordOrLong, (f) => f['RELEASE'] === 0),
  CAS: (f) => f['R'] === 0 && f['A'] === 1 && isWordOrLong(f),
  'DC ZVA': always,
  Hints: always,
  DSB: always,
  DMB: always,
  ISB: always,
  'PRFM (unsigned offset)': always,
  'MRS (cell)': always,
  'MRS DAIF': always,
  'MSR DAIF': always,
  'MSR (DAIFSet, DAIFClr)': always,
};

export interface ShapeKey {
  readonly definition: Definition;
  readonly key: number;
}

/** What a table chooses, in the order of the definitions. */
export function chosenKeys(definitions: readonly Definition[], choices: Choices): readonly ShapeKey[] {
  return definitions.flatMap((definition) => {
    const choice = choices[definition.name];
    if (choice === undefined) return [];
    return shapeKeys(definition)
      .filter((key) => choice(shapeFields(definition.pattern, key)))
      .map((key) => ({ definition, key }));
  });
}

/** The shapes that get a case of their own, in the order of the definitions. */
export function hotShapes(definitions: readonly Definition[]): readonly Shape[] {
  return chosenKeys(definitions, HOT)
    .filter(({ definition, key }) => !isUnallocatedAccess(definition, shapeFields(definition.pattern, key)))
    .map(({ definition, key }) => makeShape(definition, key));
}

/** PRFM's places among the loads and stores. */
function isUnallocatedAccess(definition: Definition, fields: AnyFieldValues): boolean {
  const { SIZE, OPC } = fields;
  if (SIZE === undefined || OPC === undefined || !definition.name.startsWith('LD')) return false;
  return OPC >= 2 && SIZE + OPC >= 5;
}
