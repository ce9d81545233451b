/** What a monitor needs of its virtual interrupt controller, whichever library's it is. */
import type { AddrRange, Intid, Ipa, Saving, VcpuIndex } from '../base/index.ts';
import type { MmioHandler } from './mmio.ts';

/** A device's line: high while its InterruptStatus is not zero. */
export interface DeviceLine {
  /** That register, in one cell. */
  readonly status: Uint32Array;
  /** The monitor answers for the device's registers from this address on, which no other range has. */
  placed(base: Ipa): void;
}

/** A virtual interrupt controller, as far as its monitor drives it. */
export interface InterruptController extends Saving {
  /** What it answers for, and where. */
  frames(): readonly { readonly range: AddrRange<Ipa>; readonly handler: MmioHandler }[];
  /** The monitor answers at this range, which no other has. */
  placed?(range: AddrRange<Ipa>): void;
  has(vcpu: VcpuIndex, intid: Intid): boolean;
  /** Keeps the line of a virtio device by whose interrupt it is, where it keeps such lines; `undefined` where it has no more. */
  deviceLine?(intid: Intid): DeviceLine | undefined;
  /** Asserts an interrupt; `false` where it came to nothing. */
  inject(vcpu: VcpuIndex, intid: Intid): boolean;
  /** The guest has ended what a list register held. */
  ended(vcpu: VcpuIndex, listRegister: number): void;
  /** As after power-on. */
  reset(): void;
}
