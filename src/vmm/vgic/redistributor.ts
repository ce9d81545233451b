/**
 * GICR: a version 3 controller's redistributors, one for each vCPU and 128 KiB apart: a control frame and a frame for
 * its SGIs and PPIs (IHI 0069H §12.10, §12.11). Left out: LPIs and everything that serves them.
 */
import { type Intid, keptCells, type Saved, savedParts, shape, type VcpuIndex } from '../../base/index.ts';
import { PRIVATE_COUNT } from './interrupt.ts';
import { RegisterFrame, type SingleRegister } from './register-bank.ts';
import { sharedBanks } from './shared-banks.ts';
import type { Vgic } from './vgic.ts';

/** RD_base and SGI_base together (§12.1.12). */
export const REDISTRIBUTOR_SIZE_BYTES = 0x2_0000;
const SGI_BASE = 0x1_0000;

/** GICR_WAKER: ProcessorSleep is written, ChildrenAsleep follows it (§12.11.42). */
const [WAKER_PROCESSOR_SLEEP, WAKER_CHILDREN_ASLEEP] = [1 << 1, 1 << 2];
/** GICR_TYPER.Last: no redistributor follows in this region. */
const TYPER_LAST = 1 << 4;

export class Redistributors {
  readonly #vgic: Vgic;
  /** How many redistributors each region holds, so that `Last` can be said of its end. */
  readonly #regionSizes: readonly number[];
  readonly #asleep: boolean[];
  readonly #control: readonly RegisterFrame[];
  readonly #private: RegisterFrame;

  constructor(vgic: Vgic, regionSizes: readonly number[] = [vgic.vcpuCount]) {
    this.#vgic = vgic;
    this.#regionSizes = regionSizes;
    this.#asleep = new Array(vgic.vcpuCount).fill(true);
    const lookup = (intid: Intid, vcpu: VcpuIndex) =>
      intid < PRIVATE_COUNT ? vgic.interrupt(intid, vcpu) : undefined;
    this.#control = this.#asleep.map(
      (_, vcpu) => new RegisterFrame(SGI_BASE, this.#controlRegisters(vcpu), [], lookup),
    );
    const banks = sharedBanks(vgic, { prefix: 'GICR', firstIntid: 0, intidCount: PRIVATE_COUNT });
    this.#private = new RegisterFrame(SGI_BASE, [], banks, lookup);
  }

  /** An access at an offset into all redistributors, the first vCPU's first; whose they are doesn't depend on who asks. */
  read(offset: number, sizeBytes: 1 | 2 | 4): number {
    const { owner, within } = this.#split(offset);
    if (within < SGI_BASE) return this.#control[owner]?.read(within, sizeBytes, owner) ?? 0;
    return this.#private.read(within - SGI_BASE, sizeBytes, owner);
  }

  write(offset: number, value: number, sizeBytes: 1 | 2 | 4): void {
    const { owner, within } = this.#split(offset);
    if (within < SGI_BASE) this.#control[owner]?.write(within, value, sizeBytes, owner);
    else this.#private.write(within - SGI_BASE, value, sizeBytes, owner);
  }

  nameAt(offset: number): string | undefined {
    const { owner, within } = this.#split(offset);
    return within < SGI_BASE ? this.#control[owner]?.nameAt(within) : this.#private.nameAt(within - SGI_BASE);
  }

  reset(): void {
    this.#asleep.fill(true);
  }

  get saved(): Saved {
    return savedParts({ asleep: keptCells(this.#asleep, shape.flag) });
  }

  #split(offset: number): { readonly owner: number; readonly within: number } {
    const owner = Math.floor(offset / REDISTRIBUTOR_SIZE_BYTES);
    return { owner, within: offset - owner * REDISTRIBUTOR_SIZE_BYTES };
  }

  #isLastOfRegion(vcpu: VcpuIndex): boolean {
    let end = 0;
    for (const size of this.#regionSizes) {
      end += size;
      if (vcpu === end - 1) return true;
    }
    return vcpu === this.#vgic.vcpuCount - 1;
  }

  #controlRegisters(vcpu: VcpuIndex): readonly SingleRegister[] {
    return [
      { name: 'GICR_CTLR', offset: 0x0000, read: () => 0 },
      { name: 'GICR_IIDR', offset: 0x0004, read: () => 0x0010_043b },
      // Processor_Number and Last below, the affinity above (§12.11.37); affinity 0 counts the vCPUs.
      {
        name: 'GICR_TYPER',
        offset: 0x0008,
        read: () => (vcpu << 8) | (this.#isLastOfRegion(vcpu) ? TYPER_LAST : 0),
      },
      { name: 'GICR_TYPER', offset: 0x000c, read: () => vcpu },
      {
        name: 'GICR_WAKER',
        offset: 0x0014,
        read: () => (this.#asleep[vcpu] === true ? WAKER_PROCESSOR_SLEEP | WAKER_CHILDREN_ASLEEP : 0),
        write: (value) => {
          this.#asleep[vcpu] = (value & WAKER_PROCESSOR_SLEEP) !== 0;
        },
      },
      { name: 'GICR_PIDR2', offset: 0xffe8, read: () => 0x3b },
      { name: 'GICR_CIDR0', offset: 0xfff0, read: () => 0x0d },
      { name: 'GICR_CIDR1', offset: 0xfff4, read: () => 0xf0 },
      { name: 'GICR_CIDR2', offset: 0xfff8, read: () => 0x05 },
      { name: 'GICR_CIDR3', offset: 0xfffc, read: () => 0xb1 },
    ];
  }
}
