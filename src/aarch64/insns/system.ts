/** System instructions (Arm ARM DDI 0487 C4.1.87, "System instructions" and what stands around it). */
import { hexImmediate, x } from '../assembly.ts';
import { type Definition, insn } from '../definition.ts';
import { and, i32, i64, isZero, not, or, shl, shr, to32, to64 } from '../meaning/integer.ts';
import type { Meaning } from '../meaning/meaning.ts';
import type { Value } from '../meaning/value.ts';
import { STATE } from '../state.ts';
import { SYSTEM_OPERATION } from '../system/operation.ts';
import { decodeKey, encodingKey, type SystemRegister, systemRegisterByKey } from '../system/registers.ts';
import { packedFlags, setPackedFlags } from './flags.ts';

const ZVA_BYTES = 64;

export const SYSTEM: readonly Definition[] = [
  insn(
    'Hints',
    '1101010100 0 00 011 0010 crm:4 op2:3 11111',
    (f) => hintText((f.crm << 3) | f.op2),
    () => {},
    { when: (f) => !isActiveHint((f.crm << 3) | f.op2), hot: true },
  ),
  insn(
    'YIELD',
    '1101010100 0 00 011 0010 0000 001 11111',
    () => hintText(1),
    (c) => c.system(SYSTEM_OPERATION.yield, i32(0)),
    { warm: true },
  ),
  insn(
    'WFE',
    '1101010100 0 00 011 0010 0000 010 11111',
    () => hintText(2),
    (c) => c.system(SYSTEM_OPERATION.wfe, i32(0)),
    { warm: true },
  ),
  insn(
    'WFI',
    '1101010100 0 00 011 0010 0000 011 11111',
    () => hintText(3),
    (c) => c.system(SYSTEM_OPERATION.wfi, i32(0)),
  ),
  insn(
    'SEV, SEVL',
    '1101010100 0 00 011 0010 0000 10 LOCAL 11111',
    (f) => hintText(4 + f.LOCAL),
    (c, f) => c.system(SYSTEM_OPERATION.sev, i32(f.LOCAL)),
    { warm: true },
  ),
  insn(
    'CLREX',
    '1101010100 0 00 011 0011 crm:4 010 11111',
    (f) => (f.crm === 15 ? 'clrex' : `clrex\t${hexImmediate(f.crm)}`),
    (c) => c.setState32(STATE.MONITOR, i32(0)),
  ),
  insn(
    // One host thread: what one vCPU has written every other one sees.
    'DSB',
    '1101010100 0 00 011 0011 crm:4 100 11111',
    (f) => `dsb\t${barrierScope(f.crm)}`,
    () => {},
    { hot: true },
  ),
  insn(
    'DMB',
    '1101010100 0 00 011 0011 crm:4 101 11111',
    (f) => `dmb\t${barrierScope(f.crm)}`,
    () => {},
    { hot: true },
  ),
  insn(
    'ISB',
    '1101010100 0 00 011 0011 crm:4 110 11111',
    (f) => (f.crm === 15 ? 'isb' : `isb\t${hexImmediate(f.crm)}`),
    // System registers take effect when they are written, and stores to code when they are made.
    () => {},
    { hot: true },
  ),
  insn(
    'MSR (DAIFSet, DAIFClr)',
    '1101010100 0 00 011 0100 imm:4 11 CLEAR 11111',
    (f) => `msr\tdaif${f.CLEAR === 1 ? 'clr' : 'set'}, ${hexImmediate(f.imm)}`,
    (c, f) => {
      const el0 = isZero(c.state32(STATE.EL));
      c.if(
        el0,
        () =>
          c.system(
            SYSTEM_OPERATION.msrImmediate,
            c.derived('i32', 'pstate', (v) => (3 << 7) | (v.imm << 3) | 6 | v.CLEAR, 'u16'),
          ),
        () => {
          const mask = c.derived('i32', 'mask', (v) => v.imm << 6, 'u16');
          const now = c.state32(STATE.DAIF);
          c.setState32(STATE.DAIF, f.CLEAR === 1 ? and(now, not(mask)) : or(now, mask));
          if (f.CLEAR === 1) takeUnmasked(c as unknown as Meaning);
        },
      );
    },
    { hot: true },
  ),
  insn(
    'MSR (immediate)',
    '1101010100 0 00 op1:3 0100 crm:4 op2:3 11111',
    (f) => `msr\t${PSTATE_FIELDS.get((f.op1 << 3) | f.op2) ?? '?'}, ${hexImmediate(f.crm)}`,
    (c) =>
      c.system(
        SYSTEM_OPERATION.msrImmediate,
        c.derived('i32', 'pstate', (v) => (v.op1 << 7) | (v.crm << 3) | v.op2, 'u16'),
      ),
    { when: (f) => PSTATE_FIELDS.has((f.op1 << 3) | f.op2), warm: true },
  ),
  insn(
    'DC ZVA',
    '1101010100 0 01 011 0111 0100 001 rt:5',
    (f) => sysText({ op1: 3, crn: 7, crm: 4, op2: 1, rt: f.rt }),
    (c, f) => {
      c.if(
        // EL0 needs SCTLR_EL1.DZE.
        isZero(or(c.state32(STATE.EL), c.state32(STATE.EL0_MAY_ZERO))),
        () => c.system(SYSTEM_OPERATION.sys, i32(ZVA_KEY)),
      );
      const base = c.let(and(c.x(f.rt), i64(~BigInt(ZVA_BYTES - 1))));
      const zeros = { kind: 'const', type: 'v128', value: new Uint8Array(16) } as const;
      for (let at = 0; at < ZVA_BYTES; at += 16) {
        c.store('v128.store', at === 0 ? base : orOffset(base, at), zeros);
      }
    },
    { hot: true },
  ),
  insn(
    'SYS',
    '1101010100 0 01 op1:3 crn:4 crm:4 op2:3 rt:5',
    (f) => sysText(f),
    (c, f) =>
      c.system(
        SYSTEM_OPERATION.sys,
        c.derived('i32', 'key', (v) => encodingKey({ op0: 1, ...v })),
        c.x(f.rt),
      ),
    { when: (f) => !(f.op1 === 3 && f.crn === 7 && f.crm === 4 && f.op2 === 1), warm: true },
  ),
  insn(
    // A register whose cell is all there is to reading it.
    'MRS (cell)',
    '1101010100 1 1 o0 op1:3 crn:4 crm:4 op2:3 rt:5',
    (f) => `mrs\t${x(f.rt)}, ${registerText(f)}`,
    (c, f) => {
      const allowed = or(
        c.state32(STATE.EL),
        c.derived('i32', 'el0', (v) => el0Reads(v), 'u16'),
      );
      c.if(
        allowed,
        () =>
          c.setR(
            f.rt,
            c.stateAt('cell', (v) => registerOf(v)?.cell ?? 0),
          ),
        () => c.setR(f.rt, c.systemValue(SYSTEM_OPERATION.mrs, c.derived('i32', 'key', registerKey))),
      );
    },
    { when: (f) => registerOf(f)?.readHook === false, hot: true },
  ),
  insn(
    'MSR (cell)',
    '1101010100 0 1 o0 op1:3 crn:4 crm:4 op2:3 rt:5',
    (f) => `msr\t${registerText(f)}, ${x(f.rt)}`,
    (c, f) => {
      const allowed = or(
        c.state32(STATE.EL),
        c.derived('i32', 'el0', (v) => el0Writes(v), 'u16'),
      );
      c.if(
        allowed,
        () => c.setStateAt('cell', (v) => registerOf(v)?.cell ?? 0, c.x(f.rt)),
        () => c.system(SYSTEM_OPERATION.msr, c.derived('i32', 'key', registerKey), c.x(f.rt)),
      );
    },
    { when: hasPlainWrite, warm: true },
  ),
  insn(
    'MRS',
    '1101010100 1 1 o0 op1:3 crn:4 crm:4 op2:3 rt:5',
    (f) => `mrs\t${x(f.rt)}, ${registerText(f)}`,
    (c, f) => c.setR(f.rt, c.systemValue(SYSTEM_OPERATION.mrs, c.derived('i32', 'key', registerKey))),
    { when: (f) => registerOf(f)?.readHook !== false && !isOneOf(f, ['NZCV', 'DAIF']), warm: true },
  ),
  insn(
    'MSR (register)',
    '1101010100 0 1 o0 op1:3 crn:4 crm:4 op2:3 rt:5',
    (f) => `msr\t${registerText(f)}, ${x(f.rt)}`,
    (c, f) => c.system(SYSTEM_OPERATION.msr, c.derived('i32', 'key', registerKey), c.x(f.rt)),
    { when: (f) => !hasPlainWrite(f) && !isOneOf(f, ['NZCV', 'DAIF']), warm: true },
  ),
  insn(
    'MRS DAIF',
    '1101010100 1 11 011 0100 0010 001 rt:5',
    (f) => `mrs\t${x(f.rt)}, daif`,
    (c, f) => {
      c.if(
        c.state32(STATE.EL),
        () => c.setR(f.rt, c.state32(STATE.DAIF)),
        () => c.setR(f.rt, c.systemValue(SYSTEM_OPERATION.mrs, i32(DAIF_KEY))),
      );
    },
    { hot: true },
  ),
  insn(
    'MRS NZCV',
    '1101010100 1 11 011 0100 0010 000 rt:5',
    (f) => `mrs\t${x(f.rt)}, nzcv`,
    (c, f) => c.setR(f.rt, to64(shl(packedFlags(c), i32(28)))),
  ),
  insn(
    'MSR NZCV',
    '1101010100 0 11 011 0100 0010 000 rt:5',
    (f) => `msr\tnzcv, ${x(f.rt)}`,
    (c, f) => setPackedFlags(c, c.let(shr(to32(c.x(f.rt)), i32(28)))),
  ),
  insn(
    'MSR DAIF',
    '1101010100 0 11 011 0100 0010 001 rt:5',
    (f) => `msr\tdaif, ${x(f.rt)}`,
    (c, f) => {
      c.if(
        c.state32(STATE.EL),
        () => {
          c.setState32(STATE.DAIF, and(c.w(f.rt), i32(0x3c0)));
          takeUnmasked(c as unknown as Meaning);
        },
        () => c.system(SYSTEM_OPERATION.msr, i32(DAIF_KEY), c.x(f.rt)),
      );
    },
    { hot: true },
  ),
];

