/**
 * The system registers of EL1 and EL0 (Arm ARM DDI 0487 D17), declared once: encoding, reset value, who may touch them
 * and whether touching them does something. Each has a 64-bit cell in the vCPU's state, in this order.
 *
 * The identification registers advertise what is implemented and nothing else: AArch64 only at EL0 and EL1, floating point and
 * Advanced SIMD without half-precision arithmetic, LSE atomics, CRC32, PAN, 40-bit addresses, the 4 KiB granule, 16-bit
 * ASIDs; self-hosted debug with as many breakpoints and watchpoints as a Cortex-A53 has (`debug.ts`). There is no PMU.
 */
import { STATE } from '../state.ts';

/** Whose accesses are plain: `trapped` ones are decided by a control register, see `vcpu` code. */
export type El0Access = 'none' | 'read' | 'read-write' | 'controlled';

export interface SystemRegister {
  readonly name: string;
  /** op0:op1:CRn:CRm:op2, as in bits 20–5 of MRS. */
  readonly key: number;
  readonly reset: bigint;
  readonly writable: boolean;
  /** Writes have an effect beyond the cell. */
  readonly writeHook: boolean;
  /** The cell isn't what a read gives. */
  readonly readHook: boolean;
  readonly el0: El0Access;
  /** Where its cell is in the vCPU's state. */
  readonly cell: number;
}

interface Options {
  readonly reset?: bigint;
  readonly readOnly?: boolean;
  readonly hook?: 'read' | 'write' | 'both';
  readonly el0?: El0Access;
}

export function encodingKey(encoding: {
  readonly op0: number;
  readonly op1: number;
  readonly crn: number;
  readonly crm: number;
  readonly op2: number;
}): number {
  const { op0, op1, crn, crm, op2 } = encoding;
  return (op0 << 14) | (op1 << 11) | (crn << 7) | (crm << 3) | op2;
}

export function decodeKey(key: number) {
  return {
    op0: key >>> 14,
    op1: (key >>> 11) & 7,
    crn: (key >>> 7) & 15,
    crm: (key >>> 3) & 15,
    op2: key & 7,
  };
}

/** How many there are; the last breakpoints compare contexts too. */
export const BREAKPOINTS = 6;
export const CONTEXT_BREAKPOINTS = 2;
export const WATCHPOINTS = 4;

const READ_ONLY: Options = { readOnly: true };
const ro = (reset: bigint): Options => ({ readOnly: true, reset });

/** name, op0, op1, CRn, CRm, op2 */
type Row = readonly [string, number, number, number, number, number, Options?];

function debugRows(prefix: string, count: number, op2: number): readonly Row[] {
  return Array.from({ length: count }, (_, index) => [
    `${prefix}${index}_EL1`,
    2,
    0,
    0,
    index,
    op2,
    { hook: 'write' },
  ]);
}

