/** What elements and attributes are for, in a sentence each: shown where one is pointed at or chosen. After Microkit 2.3's manual. */
import type { GRAMMAR, GrammarName } from '../../microkit/index.ts';

type AttributesOf<Name extends GrammarName> = keyof (typeof GRAMMAR)[Name]['attributes'];

/** An element's own sentence, and one for each of its attributes. */
type About = {
  readonly [Name in GrammarName]: readonly [string, { readonly [Attribute in AttributesOf<Name>]: string }];
};

const name = 'Unique among its kind.';
const setvarId = "A symbol of the program that the tool sets to the channel's number.";
const trigger =
  'How the line is watched: `level` (what holds without it) or `edge`. It must be what the device does.';
const channelId = 'The channel: the number by which the program knows it, 0 to 61, each once in a domain.';
const scheduling = {
  priority: '0 to 254; a higher one runs first. Without it 0.',
  budget: 'Microseconds that it may run in each period. Without it 1000.',
  period: 'Microseconds after which the budget is whole again. Without it the budget.',
} as const;
const protectionDomain = {
  name,
  ...scheduling,
  passive: 'Whether it runs on the scheduling context of whoever calls or notifies it.',
  stack_size: 'Bytes of its stack, in whole pages, 4 KiB to 16 MiB. Without it 8 KiB.',
  smc: 'Whether it may make secure monitor calls (Arm). What answers them is above seL4.',
  cpu: 'The core that it runs on, from 0. Without it 0.',
  domain: 'The scheduling domain that it gets its turns in.',
  fpu: 'Whether it may use the floating point unit. Without it true.',
} as const;
const map = {
  mr: 'The memory region.',
  vaddr: 'The address at which the program sees it, on a page of its own.',
  perms: 'Rights: any of `r`, `w`, `x`; not `w` alone. Without it `rw`.',
  cached: 'Whether accesses are cached: `false` for the registers of devices. Without it `true`.',
} as const;
const machine = { name, ...scheduling } as const;
const cap = [
  'A capability of another protection domain.',
  { slot: 'The slot in the capability space.', pd: 'Whose it is.' },
] as const;

