/** The system description of a plan, as Microkit 2.3's tool reads it, with a comment on every region and interrupt. */
import { formatSize, intidToSpi, oneToOne, SMALL_PAGE_BYTES } from '../base/index.ts';
import {
  type ChannelEnd,
  type MemoryMap,
  type MemoryRegion,
  type PlatformIrq,
  type ProtectionDomain,
  type SystemDescription,
  type VirtualMachine,
  writeDescription,
} from '../microkit/index.ts';
import {
  type DriverPlan,
  type GuestPlan,
  type InterruptPlan,
  type LinkEnd,
  type Plan,
  type RegionPlan,
  servedDevices,
  type VirtualiserPlan,
} from '../plan/index.ts';
import { channelSymbol, driverIrqSymbol, driverRegionSymbol, regionSymbol } from '../sharing/index.ts';

export interface DescribedSystem {
  readonly description: SystemDescription;
  /** The lines above a part of the description. */
  readonly comments: ReadonlyMap<object, readonly string[]>;
}

/** The name of a guest's RAM region. */
function ramRegionName(plan: Plan, guest: GuestPlan): string {
  return plan.guests.length > 1 ? `${guest.name}_ram` : 'guest_ram';
}

/** The system description of a plan, with comments by part. */
export function describeSystem(plan: Plan): DescribedSystem {
  const comments = new Map<object, readonly string[]>();
  const note = <Part extends object>(part: Part, ...lines: readonly string[]): Part => {
    if (lines.length > 0) comments.set(part, [lines.join('\n')]);
    return part;
  };
  const regions = new Map<string, MemoryRegion>();
  for (const guest of plan.guests) {
    const ram: MemoryRegion = {
      name: ramRegionName(plan, guest),
      sizeBytes: guest.ram.size,
      pageSizeBytes: guest.ram.pageSizeBytes,
      ...(guest.ram.oneToOne ? { physAddr: guest.ram.base } : {}),
    };
    regions.set(
      ram.name,
      note(ram, `RAM of ${guest.name}, ${formatSize(ram.sizeBytes ?? 0)}: ${guest.ram.why}`),
    );
    for (const region of guest.regions) addRegion(regions, region, note, plan);
  }
  for (const driver of plan.drivers)
    for (const region of driver.regions) addRegion(regions, region, note, plan);
  for (const link of plan.sharing.links)
    for (const { name, sizeBytes } of link.regions) regions.set(name, { name, sizeBytes });
  const description: SystemDescription = {
    memoryRegions: [...regions.values()],
    ioAddressSpaces: [],
    protectionDomains: [
      ...plan.drivers.map((driver) => driverDomain(plan, driver, note)),
      ...plan.sharing.virtualisers.map((virtualiser) => virtualiserDomain(plan, virtualiser, note)),
      ...plan.guests.map((guest) => monitorDomain(plan, guest, note)),
    ],
    channels: plan.sharing.links.map((link) =>
      note(
        { ends: [channelEnd(link.ends[0]), channelEnd(link.ends[1])] },
        ...wrap(link.regions.map(({ name }) => name).join(', ')),
      ),
    ),
  };
  return { description, comments };
}

type Note = <Part extends object>(part: Part, ...lines: readonly string[]) => Part;

function addRegion(regions: Map<string, MemoryRegion>, region: RegionPlan, note: Note, plan: Plan): void {
  if (regions.has(region.name)) return;
  const { name, size, base, pageSizeBytes } = region;
  const value: MemoryRegion = {
    name,
    sizeBytes: size,
    ...(pageSizeBytes === SMALL_PAGE_BYTES ? {} : { pageSizeBytes }),
    physAddr: base,
  };
  regions.set(name, note(value, ...regionComment(region, plan)));
}

const COMMENT_WIDTH = 110;
const TENANTS_SHOWN = 6;

function regionComment(region: RegionPlan, plan: Plan): readonly string[] {
  if (oneToOne(region.base) !== region.guestAddr) {
    return [`GICV, which the guest sees where its tree has the CPU interface of ${plan.board.gic.path}`];
  }
  const lines = wrap(namesOf(region.devices).join(', '));
  const others = namesOf(region.coTenants.map(({ path }) => path));
  if (others.length === 0) return lines;
  const shown = others.slice(0, TENANTS_SHOWN).join(', ');
  const more = others.length > TENANTS_SHOWN ? ` and ${others.length - TENANTS_SHOWN} more` : '';
  return [...lines, ...wrap(`comes with it: ${shown}${more}`)];
}

/** One node by its path, several by their names. */
function namesOf(paths: readonly string[]): readonly string[] {
  return paths.length < 2 ? paths : paths.map((path) => path.slice(path.lastIndexOf('/') + 1));
}

/** Breaks a list at its commas into lines of readable length. */
function wrap(text: string): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + word.length + 1 > COMMENT_WIDTH) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

