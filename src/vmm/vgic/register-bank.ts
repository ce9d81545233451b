/**
 * Registers that hold a field for every interrupt: 1, 2 or 8 bits each, from an offset on. A bank says what a field
 * reads as and what writing it does; accesses of any width, anywhere in the frame, are cut into fields here.
 */
import type { Intid, VcpuIndex } from '../../base/index.ts';
import type { VirtualInterrupt } from './interrupt.ts';

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
  readonly #banks: readonly RegisterBank[];
  readonly #singles: ReadonlyMap<number, SingleRegister>;
  readonly #lookup: InterruptLookup;

  constructor(
    sizeBytes: number,
    singles: readonly SingleRegister[],
    banks: readonly RegisterBank[],
    lookup: InterruptLookup,
  ) {
    this.sizeBytes = sizeBytes;
    this.#singles = new Map(singles.map((register) => [register.offset, register]));
    this.#banks = banks;
    this.#lookup = lookup;
  }

  /** An access of 1, 2 or 4 bytes at an offset of the frame, as seen by a vCPU. */
  read(offset: number, sizeBytes: 1 | 2 | 4, vcpu: VcpuIndex): number {
    const word = offset & ~3;
    const single = this.#singles.get(word);
    if (single !== undefined) return cut(single.read(vcpu), offset - word, sizeBytes);
    const bank = this.#bankAt(offset);
    const read = bank?.read;
    if (bank === undefined || read === undefined) return 0;
    let value = 0;
    this.#eachField(bank, offset, sizeBytes, vcpu, (interrupt, shift) => {
      value += read(interrupt, vcpu) * 2 ** shift;
    });
    return value >>> 0;
  }

  write(offset: number, value: number, sizeBytes: 1 | 2 | 4, vcpu: VcpuIndex): void {
    const word = offset & ~3;
    const single = this.#singles.get(word);
    if (single !== undefined) {
      single.write?.((value << (8 * (offset - word))) >>> 0, vcpu);
      return;
    }
    const bank = this.#bankAt(offset);
    const write = bank?.write;
    if (bank === undefined || write === undefined) return;
    const mask = 2 ** bank.bitsPerInterrupt - 1;
    this.#eachField(bank, offset, sizeBytes, vcpu, (interrupt, shift) => {
      write(interrupt, (value >>> shift) & mask, vcpu);
    });
  }

  nameAt(offset: number): string | undefined {
    return this.#singles.get(offset & ~3)?.name ?? this.#bankAt(offset)?.name;
  }

  #bankAt(offset: number): RegisterBank | undefined {
    return this.#banks.find((bank) => offset >= bank.offset && offset < bank.offset + bank.sizeBytes);
  }

  #eachField(
    bank: RegisterBank,
    offset: number,
    sizeBytes: number,
    vcpu: VcpuIndex,
    visit: (interrupt: VirtualInterrupt, shift: number) => void,
  ): void {
    const { bitsPerInterrupt, firstIntid = 0 } = bank;
    const first = firstIntid + Math.floor(((offset - bank.offset) * 8) / bitsPerInterrupt);
    const count = (sizeBytes * 8) / bitsPerInterrupt;
    for (let index = 0; index < count; index += 1) {
      const interrupt = this.#lookup(first + index, vcpu);
      if (interrupt !== undefined) visit(interrupt, index * bitsPerInterrupt);
    }
  }
}

function cut(word: number, byte: number, sizeBytes: number): number {
  const shifted = word >>> (8 * byte);
  return sizeBytes === 4 ? shifted : shifted & (2 ** (8 * sizeBytes) - 1);
}
