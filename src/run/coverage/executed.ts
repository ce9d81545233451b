/** Which instructions at EL1 a run has executed, by the vCPU's own addresses: what `CpuClusterOptions.onFirstExecution` tells. */
import type { PcNames } from '../pc-names.ts';
import type { Session } from '../session.ts';

const PAGE_BITS = 12n;
const PAGE_MASK = 0xfffn;
const INSTRUCTION_BITS = 2n;
const WORDS_PER_PAGE = 32;
const KERNEL_HALF_PAGES = 2 ** (64 - 1 - Number(PAGE_BITS));

/** One guest's: instructions by the page, as bits. */
class GuestCode {
  readonly pages = new Map<number, Uint32Array>();
  /** Where the kernel seemed to be, with how often it did: KASLR moves it, and not all moments show where to. */
  readonly bases = new Map<bigint, number>();
}

/** What each guest's kernel has executed. */
export class ExecutedInstructions {
  readonly #session: Session;
  readonly #names: PcNames;
  readonly #guests = new Map<string, GuestCode>();
  #vms: readonly string[] | undefined;

  constructor(session: Session, names: PcNames) {
    this.#session = session;
    this.#names = names;
  }

  /** A vCPU of the cluster is about to execute this. */
  add(vcpu: number, pc: bigint): void {
    const vm = this.#vmOf(vcpu);
    if (vm === undefined) return;
    const guest = this.#guests.get(vm) ?? new GuestCode();
    this.#guests.set(vm, guest);
    const page = Number(pc >> PAGE_BITS);
    let bits = guest.pages.get(page);
    if (bits === undefined) {
      bits = new Uint32Array(WORDS_PER_PAGE);
      guest.pages.set(page, bits);
      const base = page < KERNEL_HALF_PAGES ? undefined : this.#names.imageBase(vm);
      if (base !== undefined) guest.bases.set(base, (guest.bases.get(base) ?? 0) + 1);
    }
    const index = Number((pc & PAGE_MASK) >> INSTRUCTION_BITS);
    bits[index >> 5] = (bits[index >> 5] ?? 0) | (1 << (index & 31));
  }

  /** All of a guest's, in no order. */
  *of(vm: string): Generator<bigint> {
    for (const [page, bits] of this.#guests.get(vm)?.pages ?? []) {
      const start = BigInt(page) << PAGE_BITS;
      for (const [word, set] of bits.entries()) {
        for (let bit = 0; bit < 32; bit++)
          if ((set & (1 << bit)) !== 0) yield start + (BigInt(word * 32 + bit) << INSTRUCTION_BITS);
      }
    }
  }

  /** Where a guest's Linux was as it saw itself, for most of its pages. */
  imageBase(vm: string): bigint | undefined {
    const bases = [...(this.#guests.get(vm)?.bases ?? [])];
    return bases.sort(([, a], [, b]) => b - a)[0]?.[0];
  }

  #vmOf(vcpu: number): string | undefined {
    if (this.#vms === undefined) {
      const vms: string[] = [];
      for (const { vm, cpu } of this.#session.kernel.vcpus()) vms[cpu.index] = vm;
      this.#vms = vms;
    }
    return this.#vms[vcpu];
  }
}