function irqs(interrupts: readonly InterruptPlan[], note: Note, symbols = false): readonly PlatformIrq[] {
  return interrupts.map(({ intid, channel, trigger, devices }, index) => {
    const setvar = symbols ? { setvarId: driverIrqSymbol(index) } : {};
    const irq: PlatformIrq = { kind: 'platform', irq: intid, id: channel, trigger, ...setvar };
    return note(irq, ...wrap(`SPI ${intidToSpi(intid)}: ${devices.join(', ')}`));
  });
}

const NOTHING = { ioports: [], setvars: [], capMaps: [], children: [] } as const;

function monitorDomain(plan: Plan, guest: GuestPlan, note: Note): ProtectionDomain {
  const mr = ramRegionName(plan, guest);
  const monitorRam: MemoryMap = {
    mr,
    vaddr: guest.ram.monitorVaddr,
    perms: 'rw',
    setvarVaddr: 'guest_ram_vaddr',
  };
  const virtualMachine: VirtualMachine = {
    name: guest.vm.name,
    priority: guest.vm.priority,
    vcpus: Array.from({ length: guest.vm.vcpus }, (_, id) => ({ id })),
    maps: [
      { mr, vaddr: guest.ram.base, perms: 'rwx' },
      ...guest.regions.map(
        ({ name, guestAddr }): MemoryMap => ({ mr: name, vaddr: guestAddr, perms: 'rw', cached: false }),
      ),
    ],
  };
  const domain: ProtectionDomain = {
    name: guest.monitor.pd,
    priority: guest.monitor.priority,
    ...(guest.monitor.forwardsSmc ? { smc: true } : {}),
    programImage: { path: `${guest.monitor.program}.elf` },
    maps: [monitorRam, ...queueMaps(plan, guest.monitor.pd)],
    irqs: irqs(guest.interrupts, note),
    virtualMachine,
    ...NOTHING,
  };
  if (guest.monitor.forwardsSmc) {
    note(domain, "smc: the guest's drivers call the firmware, and the monitor forwards their calls");
  }
  return domain;
}

/** The queues of a domain, each at the address that its symbol is set to. */
function queueMaps(plan: Plan, pd: string): readonly MemoryMap[] {
  return plan.sharing.links.flatMap(({ regions, ends }) =>
    ends
      .filter((end) => end.pd === pd)
      .flatMap(({ vaddrs, symbol }) =>
        regions.map(
          ({ name, part }, index): MemoryMap => ({
            mr: name,
            vaddr: vaddrs[index] ?? 0,
            perms: 'rw',
            setvarVaddr: regionSymbol(symbol, part),
          }),
        ),
      ),
  );
}

function channelEnd({ pd, channel, symbol }: LinkEnd): ChannelEnd {
  return { pd, id: channel, setvarId: channelSymbol(symbol) };
}

function virtualiserDomain(plan: Plan, virtualiser: VirtualiserPlan, note: Note): ProtectionDomain {
  const { name, program, priority } = virtualiser;
  const images = servedDevices(plan).flatMap(({ server, device }) =>
    server.pd === name && device.image !== undefined ? [device.image] : [],
  );
  const domain: ProtectionDomain = {
    name,
    priority,
    programImage: { path: program },
    maps: queueMaps(plan, name),
    irqs: [],
    ...NOTHING,
  };
  return note(
    domain,
    images.length === 0 ? 'shares a device among its clients' : `serves ${images.join(', ')}`,
  );
}

function driverDomain(plan: Plan, driver: DriverPlan, note: Note): ProtectionDomain {
  return note(
    {
      name: driver.name,
      priority: driver.priority,
      programImage: { path: driver.program },
      maps: [
        ...driver.regions.map(
          ({ name, vaddr }, index): MemoryMap => ({
            mr: name,
            vaddr,
            perms: 'rw',
            cached: false,
            ...(isLinked(plan, driver) ? { setvarVaddr: driverRegionSymbol(index) } : {}),
          }),
        ),
        ...queueMaps(plan, driver.name),
      ],
      irqs: irqs(driver.interrupts, note, isLinked(plan, driver)),
      ...NOTHING,
    },
    `native driver of ${driver.devices.map(({ path }) => path).join(', ')}`,
  );
}

/** Whether a driver talks to virtualisers: then the description tells it by symbols where everything is. */
function isLinked(plan: Plan, driver: DriverPlan): boolean {
  return plan.sharing.links.some(({ ends }) => ends.some(({ pd }) => pd === driver.name));
}

/** The text of the system description, `NAME.system`. */
export function systemText(plan: Plan, header: readonly string[]): string {
  const { description, comments } = describeSystem(plan);
  const withHeader = new Map(comments);
  withHeader.set(description, [header.join('\n')]);
  return writeDescription(description, { comments: (part) => withHeader.get(part) ?? [] });
}
