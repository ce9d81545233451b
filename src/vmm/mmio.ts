/**
 * Emulated registers: ranges of guest physical addresses that the monitor answers itself. The distributor is one; a
 * virtio-mmio device is another. Accesses of 64 bits are split in two, the lower address first.
 */
import { type AddrRange, type Ipa, rangeContains, rangesOverlap, type VcpuIndex } from '../base/index.ts';
import type { AccessSyndrome } from './syndrome.ts';

/** What stands behind a range. Offsets count from its base; values are u32. */
export interface MmioHandler {
  readonly name: string;
  read(offset: number, sizeBytes: 1 | 2 | 4, vcpu: VcpuIndex): number;
  write(offset: number, value: number, sizeBytes: 1 | 2 | 4, vcpu: VcpuIndex): void;
}

interface MmioRange {
  readonly range: AddrRange<Ipa>;
  readonly handler: MmioHandler;
}

/** Ranges of guest physical addresses that the monitor answers. */
export class MmioMap {
  readonly #ranges: MmioRange[] = [];

  /** `false` where the range is empty or overlaps one that is there. */
  register(range: AddrRange<Ipa>, handler: MmioHandler): boolean {
    const taken = this.#ranges.some((other) => rangesOverlap(other.range, range));
    if (range.size <= 0 || taken) return false;
    this.#ranges.push({ range, handler });
    return true;
  }

  at(addr: number): MmioRange | undefined {
    // A plain loop: in an interpreter, on seL4, it costs a fifth of `find`.
    for (let index = 0; index < this.#ranges.length; index += 1) {
      const each = this.#ranges[index];
      if (each !== undefined && rangeContains(each.range, addr)) return each;
    }
    return undefined;
  }

  ranges(): readonly { readonly range: AddrRange<Ipa>; readonly name: string }[] {
    return this.#ranges.map(({ range, handler }) => ({ range, name: handler.name }));
  }
}

/** Does the load that a syndrome describes; gives the value read, not yet extended. */
export function emulateRead(
  { range, handler }: MmioRange,
  addr: number,
  { sizeBytes }: AccessSyndrome,
  vcpu: VcpuIndex,
): bigint {
  const offset = addr - range.base;
  if (sizeBytes !== 8) return BigInt(handler.read(offset, sizeBytes, vcpu));
  const low = BigInt(handler.read(offset, 4, vcpu));
  return low | (BigInt(handler.read(offset + 4, 4, vcpu)) << 32n);
}

export function emulateWrite(
  { range, handler }: MmioRange,
  addr: number,
  { sizeBytes }: AccessSyndrome,
  value: bigint,
  vcpu: VcpuIndex,
): void {
  const offset = addr - range.base;
  if (sizeBytes !== 8) {
    handler.write(offset, Number(BigInt.asUintN(8 * sizeBytes, value)), sizeBytes, vcpu);
    return;
  }
  handler.write(offset, Number(value & 0xffff_ffffn), 4, vcpu);
  handler.write(offset + 4, Number(BigInt.asUintN(64, value) >> 32n), 4, vcpu);
}