/** Leaves where an interrupt that is pending isn't masked any more. */
function takeUnmasked(c: Meaning): void {
  c.if(and(c.state32(STATE.PENDING), not(c.state32(STATE.DAIF))), () =>
    c.system(SYSTEM_OPERATION.synchronise, i32(0)),
  );
}

interface RegisterFields {
  readonly o0: number;
  readonly op1: number;
  readonly crn: number;
  readonly crm: number;
  readonly op2: number;
}

/** MRS and MSR have op0 2 or 3. */
const registerKey = (f: RegisterFields): number => encodingKey({ ...f, op0: 2 + f.o0 });
const registerOf = (f: RegisterFields): SystemRegister | undefined => systemRegisterByKey(registerKey(f));
const el0Reads = (f: RegisterFields): number => (registerOf(f)?.el0.startsWith('read') ? 1 : 0);
const el0Writes = (f: RegisterFields): number => (registerOf(f)?.el0 === 'read-write' ? 1 : 0);
function hasPlainWrite(f: RegisterFields): boolean {
  const register = registerOf(f);
  return register?.writable === true && !register.writeHook;
}
const isOneOf = (f: RegisterFields, names: readonly string[]): boolean =>
  names.includes(registerOf(f)?.name ?? '');

const DAIF_KEY = encodingKey({ op0: 3, op1: 3, crn: 4, crm: 2, op2: 1 });
const ZVA_KEY = encodingKey({ op0: 1, op1: 3, crn: 7, crm: 4, op2: 1 });

