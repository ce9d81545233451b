/**
 * A Microkit system description as a plain value: what the file says, without defaults filled in and without its layout.
 * After the manual of Microkit 2.3, "System Description File", and the grammar of its tool.
 *
 * A member that is absent was not written; {@link SDF_DEFAULTS} says what the tool takes then. Where each thing was
 * written is kept beside the value, in `DescriptionOrigins`.
 */
import type { ChannelId, Intid } from '../base/index.ts';

/**
 * A description as its file has it: what is not said there is absent here. {@link SDF_DEFAULTS} has what the
 * tool takes then.
 */
export interface SystemDescription {
  readonly domains?: Domains;
  readonly memoryRegions: readonly MemoryRegion[];
  readonly ioAddressSpaces: readonly IoAddressSpace[];
  /** The outermost ones; their children are inside them. */
  readonly protectionDomains: readonly ProtectionDomain[];
  readonly channels: readonly Channel[];
}

/** A memory region; sizes and addresses in bytes. Without `physAddr` the tool chooses a place in RAM. */
export interface MemoryRegion {
  readonly name: string;
  /** Absent where the region is as large as what it is filled with. */
  readonly sizeBytes?: number;
  readonly pageSizeBytes?: number;
  /** The CPU physical address where it begins; absent where any RAM will do. */
  readonly physAddr?: number;
  readonly prefillPath?: string;
  readonly prefillBootinfo?: PrefillBootinfo;
}

/** What seL4's boot information can fill a region with. */
export const PREFILL_BOOTINFO = [
  'x86_vbe',
  'x86_mbmmap',
  'x86_acpi_rsdp',
  'x86_framebuffer',
  'x86_tsc_freq',
  'fdt',
] as const;

/** What of seL4's boot information a region can be filled with. */
export type PrefillBootinfo = (typeof PREFILL_BOOTINFO)[number];

/** Rights in the order r, w, x. The tool refuses `w` alone. */
export type Permissions = '' | 'r' | 'w' | 'x' | 'rw' | 'rx' | 'wx' | 'rwx';

/** A memory region in the address space of a protection domain or a virtual machine. */
export interface MemoryMap {
  readonly mr: string;
  /** In a virtual machine: the guest physical address. */
  readonly vaddr: number;
  readonly perms?: Permissions;
  readonly cached?: boolean;
  /** Symbols that the tool sets; only in a protection domain. */
  readonly setvarVaddr?: string;
  readonly setvarSize?: string;
  readonly setvarPrefillSize?: string;
}

/** How the interrupt controller is told to watch the line. */
export type IrqTrigger = 'level' | 'edge';

/** An interrupt of Arm or RISC-V. */
export interface PlatformIrq {
  readonly kind: 'platform';
  /** The number as software sees it: on Arm the INTID, SPIs from 32. */
  readonly irq: Intid;
  readonly id: ChannelId;
  readonly trigger?: IrqTrigger;
  readonly setvarId?: string;
}

/** An interrupt of an x86 I/O APIC. */
export interface IoapicIrq {
  readonly kind: 'ioapic';
  readonly id: number;
  readonly ioapic?: number;
  readonly pin: number;
  readonly vector: number;
  readonly trigger?: IrqTrigger;
  readonly polarity?: 'low' | 'high';
  readonly setvarId?: string;
}

/** A message-signalled interrupt of an x86 PCI device. */
export interface MsiIrq {
  readonly kind: 'msi';
  readonly id: number;
  readonly pcidev: PciAddress;
  readonly handle: number;
  readonly vector: number;
  readonly setvarId?: string;
}

/** An interrupt by its architecture's kind of number. */
export type Irq = PlatformIrq | IoapicIrq | MsiIrq;

/** Where a PCI function is: `bus:device.function`. */
export interface PciAddress {
  readonly bus: number;
  readonly device: number;
  readonly function: number;
}

/** A range of x86 I/O ports. */
export interface Ioport {
  readonly id: number;
  readonly addr: number;
  readonly sizeBytes: number;
  readonly setvarId?: string;
  readonly setvarAddr?: string;
}

/** A symbol that is set to the physical address of a memory region. */
export interface Setvar {
  readonly symbol: string;
  readonly regionPaddr: string;
}

/** The ELF file of a domain's program, and where its symbols are where that is another file. */
export interface ProgramImage {
  readonly path: string;
  readonly pathForSymbols?: string;
}

