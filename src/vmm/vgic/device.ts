/** The virtual interrupt controller as a whole: its heart and the frames of its version, placed in the guest's space. */
import {
  type AddrRange,
  type Intid,
  type Ipa,
  type Saved,
  savedIfThere,
  savedParts,
  type VcpuIndex,
} from '../../base/index.ts';
import type { InterruptController } from '../interrupt-controller.ts';
import type { MmioHandler } from '../mmio.ts';
import { createDistributorV2, GICD_V2_SIZE_BYTES } from './distributor-v2.ts';
import { createDistributorV3, GICD_V3_SIZE_BYTES } from './distributor-v3.ts';
import { REDISTRIBUTOR_SIZE_BYTES, Redistributors } from './redistributor.ts';
import type { RegisterFrame } from './register-bank.ts';
import { type InterruptSink, Vgic } from './vgic.ts';

/** Where the guest's tree says that the interrupt controller's frames are, in guest physical addresses. */
export type VgicFrames =
  | { readonly version: 2; readonly distributor: number }
  | {
      readonly version: 3;
      readonly distributor: number;
      /**
       * The regions of redistributors; each holds as many as fit, in the order of the vCPUs. The last one reaches as far as
       * vCPUs without one need it to: libvmm has one after the other from GIC_REDIST_PADDR on.
       */
      readonly redistributors: readonly AddrRange<Ipa>[];
    };

/** A system register by its encoding, as a trap's syndrome gives it. */
interface SystemRegister {
  readonly op0: number;
  readonly op1: number;
  readonly crn: number;
  readonly crm: number;
  readonly op2: number;
}

/** What the controller needs of its monitor. */
export interface VgicParts {
  readonly load: InterruptSink;
  /** The interrupt has ended: its next one may come. */
  readonly acknowledge: (vcpu: VcpuIndex, intid: Intid) => void;
}

export class VgicDevice implements InterruptController {
  readonly #frames: VgicFrames;
  readonly #vgic: Vgic;
  readonly #distributor: RegisterFrame;
  readonly #redistributors: Redistributors | undefined;
  readonly #acknowledge: VgicParts['acknowledge'];

