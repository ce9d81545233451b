/**
 * Branded integers: numbers that must not be mixed up, though the machine would let them.
 * Addresses are safe-integer `number`s: Arm's physical address space ends at 2^52 (Arm ARM DDI 0487 D8.1).
 */

declare const brand: unique symbol;

/**
 * A `number` of one kind. A plain number is taken for it (a literal in `vmm.ts`, the outcome of arithmetic), a number of another
 * kind is not: what was counted one way must be converted before it is used as the other.
 */
export type Branded<Name extends string> = number & { readonly [brand]?: Name };

/** A CPU physical address of the board. */
export type Paddr = Branded<'Paddr'>;
/** A guest physical address: what stage 2 translates (Arm: intermediate physical address). */
export type Ipa = Branded<'Ipa'>;
/** An interrupt number as software sees it: SGIs 0–15, PPIs 16–31, SPIs from 32 (GICv2 IHI 0048B §2.2.1). */
export type Intid = Branded<'Intid'>;
/** The number of a shared peripheral interrupt as device trees write it: INTID − 32. */
export type SpiNumber = Branded<'SpiNumber'>;
/** What a protection domain calls an interrupt or a peer: Microkit's `id`, 0 to 61. */
export type ChannelId = Branded<'ChannelId'>;
/** What a monitor calls a vCPU of its virtual machine: the `id` of `<vcpu>`, also the `child` of its faults. */
export type VcpuId = Branded<'VcpuId'>;
/** A guest's own count of its vCPUs, from 0: the position of `<vcpu>` in its virtual machine, affinity 0 of MPIDR_EL1. */
export type VcpuIndex = Branded<'VcpuIndex'>;
/** The position of a vCPU among those of all virtual machines, which is the processors' own count. */
export type ClusterIndex = Branded<'ClusterIndex'>;

/** The highest physical address that Arm's architecture can name, plus one (52 bits). */
export const PADDR_LIMIT = 2 ** 52;

/** The INTID of SPI 0 (GICv2 IHI 0048B §2.2.1). */
export const FIRST_SPI = 32;

/** Where a guest sees an address of the board that is mapped one to one, and what the tree of a guest calls it. */
export function oneToOne(paddr: Paddr): Ipa {
  const address: number = paddr;
  return address;
}

/** The INTID of a shared peripheral interrupt: SPI 0 is INTID 32. */
export function spiToIntid(spi: SpiNumber): Intid {
  return spi + FIRST_SPI;
}

/**
 * The number by which device trees call an INTID from 32 on. Of a smaller one it makes nonsense: ask first.
 */
export function intidToSpi(intid: Intid): SpiNumber {
  return intid - FIRST_SPI;
}

/** Whether a cell value of any width is an address that a `number` holds exactly and Arm can name. */
export function isPaddr(value: bigint): boolean {
  return value >= 0n && value < BigInt(PADDR_LIMIT);
}

/** `0xff803000`: an address or size as people in this field write it. */
export function hex(value: number | bigint): string {
  return `0x${value.toString(16)}`;
}
