/**
 * Rare instructions that every boot of Linux runs. They are compiled together when a cluster is made: a module costs the
 * engine half a millisecond or more, hardly less for one function than for hundreds.
 */
import type { Definition } from '../definition.ts';
import { always, type Choice, type Choices, chosenKeys, type ShapeKey } from './hot.ts';

/** Those whose shape fields have one of the values given for them. */
const having =
  (wanted: Readonly<Record<string, readonly number[]>>): Choice =>
  (f) =>
    Object.entries(wanted).every(([name, values]) => values.includes(f[name] ?? -1));
const any =
  (...choices: readonly Choice[]): Choice =>
  (f) =>
    choices.some((choice) => choice(f));

/** From what boots of Debian's kernel to a shell met; families of many shapes are narrowed to those that compilers make. */
const WARM: Choices = {
  'Logical (shifted register)': always,
  'ADD, SUB (shifted register)': always,
  'ADD, SUB (extended register)': always,
  'ADDS, SUBS (extended register)': always,
  'ADC, SBC': always,
  'CCMN, CCMP (immediate)': always,
  'CSEL, CSINC, CSINV, CSNEG': always,
  UDIV: always,
  SDIV: always,
  'LSLV, LSRV, ASRV, RORV': always,
  'CRC32, CRC32C': having({ SF: [0] }),
  RBIT: always,
  REV16: always,
  'REV (32 bits)': always,
  CLZ: always,
  'MADD, MSUB': always,
  'SMADDL, SMSUBL, UMADDL, UMSUBL': always,
  SMULH: always,
  UMULH: always,
  ERET: always,
  SVC: always,
  SMC: always,
  BRK: always,
  UDF: always,
  YIELD: always,
  WFE: always,
  'SEV, SEVL': always,
  SYS: always,
  MRS: always,
  'MSR (register)': always,
  'MSR (cell)': always,
  'MSR (immediate)': always,
  'LDR (literal)': always,
  'LDR, STR (unsigned offset)': always,
  'LDUR, STUR': always,
  'LDR, STR (post-indexed)': always,
  'LDR, STR (pre-indexed)': always,
  'LDTR, STTR': always,
  'LDR, STR (register offset)': any(
    having({ OPTION: [2, 3], OPC: [0, 1] }),
    having({ OPTION: [6], SIZE: [1, 2, 3], OPC: [0, 1] }),
    having({ OPTION: [3, 6], SIZE: [0, 2], OPC: [2] }),
  ),
  'LDP, STP': always,
  LDPSW: always,
  'LDXR, LDAXR': always,
  'STXR, STLXR': always,
  'LDXP, LDAXP': always,
  'STXP, STLXP': always,
  'LDAR, LDLAR': having({ O0: [1] }),
  'STLR, STLLR': having({ O0: [1] }),
  CAS: having({ SIZE: [2, 3] }),
  CASP: always,
  SWP: having({ SIZE: [2, 3] }),
  'LDADD, LDCLR, LDEOR, LDSET, LDSMAX, LDSMIN, LDUMAX, LDUMIN': having({ SIZE: [2, 3], OPC: [0, 1, 3] }),
};

/** What to compile at once. Some may have cases of their own, or be unallocated. */
export function warmKeys(definitions: readonly Definition[]): readonly ShapeKey[] {
  return chosenKeys(definitions, WARM);
}
