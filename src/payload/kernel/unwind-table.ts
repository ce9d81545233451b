/**
 * How to get from any place in a kernel's code to its caller, as DWARF says it (`.debug_frame`, DWARF 4 §6.4, registers by Arm's
 * AADWARF64): found in the code itself, for kernels without debug information. Compilers save X29 and X30 as a pair at the
 * bottom of the frame (AAPCS64 §6.2.3); where a function does that, and where it undoes it, is all that has to be seen. What calls and
 * has no frame is left out: a debugger then guesses by its own means.
 */

import { ByteWriter } from '../../base/index.ts';

/** Distances from the Image's beginning. */
export interface CodeStretch {
  readonly start: number;
  readonly end: number;
}

const INSTRUCTION_BYTES = 4;
const [FP, LR, SP] = [29, 30, 31];
const DW_CFA = {
  advance_loc: 0x40,
  offset: 0x80,
  restore: 0xc0,
  advance_loc1: 0x02,
  advance_loc2: 0x03,
  remember_state: 0x0a,
  restore_state: 0x0b,
  def_cfa: 0x0c,
} as const;
const CIE_ID = 0xffff_ffff;
/** A longer function has more than one frame, or is none. */
const FUNCTION_LIMIT_BYTES = 1 << 17;

interface Instruction {
  readonly mask: number;
  readonly value: number;
}

/** Arm ARM DDI 0487 C4.1: loads and stores of the pair X29, X30 at SP, and what surrounds them. */
const CODE = {
  /** STP X29, X30, [SP, #imm]! */
  push: { mask: 0xffc0_7fff, value: 0xa980_7bfd },
  /** STP X29, X30, [SP, #imm] */
  store: { mask: 0xffc0_7fff, value: 0xa900_7bfd },
  /** LDP X29, X30, [SP], #imm */
  pop: { mask: 0xffc0_7fff, value: 0xa8c0_7bfd },
  /** LDP X29, X30, [SP, #imm] */
  load: { mask: 0xffc0_7fff, value: 0xa940_7bfd },
  /** SUB SP, SP, #imm, and ADD */
  reserve: { mask: 0xff80_03ff, value: 0xd100_03ff },
  release: { mask: 0xff80_03ff, value: 0x9100_03ff },
  /** ADD X29, SP, #imm; with 0 that is MOV */
  setFrame: { mask: 0xff80_03ff, value: 0x9100_03fd },
  /** BL, BLR */
  call: { mask: 0xfc00_0000, value: 0x9400_0000 },
  callRegister: { mask: 0xffff_fc1f, value: 0xd63f_0000 },
  /** B, BR, RET, ERET: nothing follows. */
  branch: { mask: 0xfc00_0000, value: 0x1400_0000 },
  jump: { mask: 0xff9f_fc1f, value: 0xd61f_0000 },
} as const satisfies Record<string, Instruction>;

function is({ mask, value }: Instruction, opcode: number): boolean {
  return (opcode & mask) >>> 0 === value;
}

/** The offset of a pair's load or store. */
function pairOffset(opcode: number): number {
  return ((opcode << 10) >> 25) * 8;
}

function addImmediate(opcode: number): number {
  const value = (opcode >>> 10) & 0xfff;
  return ((opcode >>> 22) & 1) === 1 ? value << 12 : value;
}

/** `.debug_frame` for functions of an Image that begins at `base`. */
export function unwindTable(image: Uint8Array, functions: readonly CodeStretch[], base: bigint): Uint8Array {
  const out = new FrameWriter();
  const start = out.beginEntry();
  out.u32(CIE_ID);
  // Version 1, no augmentation; code by fours, data by minus eights.
  for (const byte of [1, 0, INSTRUCTION_BYTES, 0x78, LR]) out.u8(byte);
  out.definition(SP, 0);
  out.endEntry(start);
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  for (const { start: from, end: to } of functions) {
    const end = Math.min(to, image.length & ~3);
    if (from % INSTRUCTION_BYTES !== 0 || end <= from || end - from > FUNCTION_LIMIT_BYTES) continue;
    const rows = rowsOf(view, from, end);
    if (rows === undefined) continue;
    const entry = out.beginEntry();
    out.u32(start);
    out.u64(base + BigInt(from));
    out.u64(BigInt(end - from));
    let at = from;
    for (const { place, write } of rows) {
      out.advance((place - at) / INSTRUCTION_BYTES);
      at = place;
      write(out);
    }
    out.endEntry(entry);
  }
  return out.bytes;
}

