/**
 * Microkit 2.3's grammar: which elements stand where, and which attributes each takes, in the order in which the writer
 * puts them. Ranges and everything that involves two elements are rules (`check/`).
 */

/**
 * How an attribute's value is written. `number`: decimal, or hexadecimal after `0x`, with underscores anywhere.
 * `decimal`: decimal only, for there the tool stops without a word on anything else.
 */
export type ValueKind = 'text' | 'number' | 'decimal' | 'boolean' | 'permissions' | 'pci' | 'duration';

/** What the grammar has names for, each kind in a space of its own. */
export type NameKind = 'memory region' | 'protection domain' | 'virtual machine' | 'domain';

/** How one attribute is written, and what its value names. */
export interface AttributeGrammar {
  readonly kind: ValueKind;
  readonly required?: true;
  /** The only values that it takes. */
  readonly choices?: readonly string[];
  /** Its value is the name by which others know the element. */
  readonly declares?: NameKind;
  /** Its value is the name of something that is declared elsewhere. */
  readonly refersTo?: NameKind;
}

/** The attributes of an element, and what may stand in it. */
export interface ElementGrammar {
  readonly attributes: Readonly<Record<string, AttributeGrammar>>;
  /** The elements that may stand inside, by their name in {@link GRAMMAR}. */
  readonly children: Readonly<Record<string, GrammarName>>;
}

const text = { kind: 'text' } as const;
const name = { kind: 'text', required: true } as const;
const region = { ...name, refersTo: 'memory region' } as const;
const peer = { ...name, refersTo: 'protection domain' } as const;
const number = { kind: 'number' } as const;
const address = { kind: 'number', required: true } as const;
const decimal = { kind: 'decimal', required: true } as const;
const flag = { kind: 'boolean' } as const;
const trigger = { kind: 'text', choices: ['level', 'edge'] } as const;

const MAP = { mr: region, vaddr: address, perms: { kind: 'permissions' }, cached: flag } as const;
const PROTECTION_DOMAIN = {
  name: { ...name, declares: 'protection domain' },
  priority: number,
  budget: number,
  period: number,
  passive: flag,
  stack_size: number,
  smc: flag,
  cpu: number,
  domain: { ...text, refersTo: 'domain' },
  fpu: flag,
} as const;
const SCHEDULING = { priority: number, budget: number, period: number } as const;
const IN_PROTECTION_DOMAIN = {
  program_image: 'program_image',
  map: 'map',
  virtual_machine: 'virtual_machine',
  irq: 'irq',
  ioport: 'ioport',
  setvar: 'setvar',
  cspace: 'cspace',
  protection_domain: 'child_protection_domain',
} as const;
const machine = { ...name, declares: 'virtual machine' } as const;
const IN_VIRTUAL_MACHINE = { vcpu: 'vcpu', map: 'vm_map' } as const;
const CAP = { attributes: { slot: address, pd: peer }, children: {} } as const;

/** Every element by its place: a `<map>` of a virtual machine is `vm_map`, a `<protection_domain>` in another one a child. */
export const GRAMMAR = {
  system: {
    attributes: {},
    children: {
      domains: 'domains',
      memory_region: 'memory_region',
      io_address_space: 'io_address_space',
      protection_domain: 'protection_domain',
      channel: 'channel',
    },
  },
  memory_region: {
    attributes: {
      name: { ...name, declares: 'memory region' },
      size: number,
      page_size: number,
      phys_addr: number,
      prefill_path: text,
      prefill_bootinfo: {
        kind: 'text',
        choices: ['x86_vbe', 'x86_mbmmap', 'x86_acpi_rsdp', 'x86_framebuffer', 'x86_tsc_freq', 'fdt'],
      },
    },
    children: {},
  },
  protection_domain: { attributes: PROTECTION_DOMAIN, children: IN_PROTECTION_DOMAIN },
  child_protection_domain: {
    attributes: { ...PROTECTION_DOMAIN, id: address, setvar_id: text },
    children: IN_PROTECTION_DOMAIN,
  },
  program_image: { attributes: { path: name, path_for_symbols: text }, children: {} },
  map: {
    attributes: { ...MAP, setvar_vaddr: text, setvar_size: text, setvar_prefill_size: text },
    children: {},
  },
  vm_map: { attributes: MAP, children: {} },
  irq: {
    attributes: { irq: decimal, id: decimal, trigger, setvar_id: text },
    children: {},
  },
  ioapic_irq: {
    attributes: {
      id: decimal,
      ioapic: { kind: 'decimal' },
      pin: decimal,
      vector: decimal,
      trigger,
      polarity: { kind: 'text', choices: ['low', 'high'] },
      setvar_id: text,
    },
    children: {},
  },
  msi_irq: {
    attributes: {
      id: decimal,
      pcidev: { kind: 'pci', required: true },
      handle: decimal,
      vector: decimal,
      setvar_id: text,
    },
    children: {},
  },
  ioport: {
    attributes: { id: decimal, addr: address, size: decimal, setvar_id: text, setvar_addr: text },
    children: {},
  },
  setvar: { attributes: { symbol: name, region_paddr: region }, children: {} },
  cspace: { attributes: {}, children: { cap_tcb: 'cap', cap_sc: 'cap', cap_vspace: 'cap' } },
  cap: CAP,
  virtual_machine: { attributes: { name: machine, ...SCHEDULING }, children: IN_VIRTUAL_MACHINE },
  older_virtual_machine: {
    attributes: { name: machine, id: { kind: 'decimal' }, ...SCHEDULING },
    children: IN_VIRTUAL_MACHINE,
  },
  vcpu: { attributes: { id: decimal, cpu: number, setvar_id: text }, children: {} },
  channel: { attributes: {}, children: { end: 'end' } },
  end: { attributes: { pd: peer, id: decimal, pp: flag, notify: flag, setvar_id: text }, children: {} },
  domains: { attributes: {}, children: { domain: 'domain', domain_schedule: 'domain_schedule' } },
  domain: { attributes: { name: { ...name, declares: 'domain' }, id: number }, children: {} },
  domain_schedule: {
    attributes: { start_index: number, index_shift: number },
    children: { schedule_entry: 'schedule_entry', schedule_end_marker: 'schedule_end_marker' },
  },
  schedule_entry: {
    attributes: { domain: { ...name, refersTo: 'domain' }, duration: { kind: 'duration', required: true } },
    children: {},
  },
  schedule_end_marker: { attributes: {}, children: {} },
  io_address_space: {
    attributes: { name, peripheral_id: { kind: 'pci', required: true }, domain_id: number },
    children: { iomap: 'iomap' },
  },
  iomap: { attributes: { mr: region, iovaddr: address, perms: { kind: 'permissions' } }, children: {} },
} as const satisfies Readonly<
  Record<string, { attributes: Readonly<Record<string, AttributeGrammar>>; children: object }>
>;

/** An element in its place. */
export type GrammarName = keyof typeof GRAMMAR;

/** What may be said of an element in its place. */
export function grammarOf(grammarName: GrammarName): ElementGrammar {
  return GRAMMAR[grammarName] as unknown as ElementGrammar;
}
