/**
 * What a guest's program counter points to, by the kernel's own names. Before its MMU is on, the kernel runs where its Image
 * was put; after that, at link addresses, moved by KASLR where its tree gives a seed. By how much shows in VBAR_EL1, which
 * always holds the address of `vectors` then (Linux, arch/arm64/kernel/head.S).
 */
import { hex } from '../base/index.ts';
import type { KernelSymbols } from '../payload/index.ts';
import type { Kernel } from '../sel4/index.ts';
import { isInUserSpace } from './call-stack.ts';
import type { RunRecord } from './record.ts';

/** A kernel's symbols, and how far it reaches. */
export interface GuestSymbols {
  readonly symbols: KernelSymbols;
  /** How much memory the kernel takes from its Image's beginning on. */
  readonly imageSizeBytes: number;
}

const VECTORS = 'vectors';
const KERNEL_HALF = 1n << 63n;

/** Names of program counters, by virtual machine. */
export class PcNames {
  readonly #kernel: Kernel;
  readonly #record: RunRecord;
  readonly #symbolsOf: (vm: string) => GuestSymbols | undefined;

  /** `symbolsOf` is asked when a name is first wanted. */
  constructor(
    { kernel, record }: { readonly kernel: Kernel; readonly record: RunRecord },
    symbolsOf: (vm: string) => GuestSymbols | undefined,
  ) {
    this.#kernel = kernel;
    this.#record = record;
    this.#symbolsOf = symbolsOf;
  }

  /** `schedule+0x12`; `undefined` where no name is known. */
  nameOf(vm: string, pc: bigint): string | undefined {
    const guest = this.#symbolsOf(vm);
    const offset = guest === undefined ? undefined : this.#imageOffset(vm, pc, guest);
    if (guest === undefined || offset === undefined || offset < 0 || offset >= guest.imageSizeBytes)
      return undefined;
    const place = guest.symbols.at(offset);
    return place === undefined ? undefined : `${place.name}+${hex(place.offset)}`;
  }

  /** `0xffff800008cda26c (cpu_do_idle+0xc)` */
  show(vm: string, pc: bigint): string {
    const name = this.nameOf(vm, pc);
    return name === undefined ? hex(pc) : `${hex(pc)} (${name})`;
  }

  /** Where a guest's kernel is as it sees itself, or will be if nothing moves it; `undefined` where no symbols are known. */
  imageBase(vm: string): bigint | undefined {
    const symbols = this.#symbolsOf(vm)?.symbols;
    return symbols === undefined ? undefined : (this.#runningBase(vm, symbols) ?? symbols.linkAddress);
  }

  #imageOffset(vm: string, pc: bigint, { symbols, imageSizeBytes }: GuestSymbols): number | undefined {
    const entry = this.#record.entryPoints.get(vm);
    if ((pc & KERNEL_HALF) === 0n) {
      const offset = entry === undefined ? -1 : Number(pc - entry);
      return offset >= 0 && offset < imageSizeBytes ? offset : undefined;
    }
    const base = this.#runningBase(vm, symbols);
    const offset = base === undefined ? -1 : Number(pc - base);
    return offset >= 0 && offset < imageSizeBytes ? offset : undefined;
  }

  #runningBase(vm: string, symbols: KernelSymbols): bigint | undefined {
    const vectors = symbols.offsetOf(VECTORS);
    if (vectors === undefined) return undefined;
    for (const { vm: owner, cpu } of this.#kernel.vcpus()) {
      const vbar = cpu.system('VBAR_EL1');
      // On the way to EL0 some kernels put other vectors there.
      if (owner === vm && (vbar & KERNEL_HALF) !== 0n && !isInUserSpace(cpu)) return vbar - BigInt(vectors);
    }
    return undefined;
  }
}
