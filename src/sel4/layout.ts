/**
 * A system as the kernel model starts it: a system description whose numbers are settled. Every memory region has a
 * physical address, every protection domain a program. Plain values, but for the programs.
 */
import type { ChannelId, Intid, Paddr, VcpuId } from '../base/index.ts';
import type { Trigger } from '../machine/index.ts';
import type { ProgramFactory } from './microkit.ts';

/** A memory region at its place in physical memory. */
export interface RegionLayout {
  readonly name: string;
  readonly physAddr: Paddr;
  readonly sizeBytes: number;
  /** RAM that the machine has, or registers behind its bus. */
  readonly kind: 'ram' | 'device';
}

/** A region in an address space: virtual for a domain, guest physical for a virtual machine. */
export interface MapLayout {
  readonly region: string;
  readonly vaddr: number;
  readonly read: boolean;
  readonly write: boolean;
  readonly execute: boolean;
  /** The symbol in the program that Microkit sets to `vaddr`. */
  readonly setvarVaddr?: string;
}

/** An interrupt that a domain handles. */
export interface IrqLayout {
  readonly intid: Intid;
  readonly channel: ChannelId;
  readonly trigger: Trigger;
  /** The symbol in the program that Microkit sets to `channel`. */
  readonly setvarId?: string;
}

/** A virtual machine of a domain's. */
export interface VmLayout {
  readonly name: string;
  readonly priority: number;
  /** The ids by which the monitor names its vCPUs, in the order of the guest's CPUs. */
  readonly vcpuIds: readonly VcpuId[];
  readonly maps: readonly MapLayout[];
}

/** A protection domain with its program. */
export interface PdLayout {
  readonly name: string;
  readonly priority: number;
  readonly program: ProgramFactory;
  readonly irqs: readonly IrqLayout[];
  readonly maps: readonly MapLayout[];
  readonly vm?: VmLayout;
}

/** One end of a channel. */
export interface ChannelEndLayout {
  readonly pd: string;
  readonly id: ChannelId;
  /** Whether this end may notify the other. */
  readonly notify: boolean;
  /** Whether this end may make protected calls to the other. */
  readonly pp: boolean;
  readonly setvarId?: string;
}

/** A whole system: regions, domains, and the channels between them. */
export interface SystemLayout {
  readonly regions: readonly RegionLayout[];
  readonly protectionDomains: readonly PdLayout[];
  readonly channels: readonly (readonly [ChannelEndLayout, ChannelEndLayout])[];
  readonly gicVersion: 2 | 3;
  /** The virtual timer's private interrupt; 27 where nothing is said. */
  readonly virtualTimerIntid?: Intid;
}

/** The symbols that a domain's maps, interrupts and channels set in its program. */
export function symbolsOf(pd: PdLayout, { channels }: SystemLayout): ReadonlyMap<string, number> {
  const ends = channels.flat().filter((end) => end.pd === pd.name);
  const set = [
    ...pd.maps.map(({ setvarVaddr, vaddr }) => [setvarVaddr, vaddr] as const),
    ...pd.irqs.map(({ setvarId, channel }) => [setvarId, channel] as const),
    ...ends.map(({ setvarId, id }) => [setvarId, id] as const),
  ];
  return new Map(set.flatMap(([symbol, value]) => (symbol === undefined ? [] : [[symbol, value] as const])));
}
