/**
 * Microkit 2.3's grammar: which elements stand where, and which attributes each takes, in the order in which the writer
 * puts them. Ranges and everything that involves two elements are rules (`check/`).
 */

/**
 * How an attribute's value is written. `number`: decimal, or hexadecimal after `0x`, with underscores anywhere.
 * `decimal`: decimal only, for there the tool stops without a word on anything else.
 */
export type ValueKind = 'text' | 'number' | 'decimal' | 'boolean' | 'permissions' | 'pci' | 'duration';

export interface AttributeGrammar {
  readonly kind: ValueKind;
  readonly required?: true;
  /** The only values that it takes. */
  readonly choices?: readonly string[];
}

export interface ElementGrammar {
  readonly attributes: Readonly<Record<string, AttributeGrammar>>;
  /** The elements that may stand inside, by their name in {@link GRAMMAR}. */
  readonly children: Readonly<Record<string, GrammarName>>;
}

const text = { kind: 'text' } as const;
const name = { kind: 'text', required: true } as const;
const number = { kind: 'number' } as const;
const address = { kind: 'number', required: true } as const;
const decimal = { kind: 'decimal', required: true } as const;
const flag = { kind: 'boolean' } as const;
const trigger = { kind: 'text', choices: ['level', 'edge'] } as const;

const MAP = { mr: name, vaddr: address, perms: { kind: 'permissions' }, cached: flag } as const;
const PROTECTION_DOMAIN = {
  name,
  priority: number,
  budget: number,
  period: number,
  passive: flag,
  stack_size: number,
  smc: flag,
  cpu: number,
  domain: text,
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
const IN_VIRTUAL_MACHINE = { vcpu: 'vcpu', map: 'vm_map' } as const;
const CAP = { attributes: { slot: address, pd: name }, children: {} } as const;

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
      name,
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
  setvar: { attributes: { symbol: name, region_paddr: name }, children: {} },
  cspace: { attributes: {}, children: { cap_tcb: 'cap', cap_sc: 'cap', cap_vspace: 'cap' } },
  cap: CAP,
  virtual_machine: { attributes: { name, ...SCHEDULING }, children: IN_VIRTUAL_MACHINE },
  older_virtual_machine: {
    attributes: { name, id: { kind: 'decimal' }, ...SCHEDULING },
    children: IN_VIRTUAL_MACHINE,
  },
  vcpu: { attributes: { id: decimal, cpu: number, setvar_id: text }, children: {} },
  channel: { attributes: {}, children: { end: 'end' } },
  end: { attributes: { pd: name, id: decimal, pp: flag, notify: flag, setvar_id: text }, children: {} },
  domains: { attributes: {}, children: { domain: 'domain', domain_schedule: 'domain_schedule' } },
  domain: { attributes: { name, id: number }, children: {} },
  domain_schedule: {
    attributes: { start_index: number, index_shift: number },
    children: { schedule_entry: 'schedule_entry', schedule_end_marker: 'schedule_end_marker' },
  },
  schedule_entry: {
    attributes: { domain: name, duration: { kind: 'duration', required: true } },
    children: {},
  },
  schedule_end_marker: { attributes: {}, children: {} },
  io_address_space: {
    attributes: { name, peripheral_id: { kind: 'pci', required: true }, domain_id: number },
    children: { iomap: 'iomap' },
  },
  iomap: { attributes: { mr: name, iovaddr: address, perms: { kind: 'permissions' } }, children: {} },
} as const satisfies Readonly<
  Record<string, { attributes: Readonly<Record<string, AttributeGrammar>>; children: object }>
>;

export type GrammarName = keyof typeof GRAMMAR;

export function grammarOf(grammarName: GrammarName): ElementGrammar {
  return GRAMMAR[grammarName] as unknown as ElementGrammar;
}