const ROWS: readonly Row[] = [
  // Identification (D17.2). Implementer 0 is "reserved for software use"; nothing keys an erratum on it.
  ['MIDR_EL1', 3, 0, 0, 0, 0, ro(0x000f_d510n)],
  ['MPIDR_EL1', 3, 0, 0, 0, 5, ro(0x8000_0000n)],
  ['REVIDR_EL1', 3, 0, 0, 0, 6, READ_ONLY],
  // EL1 and EL0 AArch64 only; CSV2 and CSV3: no speculation to be afraid of.
  ['ID_AA64PFR0_EL1', 3, 0, 0, 4, 0, ro(0x1100_0000_0000_0011n)],
  ['ID_AA64PFR1_EL1', 3, 0, 0, 4, 1, READ_ONLY],
  // Armv8 debug and no PMU; the counts are less by one.
  [
    'ID_AA64DFR0_EL1',
    3,
    0,
    0,
    5,
    0,
    ro(BigInt(((CONTEXT_BREAKPOINTS - 1) << 28) | ((WATCHPOINTS - 1) << 20) | ((BREAKPOINTS - 1) << 12) | 6)),
  ],
  ['ID_AA64DFR1_EL1', 3, 0, 0, 5, 1, READ_ONLY],
  // AES = 2 (with PMULL), SHA1 = 1, SHA2 = 1, CRC32 = 1, Atomic = 2 (LSE).
  ['ID_AA64ISAR0_EL1', 3, 0, 0, 6, 0, ro(0x0021_1120n)],
  ['ID_AA64ISAR1_EL1', 3, 0, 0, 6, 1, READ_ONLY],
  ['ID_AA64ISAR2_EL1', 3, 0, 0, 6, 2, READ_ONLY],
  // No 64 KiB (15) and no 16 KiB (0) granule, 16-bit ASIDs, 40-bit physical addresses.
  ['ID_AA64MMFR0_EL1', 3, 0, 0, 7, 0, ro(0x0f00_0022n)],
  ['ID_AA64MMFR1_EL1', 3, 0, 0, 7, 1, ro(0x0010_0000n)],
  ['ID_AA64MMFR2_EL1', 3, 0, 0, 7, 2, READ_ONLY],
  // One level of cache, 32 KiB, for tools that ask.
  ['CCSIDR_EL1', 3, 1, 0, 0, 0, ro(0x000f_e01an)],
  ['CLIDR_EL1', 3, 1, 0, 0, 1, ro(0x0100_0003n)],
  ['AIDR_EL1', 3, 1, 0, 0, 7, READ_ONLY],
  ['CSSELR_EL1', 3, 2, 0, 0, 0],
  // Lines of 64 bytes, PIPT; IDC and DIC: stores to code need neither cleaning nor invalidation.
  ['CTR_EL0', 3, 3, 0, 0, 1, { readOnly: true, reset: 0xb444_c004n, el0: 'controlled' }],
  // DC ZVA clears 64 bytes.
  ['DCZID_EL0', 3, 3, 0, 0, 7, { readOnly: true, reset: 4n, el0: 'read' }],

  // Control and translation.
  ['SCTLR_EL1', 3, 0, 1, 0, 0, { hook: 'write', reset: 0x30c5_0838n }],
  ['ACTLR_EL1', 3, 0, 1, 0, 1],
  ['CPACR_EL1', 3, 0, 1, 0, 2, { hook: 'write' }],
  ['TTBR0_EL1', 3, 0, 2, 0, 0, { hook: 'write' }],
  ['TTBR1_EL1', 3, 0, 2, 0, 1, { hook: 'write' }],
  ['TCR_EL1', 3, 0, 2, 0, 2, { hook: 'write' }],
  ['MAIR_EL1', 3, 0, 10, 2, 0],
  ['AMAIR_EL1', 3, 0, 10, 3, 0],
  ['CONTEXTIDR_EL1', 3, 0, 13, 0, 1],
  ['PAR_EL1', 3, 0, 7, 4, 0],

  // Exceptions.
  ['SPSR_EL1', 3, 0, 4, 0, 0],
  ['ELR_EL1', 3, 0, 4, 0, 1],
  ['SP_EL0', 3, 0, 4, 1, 0],
  ['SPSEL', 3, 0, 4, 2, 0, { hook: 'both' }],
  ['CURRENTEL', 3, 0, 4, 2, 2, { hook: 'read', readOnly: true }],
  ['PAN', 3, 0, 4, 2, 3, { hook: 'both' }],
  ['DAIF', 3, 3, 4, 2, 1, { hook: 'both', el0: 'controlled' }],
  ['NZCV', 3, 3, 4, 2, 0, { hook: 'both', el0: 'read-write' }],
  ['FPCR', 3, 3, 4, 4, 0, { hook: 'both', el0: 'read-write' }],
  ['FPSR', 3, 3, 4, 4, 1, { hook: 'both', el0: 'read-write' }],
  ['AFSR0_EL1', 3, 0, 5, 1, 0],
  ['AFSR1_EL1', 3, 0, 5, 1, 1],
  ['ESR_EL1', 3, 0, 5, 2, 0],
  ['FAR_EL1', 3, 0, 6, 0, 0],
  ['VBAR_EL1', 3, 0, 12, 0, 0],
  ['ISR_EL1', 3, 0, 12, 1, 0, { hook: 'read', readOnly: true }],

  // Thread registers.
  ['TPIDR_EL1', 3, 0, 13, 0, 4],
  ['TPIDR_EL0', 3, 3, 13, 0, 2, { el0: 'read-write' }],
  ['TPIDRRO_EL0', 3, 3, 13, 0, 3, { el0: 'read' }],

  // Generic timer (D17.11).
  ['CNTKCTL_EL1', 3, 0, 14, 1, 0],
  ['CNTFRQ_EL0', 3, 3, 14, 0, 0, { readOnly: true, el0: 'controlled' }],
  ['CNTPCT_EL0', 3, 3, 14, 0, 1, { readOnly: true, hook: 'read', el0: 'controlled' }],
  ['CNTVCT_EL0', 3, 3, 14, 0, 2, { readOnly: true, hook: 'read', el0: 'controlled' }],
  ['CNTP_TVAL_EL0', 3, 3, 14, 2, 0, { hook: 'both', el0: 'controlled' }],
  ['CNTP_CTL_EL0', 3, 3, 14, 2, 1, { hook: 'both', el0: 'controlled' }],
  ['CNTP_CVAL_EL0', 3, 3, 14, 2, 2, { hook: 'write', el0: 'controlled' }],
  ['CNTV_TVAL_EL0', 3, 3, 14, 3, 0, { hook: 'both', el0: 'controlled' }],
  ['CNTV_CTL_EL0', 3, 3, 14, 3, 1, { hook: 'both', el0: 'controlled' }],
  ['CNTV_CVAL_EL0', 3, 3, 14, 3, 2, { hook: 'write', el0: 'controlled' }],

  // Debug (D17.3).
  ['MDSCR_EL1', 2, 0, 0, 2, 2, { hook: 'write' }],
  ['MDCCINT_EL1', 2, 0, 0, 2, 0],
  ['OSLAR_EL1', 2, 0, 1, 0, 4, { hook: 'write' }],
  // OSLM = 0b10: the lock is implemented.
  ['OSLSR_EL1', 2, 0, 1, 1, 4, ro(0xan)],
  ['OSDLR_EL1', 2, 0, 1, 3, 4],
  ['DBGPRCR_EL1', 2, 0, 1, 4, 4],
  ...debugRows('DBGBVR', BREAKPOINTS, 4),
  ...debugRows('DBGBCR', BREAKPOINTS, 5),
  ...debugRows('DBGWVR', WATCHPOINTS, 6),
  ...debugRows('DBGWCR', WATCHPOINTS, 7),
  ['MDCCSR_EL0', 2, 3, 0, 1, 0, READ_ONLY],
  ['MDRAR_EL1', 2, 0, 1, 0, 0, READ_ONLY],
];