  constructor(frames: VgicFrames, vcpuCount: number, { load, acknowledge }: VgicParts) {
    this.#acknowledge = acknowledge;
    this.#frames =
      frames.version === 2
        ? frames
        : { ...frames, redistributors: roomForAll(frames.redistributors, vcpuCount) };
    this.#vgic = new Vgic({ version: frames.version, vcpuCount, sink: load });
    this.#distributor =
      frames.version === 2 ? createDistributorV2(this.#vgic) : createDistributorV3(this.#vgic);
    this.#redistributors =
      this.#frames.version === 3
        ? new Redistributors(this.#vgic, shares(this.#frames.redistributors, vcpuCount))
        : undefined;
  }

  /** What the monitor answers for, and where. */
  frames(): readonly { readonly range: AddrRange<Ipa>; readonly handler: MmioHandler }[] {
    const size = this.#frames.version === 2 ? GICD_V2_SIZE_BYTES : GICD_V3_SIZE_BYTES;
    const distributor = {
      range: { base: this.#frames.distributor, size },
      handler: {
        name: 'GICD',
        read: (offset: number, sizeBytes: 1 | 2 | 4, vcpu: VcpuIndex) =>
          this.#distributor.read(offset, sizeBytes, vcpu),
        write: (offset: number, value: number, sizeBytes: 1 | 2 | 4, vcpu: VcpuIndex) =>
          this.#distributor.write(offset, value, sizeBytes, vcpu),
      },
    };
    return [distributor, ...this.#redistributorFrames()];
  }

  has(vcpu: VcpuIndex, intid: Intid): boolean {
    return this.#vgic.interrupt(intid, vcpu) !== undefined;
  }

  inject(vcpu: VcpuIndex, intid: Intid): boolean {
    return this.#vgic.inject(vcpu, intid);
  }

  /** Whether an interrupt is pending and in no list register yet. */
  isWaiting(vcpu: VcpuIndex, intid: Intid): boolean {
    return this.#vgic.isWaiting(vcpu, intid);
  }

  /** The line of an interrupt is low: if it waits for a list register, it comes to nothing. */
  takeBack(vcpu: VcpuIndex, intid: Intid): void {
    const interrupt = this.#vgic.isWaiting(vcpu, intid) ? this.#vgic.interrupt(intid, vcpu) : undefined;
    if (interrupt === undefined) return;
    this.#vgic.clearPending(interrupt);
    this.#acknowledge(vcpu, intid);
  }

  deliver(vcpu: VcpuIndex): void {
    this.#vgic.deliver(vcpu);
  }

  ended(vcpu: VcpuIndex, listRegister: number): void {
    this.#vgic.ended(vcpu, listRegister, this.#acknowledge);
  }

  vcpuReset(vcpu: VcpuIndex): void {
    this.#vgic.vcpuReset(vcpu, this.#acknowledge);
  }

  /** As after power-on. What was pending or in list registers is acknowledged, or its line would stay masked for ever. */
  reset(): void {
    const outstanding = this.#vgic.outstanding();
    this.#vgic.reset();
    this.#redistributors?.reset();
    for (const { vcpu, intid } of outstanding) this.#acknowledge(vcpu, intid);
  }

  /** ICC_SGI1R_EL1 (IHI 0069H §12.2.20): software-generated interrupts. `false` for any other register. */
  writeSystemRegister(sender: number, register: SystemRegister, value: bigint): boolean {
    const { op0, op1, crn, crm, op2 } = register;
    const isSgi1r =
      this.#vgic.version === 3 && op0 === 3 && op1 === 0 && crn === 12 && crm === 11 && op2 === 5;
    if (!isSgi1r) return false;
    const everyone = Array.from({ length: this.#vgic.vcpuCount }, (_, vcpu) => vcpu);
    const [IRM, AFFINITIES] = [1n << 40n, 0x00ff_00ff_00ff_0000n];
    const range = Number((value >> 44n) & 0xfn);
    const targets =
      (value & IRM) !== 0n
        ? everyone.filter((vcpu) => vcpu !== sender)
        : everyone.filter(
            (vcpu) => (value & AFFINITIES) === 0n && range === 0 && ((value >> BigInt(vcpu)) & 1n) === 1n,
          );
    this.#vgic.sendSgi(Number((value >> 24n) & 0xfn), targets);
    return true;
  }

  get saved(): Saved {
    return savedParts({ vgic: this.#vgic.saved, redistributors: savedIfThere(this.#redistributors?.saved) });
  }

  #redistributorFrames(): readonly { readonly range: AddrRange<Ipa>; readonly handler: MmioHandler }[] {
    const redistributors = this.#redistributors;
    if (this.#frames.version === 2 || redistributors === undefined) return [];
    let first = 0;
    return this.#frames.redistributors.map((range) => {
      const start = first * REDISTRIBUTOR_SIZE_BYTES;
      first += Math.floor(range.size / REDISTRIBUTOR_SIZE_BYTES);
      return {
        range,
        handler: {
          name: 'GICR',
          read: (offset: number, sizeBytes: 1 | 2 | 4) => redistributors.read(start + offset, sizeBytes),
          write: (offset: number, value: number, sizeBytes: 1 | 2 | 4) =>
            redistributors.write(start + offset, value, sizeBytes),
        },
      };
    });
  }
}

function roomForAll(regions: readonly AddrRange<Ipa>[], vcpuCount: number): readonly AddrRange<Ipa>[] {
  const placed = shares(regions, vcpuCount).reduce((sum, share) => sum + share, 0);
  const last = regions.at(-1);
  if (placed >= vcpuCount || last === undefined) return regions;
  const held = Math.floor(last.size / REDISTRIBUTOR_SIZE_BYTES);
  const size = (held + vcpuCount - placed) * REDISTRIBUTOR_SIZE_BYTES;
  return [...regions.slice(0, -1), { base: last.base, size }];
}

/** How many vCPUs' redistributors lie in each region. */
function shares(regions: readonly AddrRange<Ipa>[], vcpuCount: number): readonly number[] {
  let left = vcpuCount;
  return regions.map(({ size }) => {
    const share = Math.min(left, Math.floor(size / REDISTRIBUTOR_SIZE_BYTES));
    left -= share;
    return share;
  });
}
