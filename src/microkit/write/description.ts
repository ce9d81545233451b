/**
 * From a description to text: always in the same order and layout, so that two descriptions of one meaning differ in
 * nothing. Addresses and sizes are hexadecimal, everything else is decimal; what is absent in the value is not written.
 */
import { hex } from '../../base/index.ts';
import type {
  Channel,
  Domains,
  IoAddressSpace,
  Ioport,
  Irq,
  MemoryMap,
  MemoryRegion,
  ProtectionDomain,
  SystemDescription,
  VirtualMachine,
} from '../description.ts';
import type { SdfDialect } from '../dialect.ts';
import type { ReadDescription } from '../read/index.ts';
import { formatPciAddress } from '../read/values.ts';
import { type OutputElement, xmlText } from './xml-text.ts';

/** What is written beside the elements: comments, by the part that they stand before. */
export interface WriteDescriptionOptions {
  /** `current` where it is not said. */
  readonly dialect?: SdfDialect;
  /**
   * The comments above an element, by the part of the value that it stands for: which device a region or an interrupt
   * is, for example. Each may have several lines.
   */
  readonly comments?: (part: object) => readonly string[];
  /** The comments after an element's last child. */
  readonly closingComments?: (part: object) => readonly string[];
}

/** The description as a `.system` file. */
export function writeDescription(
  description: SystemDescription,
  options: WriteDescriptionOptions = {},
): string {
  return xmlText(new Writer(options).system(description));
}

/** A file that was read, laid out anew; its comments stay with the elements that they stand above. */
export function formatDescription(read: ReadDescription): string {
  // In the older dialect a virtual machine and its vCPU are one element, whose comments are written once.
  const given = new Set<readonly string[]>();
  const once = (comments: readonly string[]): readonly string[] => {
    if (given.has(comments)) return [];
    given.add(comments);
    return comments;
  };
  return writeDescription(read.description, {
    dialect: read.dialect,
    comments: (part) => once(read.origins.comments(part)),
    closingComments: (part) => once(read.origins.closingComments(part)),
  });
}

const address = (value: number | undefined): string | undefined =>
  value === undefined ? undefined : hex(value);
const plain = (value: number | boolean | undefined): string | undefined =>
  value === undefined ? undefined : String(value);

class Writer {
  readonly #options: WriteDescriptionOptions;

  constructor(options: WriteDescriptionOptions) {
    this.#options = options;
  }

