/**
 * Which instructions the run loop has cases for. About two hundred pay: with more the function gets slower for all
 * (measured on Node 20: 200 cases 408 MIPS, 600 cases 338, 1200 cases 224).
 */
import { type Definition, makeShape, type Shape, shapeKeys } from '../definition.ts';
import { type AnyFieldValues, shapeFields } from '../pattern.ts';

type Choice = (fields: AnyFieldValues) => boolean;

const always: Choice = () => true;
const plainAccess: Choice = (f) => f['OPC'] === 0 || f['OPC'] === 1 || (f['SIZE'] === 2 && f['OPC'] === 2);

/** By definition's name: which of its shapes. */
const HOT: Readonly<Record<string, Choice>> = {
  ADR: always,
  ADRP: always,
  'ADD (immediate)': always,
  'ADDS (immediate)': always,
  'SUB (immediate)': always,
  'SUBS (immediate)': always,
  'Logical (immediate)': always,
  MOVN: always,
  MOVZ: always,
  MOVK: (f) => f['SF'] === 1,
  SBFM: always,
  UBFM: always,
  BFM: (f) => f['SF'] === 1,
  'Logical (shifted register)': (f) => f['SHIFT'] === 0 && (f['N'] === 0 || f['OPC'] === 0 || f['OPC'] === 1),
  'ADD, SUB (shifted register)': (f) =>
    f['SHIFT'] === 0 || (f['S'] === 0 && f['OP'] === 0 && f['SHIFT'] !== 3),
  'ADD, SUB (extended register)': (f) =>
    f['SF'] === 1 && f['OP'] === 0 && (f['OPTION'] === 2 || f['OPTION'] === 6),
  'CCMN, CCMP (register)': (f) => f['OP'] === 1,
  'CCMN, CCMP (immediate)': (f) => f['OP'] === 1,
  'CSEL, CSINC, CSINV, CSNEG': (f) => f['OP'] === 0,
  'MADD, MSUB': (f) => f['O0'] === 0,
  'LSLV, LSRV, ASRV, RORV': (f) => f['OP2'] !== 3,
  B: always,
  BL: always,
  'B.cond': (f) => (f['COND'] ?? 0) < 14,
  'CBZ, CBNZ': always,
  'TBZ, TBNZ': always,
  BR: always,
  BLR: always,
  RET: always,
  'LDR, STR (unsigned offset)': plainAccess,
  'LDUR, STUR': (f) => plainAccess(f) && (f['SIZE'] === 3 || f['SIZE'] === 2),
  'LDR, STR (post-indexed)': (f) => plainAccess(f) && f['OPC'] !== 2 && f['SIZE'] !== 1,
  'LDR, STR (pre-indexed)': (f) => f['SIZE'] === 3 && f['OPC'] !== 2 && f['OPC'] !== 3,
  'LDR, STR (register offset)': (f) =>
    plainAccess(f) &&
    f['OPTION'] === 3 &&
    f['S'] === (f['SIZE'] === 0 ? 0 : f['S']) &&
    f['OPC'] !== 2 &&
    f['SIZE'] !== 1,
  'LDP, STP': (f) => f['WIDE'] === 1 && f['MODE'] !== 0,
  'LDXR, LDAXR': (f) => f['SIZE'] === 2 && f['ACQUIRE'] === 0,
  Hints: always,
  'MRS (cell)': always,
};

/** The shapes that get a case of their own, in the order of the definitions. */
export function hotShapes(definitions: readonly Definition[]): readonly Shape[] {
  return definitions.flatMap((definition) => {
    const choice = HOT[definition.name];
    if (choice === undefined) return [];
    return shapeKeys(definition)
      .filter((key) => isHot(definition, key, choice))
      .map((key) => makeShape(definition, key));
  });
}

function isHot(definition: Definition, key: number, choice: Choice): boolean {
  const fields = shapeFields(definition.pattern, key);
  return choice(fields) && !isUnallocatedAccess(definition, fields);
}

/** PRFM's places among the loads and stores. */
function isUnallocatedAccess(definition: Definition, fields: AnyFieldValues): boolean {
  const { SIZE, OPC } = fields;
  if (SIZE === undefined || OPC === undefined || !definition.name.startsWith('LD')) return false;
  return OPC >= 2 && SIZE + OPC >= 5;
}