function registerText(f: RegisterFields): string {
  const { op0, op1, crn, crm, op2 } = decodeKey(registerKey(f));
  return registerOf(f)?.name.toLowerCase() ?? `s${op0}_${op1}_c${crn}_c${crm}_${op2}`;
}

function sysText(f: Omit<RegisterFields, 'o0'> & { readonly rt: number }): string {
  return `sys\t#${f.op1}, C${f.crn}, C${f.crm}, #${f.op2}${f.rt === 31 ? '' : `, ${x(f.rt)}`}`;
}

/** CRm:op2 of the hints that do something here. */
const ACTIVE_HINTS: readonly number[] = [1, 2, 3, 4, 5];
const isActiveHint = (number: number): boolean => ACTIVE_HINTS.includes(number);

const hintText = (number: number): string => `hint\t${hexImmediate(number)}`;

const BARRIER_SCOPES: readonly (string | undefined)[] = [
  undefined,
  'oshld',
  'oshst',
  'osh',
  undefined,
  'nshld',
  'nshst',
  'nsh',
  undefined,
  'ishld',
  'ishst',
  'ish',
  undefined,
  'ld',
  'st',
  'sy',
];

const barrierScope = (crm: number): string => BARRIER_SCOPES[crm] ?? `#0x0${crm.toString(16)}`;

/** op1:op2 of the PSTATE fields that MSR (immediate) writes; DAIFSet and DAIFClr have a definition of their own. */
const PSTATE_FIELDS: ReadonlyMap<number, string> = new Map([
  [0o04, 'pan'],
  [0o05, 'spsel'],
]);

function orOffset(base: Value<'i64'>, offset: number): Value<'i64'> {
  return or(base, i64(BigInt(offset)));
}
