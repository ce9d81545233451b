/** What lies at a kernel's virtual addresses, by the numbers that it gives of itself. */
import type { GuestMemory } from './guest-memory.ts';
import type { VmcoreInfo } from './vmcoreinfo.ts';

/** Reads at a kernel's virtual addresses. */
export type KernelRead = (addr: bigint, sizeBytes: number) => DataView | undefined;

const [SMALLEST_VA_BITS, LARGEST_VA_BITS] = [36n, 52n];
/** With 52 bits the kernel keeps to what CPUs with 48 can do (arch/arm64/include/asm/memory.h, VA_BITS_MIN). */
const MOST_CERTAIN_BITS = 48n;

/**
 * arm64 has RAM at the bottom of the kernel's half, from PAGE_OFFSET on, and its own image above the middle
 * (arch/arm64/include/asm/memory.h, `__virt_to_phys_nodebug`).
 */
export function kernelMemory(memory: GuestMemory, info: VmcoreInfo): KernelRead {
  const bits = info.get('NUMBER(VA_BITS)') ?? 0n;
  const imageOffset = info.get('NUMBER(kimage_voffset)');
  const ramStart = info.get('NUMBER(PHYS_OFFSET)');
  if (
    bits < SMALLEST_VA_BITS ||
    bits > LARGEST_VA_BITS ||
    imageOffset === undefined ||
    ramStart === undefined
  )
    return () => undefined;
  const pageOffset = BigInt.asUintN(64, -1n << bits);
  const pageEnd = BigInt.asUintN(64, -1n << ((bits > MOST_CERTAIN_BITS ? MOST_CERTAIN_BITS : bits) - 1n));
  return (addr, sizeBytes) => {
    if (addr < pageOffset) return undefined;
    const physAddr = addr < pageEnd ? addr - pageOffset + ramStart : addr - imageOffset;
    return memory.view(BigInt.asUintN(64, physAddr), sizeBytes);
  };
}
