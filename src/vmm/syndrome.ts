/** What a syndrome says (ESR_EL2, which seL4 hands on as HSR or FSR): Arm ARM DDI 0487 D17.2.37. */

/** Exception classes that leave a guest. */
export const EC = {
  WFX: 0x01,
  HVC64: 0x16,
  SMC64: 0x17,
  SYSTEM_REGISTER: 0x18,
  INSTRUCTION_ABORT: 0x20,
  DATA_ABORT: 0x24,
} as const;

/** ESR_ELx.EC, bits 31 to 26 (Arm ARM DDI 0487 D17.2.37). */
export function exceptionClass(esr: number): number {
  return esr >>> 26;
}

/** The load or store behind a data abort, where the syndrome describes it (ISV). */
export interface AccessSyndrome {
  readonly write: boolean;
  readonly sizeBytes: 1 | 2 | 4 | 8;
  readonly signExtend: boolean;
  /** The register, 31 for the zero register. */
  readonly srt: number;
  readonly sixtyFour: boolean;
}

/** A driver has few kinds of access, and makes each of them thousands of times: objects are dear in an interpreter. */
const MEANINGS = new Map<number, AccessSyndrome>();
const MEANINGS_LIMIT = 256;
const ISV = 1 << 24;
const S1PTW = 1 << 7;

/** `undefined` where ISV is 0: pairs, writeback, SIMD, atomics and cache maintenance have no such description. */
export function accessSyndrome(esr: number): AccessSyndrome | undefined {
  if ((esr & ISV) === 0 || (esr & S1PTW) !== 0) return undefined;
  const known = MEANINGS.get(esr);
  if (known !== undefined) return known;
  const meaning: AccessSyndrome = {
    write: (esr & (1 << 6)) !== 0,
    sizeBytes: (1 << ((esr >>> 22) & 3)) as 1 | 2 | 4 | 8,
    signExtend: (esr & (1 << 21)) !== 0,
    srt: (esr >>> 16) & 31,
    sixtyFour: (esr & (1 << 15)) !== 0,
  };
  if (MEANINGS.size >= MEANINGS_LIMIT) MEANINGS.clear();
  MEANINGS.set(esr, meaning);
  return meaning;
}

/** What a load puts into its register: extended by sign or zeros to 32 or 64 bits. */
export function loadedValue(value: bigint, { sizeBytes, signExtend, sixtyFour }: AccessSyndrome): bigint {
  // What nearly every driver does, at once.
  if (!signExtend && sizeBytes === 4) return BigInt.asUintN(32, value);
  const bits = 8 * sizeBytes;
  const cut = BigInt.asUintN(bits, value);
  const extended = signExtend ? BigInt.asIntN(bits, cut) : cut;
  return BigInt.asUintN(sixtyFour ? 64 : 32, extended);
}

/** A trapped `MSR` or `MRS` (EC 0x18). */
export interface SystemRegisterSyndrome {
  readonly read: boolean;
  readonly rt: number;
  readonly op0: number;
  readonly op1: number;
  readonly crn: number;
  readonly crm: number;
  readonly op2: number;
}

export function systemRegisterSyndrome(esr: number): SystemRegisterSyndrome {
  return {
    read: (esr & 1) === 1,
    rt: (esr >>> 5) & 31,
    op0: (esr >>> 20) & 3,
    op1: (esr >>> 14) & 7,
    crn: (esr >>> 10) & 15,
    crm: (esr >>> 1) & 15,
    op2: (esr >>> 17) & 7,
  };
}