const CELL_BYTES = 8;

export const SYSTEM_REGISTERS: readonly SystemRegister[] = ROWS.map(
  ([name, op0, op1, crn, crm, op2, options = {}], index) => ({
    name,
    key: encodingKey({ op0, op1, crn, crm, op2 }),
    reset: options.reset ?? 0n,
    writable: options.readOnly !== true,
    writeHook: options.hook === 'write' || options.hook === 'both',
    readHook: options.hook === 'read' || options.hook === 'both',
    el0: options.el0 ?? 'none',
    cell: STATE.SYSTEM + index * CELL_BYTES,
  }),
);

const BY_KEY: ReadonlyMap<number, SystemRegister> = new Map(
  SYSTEM_REGISTERS.map((register) => [register.key, register]),
);
const BY_NAME: ReadonlyMap<string, SystemRegister> = new Map(
  SYSTEM_REGISTERS.map((register) => [register.name, register]),
);

/** By their architectural names, in the order in which they are kept. */
export const SYSTEM_REGISTER_NAMES: readonly string[] = SYSTEM_REGISTERS.map(({ name }) => name);

export function systemRegisterByKey(key: number): SystemRegister | undefined {
  return BY_KEY.get(key);
}

/** Throws `RangeError` on a name that isn't declared. */
export function systemRegister(name: string): SystemRegister {
  const found = BY_NAME.get(name);
  if (found === undefined) throw new RangeError(`no system register is called ${name}`);
  return found;
}

/** The space of identification registers; what isn't allocated in it reads as zero (D17.1.1). */
export function isIdentification(key: number): boolean {
  const { op0, op1, crn, crm } = decodeKey(key);
  return op0 === 3 && op1 === 0 && crn === 0 && crm <= 7;
}
