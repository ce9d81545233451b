/** What a monitor needs of its virtual interrupt controller, whichever library's it is. */
import type { AddrRange, Saving } from '../base/index.ts';
import type { MmioHandler } from './mmio.ts';

/** A virtual interrupt controller, as far as its monitor drives it. */
export interface InterruptController extends Saving {
  /** What it answers for, and where. */
  frames(): readonly { readonly range: AddrRange; readonly handler: MmioHandler }[];
  has(vcpu: number, intid: number): boolean;
  /** Asserts an interrupt; `false` where it came to nothing. */
  inject(vcpu: number, intid: number): boolean;
  /** The guest has ended what a list register held. */
  ended(vcpu: number, listRegister: number): void;
  /** The kernel has emptied the vCPU's list registers. */
  vcpuReset(vcpu: number): void;
  /** Fills free list registers with what waits. */
  deliver(vcpu: number): void;
  /** As after power-on. */
  reset(): void;
}