  system(description: SystemDescription): OutputElement {
    const groups: readonly (readonly OutputElement[])[] = [
      description.domains === undefined ? [] : [this.#domains(description.domains)],
      description.memoryRegions.map((region) => this.#memoryRegion(region)),
      description.ioAddressSpaces.map((space) => this.#ioAddressSpace(space)),
      ...description.protectionDomains.map((pd) => [this.#protectionDomain(pd, false)]),
      description.channels.map((channel) => this.#channel(channel)),
    ];
    const filled = groups.filter((group) => group.length > 0);
    const children = filled.flatMap((group, groupIndex) =>
      group.map((element, index) => ({ ...element, apart: groupIndex > 0 && index === 0 })),
    );
    return this.#element('system', description, [], children);
  }

  /** An element with the comments that belong to it. */
  #element(
    name: string,
    part: object,
    attributes: OutputElement['attributes'],
    children: readonly OutputElement[] = [],
  ): OutputElement {
    const comments = this.#options.comments?.(part) ?? [];
    const closingComments = this.#options.closingComments?.(part) ?? [];
    return { name, attributes, children, comments, closingComments };
  }

  #memoryRegion(region: MemoryRegion): OutputElement {
    return this.#element('memory_region', region, [
      ['name', region.name],
      ['size', address(region.sizeBytes)],
      ['page_size', address(region.pageSizeBytes)],
      ['phys_addr', address(region.physAddr)],
      ['prefill_path', region.prefillPath],
      ['prefill_bootinfo', region.prefillBootinfo],
    ]);
  }

  #protectionDomain(pd: ProtectionDomain, isChild: boolean): OutputElement {
    const { programImage, virtualMachine } = pd;
    const image =
      programImage === undefined
        ? []
        : [
            this.#element('program_image', programImage, [
              ['path', programImage.path],
              ['path_for_symbols', programImage.pathForSymbols],
            ]),
          ];
    const capMaps = pd.capMaps.map((cap) =>
      this.#element(cap.kind, cap, [
        ['slot', plain(cap.slot)],
        ['pd', cap.pd],
      ]),
    );
    const attributes: OutputElement['attributes'] = [
      ['name', pd.name],
      ...(isChild ? ([['id', plain(pd.id)]] as const) : []),
      ['setvar_id', pd.setvarId],
      ['priority', plain(pd.priority)],
      ['budget', plain(pd.budgetUs)],
      ['period', plain(pd.periodUs)],
      ['passive', plain(pd.passive)],
      ['stack_size', address(pd.stackSizeBytes)],
      ['smc', plain(pd.smc)],
      ['cpu', plain(pd.cpu)],
      ['domain', pd.domain],
      ['fpu', plain(pd.fpu)],
    ];
    return this.#element('protection_domain', pd, attributes, [
      ...image,
      ...pd.maps.map((map) => this.#map(map)),
      ...(virtualMachine === undefined ? [] : [this.#virtualMachine(virtualMachine)]),
      ...pd.irqs.map((irq) => this.#irq(irq)),
      ...pd.ioports.map((ioport) => this.#ioport(ioport)),
      ...pd.setvars.map((setvar) =>
        this.#element('setvar', setvar, [
          ['symbol', setvar.symbol],
          ['region_paddr', setvar.regionPaddr],
        ]),
      ),
      ...(capMaps.length === 0 ? [] : [this.#element('cspace', pd.capMaps, [], capMaps)]),
      ...pd.children.map((child) => this.#protectionDomain(child, true)),
    ]);
  }

  #map(map: MemoryMap): OutputElement {
    return this.#element('map', map, [
      ['mr', map.mr],
      ['vaddr', address(map.vaddr)],
      ['perms', map.perms],
      ['cached', plain(map.cached)],
      ['setvar_vaddr', map.setvarVaddr],
      ['setvar_size', map.setvarSize],
      ['setvar_prefill_size', map.setvarPrefillSize],
    ]);
  }

  /** In the older dialect the only vCPU's id is the virtual machine's. */
  #virtualMachine(vm: VirtualMachine): OutputElement {
    const older = this.#options.dialect === 'older';
    const vcpus = vm.vcpus.map((vcpu) =>
      this.#element('vcpu', vcpu, [
        ['id', plain(vcpu.id)],
        ['cpu', plain(vcpu.cpu)],
        ['setvar_id', vcpu.setvarId],
      ]),
    );
    const attributes: OutputElement['attributes'] = [
      ['name', vm.name],
      ...(older ? ([['id', plain(vm.vcpus[0]?.id)]] as const) : []),
      ['priority', plain(vm.priority)],
      ['budget', plain(vm.budgetUs)],
      ['period', plain(vm.periodUs)],
    ];
    const maps = vm.maps.map((map) => this.#map(map));
    return this.#element('virtual_machine', vm, attributes, [...(older ? [] : vcpus), ...maps]);
  }

  #irq(irq: Irq): OutputElement {
    const attributes: OutputElement['attributes'] =
      irq.kind === 'platform'
        ? [
            ['irq', plain(irq.irq)],
            ['id', plain(irq.id)],
            ['trigger', irq.trigger],
          ]
        : irq.kind === 'ioapic'
          ? [
              ['id', plain(irq.id)],
              ['ioapic', plain(irq.ioapic)],
              ['pin', plain(irq.pin)],
              ['vector', plain(irq.vector)],
              ['trigger', irq.trigger],
              ['polarity', irq.polarity],
            ]
          : [
              ['id', plain(irq.id)],
              ['pcidev', formatPciAddress(irq.pcidev)],
              ['handle', plain(irq.handle)],
              ['vector', plain(irq.vector)],
            ];
    return this.#element('irq', irq, [...attributes, ['setvar_id', irq.setvarId]]);
  }

  #ioport(ioport: Ioport): OutputElement {
    return this.#element('ioport', ioport, [
      ['id', plain(ioport.id)],
      ['addr', address(ioport.addr)],
      ['size', plain(ioport.sizeBytes)],
      ['setvar_id', ioport.setvarId],
      ['setvar_addr', ioport.setvarAddr],
    ]);
  }

  #ioAddressSpace(space: IoAddressSpace): OutputElement {
    const iomaps = space.iomaps.map((iomap) =>
      this.#element('iomap', iomap, [
        ['mr', iomap.mr],
        ['iovaddr', address(iomap.iovaddr)],
        ['perms', iomap.perms],
      ]),
    );
    const attributes: OutputElement['attributes'] = [
      ['name', space.name],
      ['peripheral_id', formatPciAddress(space.peripheralId)],
      ['domain_id', plain(space.domainId)],
    ];
    return this.#element('io_address_space', space, attributes, iomaps);
  }

  #channel(channel: Channel): OutputElement {
    const ends = channel.ends.map((end) =>
      this.#element('end', end, [
        ['pd', end.pd],
        ['id', plain(end.id)],
        ['pp', plain(end.pp)],
        ['notify', plain(end.notify)],
        ['setvar_id', end.setvarId],
      ]),
    );
    return this.#element('channel', channel, [], ends);
  }

  #domains(domains: Domains): OutputElement {
    const schedule = domains.schedule.map((entry) =>
      entry.kind === 'end-marker'
        ? this.#element('schedule_end_marker', entry, [])
        : this.#element('schedule_entry', entry, [
            ['domain', entry.domain],
            ['duration', `${entry.duration} ${entry.unit}`],
          ]),
    );
    const attributes: OutputElement['attributes'] = [
      ['start_index', plain(domains.startIndex)],
      ['index_shift', plain(domains.indexShift)],
    ];
    return this.#element(
      'domains',
      domains.domains,
      [],
      [
        ...domains.domains.map((domain) =>
          this.#element('domain', domain, [
            ['name', domain.name],
            ['id', plain(domain.id)],
          ]),
        ),
        this.#element('domain_schedule', domains, attributes, schedule),
      ],
    );
  }
}