export const ABOUT: About = {
  system: ['The whole description.', {}],
  memory_region: [
    'Physical memory: registers of devices where it has an address, else RAM that the tool chooses.',
    {
      name,
      size: 'Bytes, in whole pages. Without it the size of what it is filled with.',
      page_size: 'Bytes of its pages: 0x1000 or 0x200000. Without it the largest that fit.',
      phys_addr: 'Where it begins in physical memory. Without it any RAM will do.',
      prefill_path: 'A file that the region is filled with when the system starts.',
      prefill_bootinfo: "What of seL4's boot information the region is filled with.",
    },
  ],
  protection_domain: ['A program with its memory, interrupts and channels.', protectionDomain],
  child_protection_domain: [
    'A program whose faults its parent handles, and which the parent can stop and restart.',
    {
      ...protectionDomain,
      id: 'The number by which the parent knows it, 0 to 61.',
      setvar_id: "A symbol of the parent's program that the tool sets to `id`.",
    },
  ],
  program_image: [
    "The domain's program.",
    {
      path: 'An ELF file, looked for in the search path.',
      path_for_symbols: 'The ELF file with its symbols, where it is another.',
    },
  ],
  map: [
    'A memory region in the address space of the domain.',
    {
      ...map,
      setvar_vaddr: 'A symbol of the program that the tool sets to the address.',
      setvar_size: "A symbol of the program that the tool sets to the region's size.",
      setvar_prefill_size:
        'A symbol of the program that the tool sets to the size of what the region is filled with.',
    },
  ],
  vm_map: [
    "A memory region in the guest's physical address space (stage 2).",
    {
      ...map,
      vaddr:
        'The guest physical address. For a device the physical one, as its driver takes it from the device tree.',
    },
  ],
  irq: [
    'An interrupt that the domain is notified of.',
    {
      irq: 'The number as software sees it. On Arm the INTID: SPI n of a device tree is 32 + n, PPI n is 16 + n.',
      id: channelId,
      trigger,
      setvar_id: setvarId,
    },
  ],
  ioapic_irq: [
    'An interrupt of an x86 I/O APIC.',
    {
      id: channelId,
      ioapic: 'Which I/O APIC, from 0.',
      pin: 'The pin of the I/O APIC.',
      vector: 'The vector that it is delivered as.',
      trigger,
      polarity: 'Which level means that it is raised: `high` (what holds without it) or `low`.',
      setvar_id: setvarId,
    },
  ],
  msi_irq: [
    'A message-signalled interrupt of a PCI device (x86).',
    {
      id: channelId,
      pcidev: 'The PCI function: `bus:device.function`.',
      handle: 'The handle of the message.',
      vector: 'The vector that it is delivered as.',
      setvar_id: setvarId,
    },
  ],
  ioport: [
    'A range of x86 I/O ports.',
    {
      id: 'The number by which the program knows it.',
      addr: 'The first port.',
      size: 'How many ports.',
      setvar_id: "A symbol of the program that the tool sets to the range's number.",
      setvar_addr: 'A symbol of the program that the tool sets to the first port.',
    },
  ],
  setvar: [
    "A symbol of the program that the tool sets to a region's physical address.",
    { symbol: "The symbol's name.", region_paddr: 'The memory region.' },
  ],
  cspace: ["Capabilities of other domains in this one's capability space.", {}],
  cap,
  virtual_machine: ['A guest, whose faults and interrupts the domain handles: its monitor.', machine],
  older_virtual_machine: [
    'A guest, as descriptions had it before Microkit 2.0: with one vCPU, which has the `id`.',
    { ...machine, id: "The number by which the monitor knows the guest's vCPU." },
  ],
  vcpu: [
    'A virtual CPU of the guest.',
    {
      id: 'The number by which the monitor knows it.',
      cpu: 'The core that it runs on, from 0. Without it 0.',
      setvar_id: "A symbol of the monitor's program that the tool sets to `id`.",
    },
  ],
  channel: ['Two domains that may notify, and perhaps call, each other.', {}],
  end: [
    'One end of a channel.',
    {
      pd: 'The domain at this end.',
      id: channelId,
      pp: "Whether this end may call the other's protected procedure; the other's priority must be higher.",
      notify: 'Whether this end may notify the other. Without it true.',
      setvar_id: setvarId,
    },
  ],
  domains: ['Scheduling domains, and the order in which they get their turns.', {}],
  domain: [
    'A name for protection domains that get their turns together.',
    { name, id: "seL4's number of the domain." },
  ],
  domain_schedule: [
    'The turns, one after the other, and then again.',
    {
      start_index: 'The turn that comes first. Without it 0.',
      index_shift: "How many entries of the kernel's schedule come before the turns. Without it 0.",
    },
  ],
  schedule_entry: [
    'A turn.',
    { domain: 'Whose turn it is.', duration: 'How long: a number with `us` or `ticks`.' },
  ],
  schedule_end_marker: ['Here the schedule begins anew.', {}],
  io_address_space: [
    'What a device behind an x86 IOMMU sees of memory.',
    {
      name,
      peripheral_id: 'The PCI function: `bus:device.function`.',
      domain_id: "The IOMMU's number for the address space.",
    },
  ],
  iomap: [
    'A memory region as the device sees it.',
    {
      mr: 'The memory region.',
      iovaddr: 'The address at which the device sees it.',
      perms: 'Rights: `r`, `w` or `rw`. Without it `rw`.',
    },
  ],
};

/** The sentence on one attribute. */
export function aboutAttribute(element: GrammarName, attribute: string): string | undefined {
  const [, attributes] = ABOUT[element] as readonly [string, Readonly<Record<string, string>>];
  return Object.hasOwn(attributes, attribute) ? attributes[attribute] : undefined;
}
