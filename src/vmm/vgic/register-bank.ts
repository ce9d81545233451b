/**
 * Registers that hold a field for every interrupt: 1, 2 or 8 bits each, from an offset on. A bank says what a field
 * reads as and what writing it does; accesses of any width, anywhere in the frame, are cut into fields here.
 */
import type { Intid, VcpuIndex } from '../../base/index.ts';
import type { VirtualInterrupt } from './interrupt.ts';

const WORD_BYTES = 4;

export interface RegisterBank {
  /** As the specification writes it: `GICD_ISENABLER<n>`. */
  readonly name: string;
  readonly offset: number;
  readonly sizeBytes: number;
  readonly bitsPerInterrupt: 1 | 2 | 8;
  /** The interrupt of the first field. */
  readonly firstIntid?: number;
  readonly read?: (interrupt: VirtualInterrupt, vcpu: VcpuIndex) => number;
  readonly write?: (interrupt: VirtualInterrupt, field: number, vcpu: VcpuIndex) => void;
  /** Writing a field's zero does nothing: that is what set and clear registers are for. */
  readonly ignoresZeros?: boolean;
}

/** A register for itself. Reads give 32 bits; a register without `write` ignores writes. */
export interface SingleRegister {
  readonly name: string;
  readonly offset: number;
  readonly read: (vcpu: VcpuIndex) => number;
  readonly write?: (value: number, vcpu: VcpuIndex) => void;
}

/** The interrupt of a field, if the controller has it. */
export type InterruptLookup = (intid: Intid, vcpu: VcpuIndex) => VirtualInterrupt | undefined;

/** A frame of registers: the distributor's or a redistributor's. Offsets where nothing is read as zero (RAZ/WI). */
export class RegisterFrame {
  readonly sizeBytes: number;
  readonly #registers: readonly (SingleRegister | RegisterBank)[];
  /** What is at each word: its place among the registers, from 1. Tables and loops, since an interpreter takes long for closures. */
  readonly #atWord: Uint8Array;
  readonly #lookup: InterruptLookup;

  constructor(
    sizeBytes: number,
    singles: readonly SingleRegister[],
    banks: readonly RegisterBank[],
    lookup: InterruptLookup,
  ) {
    this.sizeBytes = sizeBytes;
    // Where both are, a register for itself comes first.
    this.#registers = [...banks, ...singles];
    this.#atWord = new Uint8Array(sizeBytes / WORD_BYTES);
    for (const [index, register] of this.#registers.entries()) {
      const first = register.offset / WORD_BYTES;
      const words = isBank(register) ? register.sizeBytes / WORD_BYTES : 1;
      this.#atWord.fill(index + 1, first, first + words);
    }
    this.#lookup = lookup;
  }

  /** An access of 1, 2 or 4 bytes at an offset of the frame, as seen by a vCPU. */
  read(offset: number, sizeBytes: 1 | 2 | 4, vcpu: VcpuIndex): number {
    const bank = this.#at(offset);
    if (bank === undefined) return 0;
    if (!isBank(bank)) return cut(bank.read(vcpu), offset & 3, sizeBytes);
    const { read } = bank;
    if (read === undefined) return 0;
    const { bitsPerInterrupt } = bank;
    const first = firstIn(bank, offset);
    const count = (sizeBytes * 8) / bitsPerInterrupt;
    let value = 0;
    for (let index = 0; index < count; index += 1) {
      const interrupt = this.#lookup(first + index, vcpu);
      if (interrupt !== undefined) value |= read(interrupt, vcpu) << (index * bitsPerInterrupt);
    }
    return value >>> 0;
  }

  write(offset: number, value: number, sizeBytes: 1 | 2 | 4, vcpu: VcpuIndex): void {
    const bank = this.#at(offset);
    if (bank === undefined) return;
    if (!isBank(bank)) {
      bank.write?.((value << (8 * (offset & 3))) >>> 0, vcpu);
      return;
    }
    const { write } = bank;
    if (write === undefined) return;
    const { bitsPerInterrupt } = bank;
    const first = firstIn(bank, offset);
    const count = (sizeBytes * 8) / bitsPerInterrupt;
    const mask = (1 << bitsPerInterrupt) - 1;
    let left = value >>> 0;
    for (let index = 0; index < count; index += 1) {
      if (bank.ignoresZeros === true) {
        // To the next one that is set.
        if (left === 0) return;
        index = 31 - Math.clz32(left & -left);
        left &= left - 1;
        if (index >= count) return;
      }
      const interrupt = this.#lookup(first + index, vcpu);
      if (interrupt !== undefined) write(interrupt, (value >>> (index * bitsPerInterrupt)) & mask, vcpu);
    }
  }

  nameAt(offset: number): string | undefined {
    return this.#at(offset)?.name;
  }

  #at(offset: number): SingleRegister | RegisterBank | undefined {
    return this.#registers[(this.#atWord[offset >>> 2] ?? 0) - 1];
  }
}

function isBank(register: SingleRegister | RegisterBank): register is RegisterBank {
  return 'bitsPerInterrupt' in register;
}

/** The interrupt of the field at an offset. */
function firstIn({ offset: start, firstIntid = 0, bitsPerInterrupt }: RegisterBank, offset: number): Intid {
  return firstIntid + Math.floor(((offset - start) * 8) / bitsPerInterrupt);
}

function cut(word: number, byte: number, sizeBytes: number): number {
  const shifted = word >>> (8 * byte);
  return sizeBytes === 4 ? shifted : shifted & (2 ** (8 * sizeBytes) - 1);
}