/** A capability of another protection domain in this one's capability space. */
export interface CapMap {
  readonly kind: 'cap_tcb' | 'cap_sc' | 'cap_vspace';
  readonly slot: number;
  readonly pd: string;
}

/** Priority 0 to 254, budget and period in microseconds. */
export interface SchedulingParams {
  readonly priority?: number;
  readonly budgetUs?: number;
  readonly periodUs?: number;
}

/** A virtual processor of a virtual machine: its id is its monitor's, its core the machine's. */
export interface Vcpu {
  readonly id: number;
  readonly cpu?: number;
  readonly setvarId?: string;
}

/** A guest, under the domain that has it: its vCPUs and what of memory it sees. */
export interface VirtualMachine extends SchedulingParams {
  readonly name: string;
  readonly vcpus: readonly Vcpu[];
  readonly maps: readonly MemoryMap[];
}

/** A protection domain: a program with its maps, interrupts and children. */
export interface ProtectionDomain extends SchedulingParams {
  readonly name: string;
  /** Of a child: the number by which its parent knows it. */
  readonly id?: number;
  /** Of a child: a symbol of the parent's program that is set to `id`. */
  readonly setvarId?: string;
  readonly passive?: boolean;
  readonly stackSizeBytes?: number;
  /** Whether it may make secure monitor calls. */
  readonly smc?: boolean;
  readonly cpu?: number;
  /** The name of a scheduling domain. */
  readonly domain?: string;
  readonly fpu?: boolean;
  readonly programImage?: ProgramImage;
  readonly maps: readonly MemoryMap[];
  readonly irqs: readonly Irq[];
  readonly ioports: readonly Ioport[];
  readonly setvars: readonly Setvar[];
  readonly capMaps: readonly CapMap[];
  readonly virtualMachine?: VirtualMachine;
  readonly children: readonly ProtectionDomain[];
}

/** One end of a channel: a domain and its number for the other. */
export interface ChannelEnd {
  readonly pd: string;
  readonly id: number;
  /** Whether this end may call the other's protected procedure. */
  readonly pp?: boolean;
  readonly notify?: boolean;
  readonly setvarId?: string;
}

/** Two domains that know each other. */
export interface Channel {
  readonly ends: readonly [ChannelEnd, ChannelEnd];
}

/** A name for domains that get their turns together. */
export interface SchedulingDomain {
  readonly name: string;
  readonly id?: number;
}

/** One turn of the schedule: a domain and for how long, or where to start from. */
export type ScheduleEntry =
  | {
      readonly kind: 'entry';
      readonly domain: string;
      /** Up to 2⁵⁶ − 1 ticks. */
      readonly duration: bigint;
      readonly unit: 'us' | 'ticks';
    }
  | { readonly kind: 'end-marker' };

/** The scheduling domains and the order of their turns. */
export interface Domains {
  readonly domains: readonly SchedulingDomain[];
  readonly schedule: readonly ScheduleEntry[];
  readonly startIndex?: number;
  readonly indexShift?: number;
}

/** x86: a region that a device may reach through the IOMMU. */
export interface IoMap {
  readonly mr: string;
  readonly iovaddr: number;
  readonly perms?: Permissions;
}

/** What a device behind an x86 IOMMU sees. */
export interface IoAddressSpace {
  readonly name: string;
  readonly domainId?: number;
  readonly peripheralId: PciAddress;
  readonly iomaps: readonly IoMap[];
}

/** What Microkit 2.3's tool takes where nothing is written. */
export const SDF_DEFAULTS = {
  priority: 0,
  budgetUs: 1000,
  stackSizeBytes: 0x2000,
  cpu: 0,
  perms: 'rw',
  cached: true,
  trigger: 'level',
  notify: true,
  pp: false,
  passive: false,
  smc: false,
  fpu: true,
  ioapic: 0,
  polarity: 'high',
  startIndex: 0,
  indexShift: 0,
} as const;

/** A protection domain and all below it, parents first. Does not recurse. */
export function* protectionDomainsOf(description: SystemDescription): Generator<ProtectionDomain> {
  const pending = [...description.protectionDomains].reverse();
  for (let pd = pending.pop(); pd !== undefined; pd = pending.pop()) {
    yield pd;
    pending.push(...[...pd.children].reverse());
  }
}
