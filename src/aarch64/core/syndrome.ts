/**
 * What ESR_EL2 says of the access behind a stage 2 fault (Arm ARM D17.2.37, "ISV"): size, sign and register, for
 * the loads and stores of one general register without writeback, read off the opcode.
 */
import type { AccessSyndrome } from '../contract.ts';

/** LDR, STR and their kin with unsigned, unscaled, unprivileged or register offset. */
const SINGLE = { mask: 0x3e00_0000, value: 0x3800_0000 } as const;
const UNSIGNED_OFFSET = 1 << 24;
const REGISTER_OFFSET = { mask: 0x0020_0c00, value: 0x0020_0800 } as const;
const UNSCALED_MODES = [0, 2];
/** LDAR and STLR. */
const ORDERED = { mask: 0x3fa0_0000, value: 0x0880_0000 } as const;

/** `undefined` where the architecture gives no valid syndrome. */
export function accessSyndrome(opcode: number): AccessSyndrome | undefined {
  const size = opcode >>> 30;
  const srt = opcode & 31;
  if ((opcode & ORDERED.mask) === ORDERED.value) {
    return { sizeBytes: sizeInBytes(size), signExtend: false, srt, sixtyFour: size === 3 };
  }
  const vector = (opcode & (1 << 26)) !== 0;
  if ((opcode & SINGLE.mask) !== SINGLE.value || vector) return undefined;
  const unsignedOffset = (opcode & UNSIGNED_OFFSET) !== 0;
  const registerOffset = (opcode & REGISTER_OFFSET.mask) === REGISTER_OFFSET.value;
  const unscaled = (opcode & (1 << 21)) === 0 && UNSCALED_MODES.includes((opcode >>> 10) & 3);
  if (!unsignedOffset && !registerOffset && !unscaled) return undefined;
  const opc = (opcode >>> 22) & 3;
  if (size === 3 && opc >= 2) return undefined;
  const sixtyFour = opc === 2 || (opc < 2 && size === 3);
  return { sizeBytes: sizeInBytes(size), signExtend: opc >= 2, srt, sixtyFour };
}

function sizeInBytes(size: number): 1 | 2 | 4 | 8 {
  return ([1, 2, 4, 8] as const)[size] ?? 8;
}

const ISV = 1 << 24;

/** ISV, SAS, SSE, SRT and SF, in their places. */
export function syndromeBits(syndrome: AccessSyndrome | undefined): number {
  if (syndrome === undefined) return 0;
  const { sizeBytes, signExtend, srt, sixtyFour } = syndrome;
  const sas = Math.log2(sizeBytes);
  return ISV | (sas << 22) | (signExtend ? 1 << 21 : 0) | (srt << 16) | (sixtyFour ? 1 << 15 : 0);
}