interface Row {
  readonly place: number;
  readonly write: (out: FrameWriter) => void;
}

/** Where the rules change; `undefined` for a function that calls and whose frame was not seen. */
function rowsOf(view: DataView, start: number, end: number): readonly Row[] | undefined {
  const rows: Row[] = [];
  /** From SP, as long as that does not move. */
  let reserved = 0;
  /** From the saved pair to the caller's SP, once it is saved. */
  let frame: number | undefined;
  let isUndone = false;
  for (let at = start; at < end; at += INSTRUCTION_BYTES) {
    const opcode = view.getUint32(at, true);
    const next = at + INSTRUCTION_BYTES;
    if (frame === undefined) {
      if (is(CODE.call, opcode) || is(CODE.callRegister, opcode)) return undefined;
      if (is(CODE.push, opcode)) frame = -pairOffset(opcode);
      else if (is(CODE.reserve, opcode)) reserved += addImmediate(opcode);
      else if (is(CODE.store, opcode)) frame = reserved - pairOffset(opcode);
      if (frame === undefined || frame <= 0) continue;
      if (is(CODE.push, opcode)) reserved = frame;
      const [size, offset] = [reserved, frame];
      rows.push({
        place: next,
        write: (out) => {
          out.definition(SP, size);
          out.saved(FP, offset);
          out.saved(LR, offset - 8);
        },
      });
      continue;
    }
    const offset = frame;
    if (is(CODE.setFrame, opcode) && !isUndone)
      rows.push({ place: next, write: (out) => out.definition(FP, offset) });
    else if ((is(CODE.pop, opcode) || is(CODE.load, opcode)) && !isUndone) {
      const size = is(CODE.pop, opcode) ? 0 : reserved;
      isUndone = true;
      rows.push({
        place: next,
        write: (out) => {
          out.u8(DW_CFA.remember_state);
          out.definition(SP, size);
          out.u8(DW_CFA.restore | FP);
          out.u8(DW_CFA.restore | LR);
        },
      });
    } else if (isUndone && is(CODE.release, opcode))
      rows.push({ place: next, write: (out) => out.definition(SP, 0) });
    else if (isUndone && (is(CODE.branch, opcode) || is(CODE.jump, opcode))) {
      isUndone = false;
      if (next < end) rows.push({ place: next, write: (out) => out.u8(DW_CFA.restore_state) });
    }
  }
  return rows;
}

/** Entries of the section. */
class FrameWriter {
  readonly #out = new ByteWriter();

  get bytes(): Uint8Array {
    return this.#out.finish();
  }

  u8(value: number): void {
    this.#out.u8(value);
  }
  u32(value: number): void {
    this.#out.u32(value);
  }
  u64(value: bigint): void {
    this.#out.u64(value);
  }

  /** The caller's SP. */
  definition(register: number, offset: number): void {
    this.#out.u8(DW_CFA.def_cfa);
    this.#out.unsigned(register);
    this.#out.unsigned(offset);
  }

  /** A register lies so far below the caller's SP. */
  saved(register: number, distance: number): void {
    this.#out.u8(DW_CFA.offset | register);
    this.#out.unsigned(distance / 8);
  }

  advance(instructions: number): void {
    if (instructions === 0) return;
    if (instructions < DW_CFA.advance_loc) this.#out.u8(DW_CFA.advance_loc | instructions);
    else if (instructions < 0x100) {
      this.#out.u8(DW_CFA.advance_loc1);
      this.#out.u8(instructions);
    } else {
      this.#out.u8(DW_CFA.advance_loc2);
      this.#out.u8(instructions & 0xff);
      this.#out.u8(instructions >>> 8);
    }
  }

  /** An entry's length comes before it, and it is filled up to a multiple of eight with operations that do nothing. */
  beginEntry(): number {
    this.#out.u32(0);
    return this.#out.length - 4;
  }
  endEntry(start: number): void {
    while (this.#out.length % 8 !== 0) this.#out.u8(0);
    this.#out.setU32(start, this.#out.length - start - 4);
  }
}
