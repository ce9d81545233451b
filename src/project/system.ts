/**
 * The system description of a plan, as Microkit 2.3's tool reads it, with a comment on every region and interrupt. Where guests have
 * virtio devices there are two: what serves them on hardware are sDDF's programs, each with its configuration, and under
 * `drivervm run` programs of its own, which learn by symbols where everything is.
 */
import { formatSize, intidToSpi, oneToOne, SMALL_PAGE_BYTES } from '../base/index.ts';
import {
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
  type Plan,
  type RegionPlan,
  ramBanks,
} from '../plan/index.ts';
import { driverIrqSymbol, driverRegionSymbol } from '../sharing/index.ts';
import { ramSymbol } from './ram-symbol.ts';
import { NOTHING, type Note, wrap } from './system-notes.ts';
import { type Sharing, sharingBySddf, sharingForRun } from './system-sharing.ts';

export interface DescribedSystem {
  readonly description: SystemDescription;
  /** The lines above a part of the description. */
  readonly comments: ReadonlyMap<object, readonly string[]>;
}

/** The name of the region of a guest's RAM, by the bank. */
function ramRegionName(plan: Plan, guest: GuestPlan, bank: number): string {
  const name = plan.guests.length > 1 ? `${guest.name}_ram` : 'guest_ram';
  return bank === 0 ? name : `${name}_${bank + 1}`;
}

/** What a description is for. */
export type SystemTarget = 'hardware' | 'run';

/** The system description of a plan, with comments by part. */
export function describeSystem(plan: Plan, target: SystemTarget = 'hardware'): DescribedSystem {
  const sddf = target === 'hardware' ? plan.sddf : undefined;
  const comments = new Map<object, readonly string[]>();
  const note = <Part extends object>(part: Part, ...lines: readonly string[]): Part => {
    if (lines.length > 0) comments.set(part, [lines.join('\n')]);
    return part;
  };
  const regions = new Map<string, MemoryRegion>();
  for (const guest of plan.guests) {
    for (const [index, { base, size }] of ramBanks(guest.ram).entries()) {
      const ram: MemoryRegion = {
        name: ramRegionName(plan, guest, index),
        sizeBytes: size,
        pageSizeBytes: guest.ram.pageSizeBytes,
        ...(guest.ram.oneToOne ? { physAddr: base } : {}),
      };
      regions.set(ram.name, note(ram, `RAM of ${guest.name}, ${formatSize(size)}: ${guest.ram.why}`));
    }
    for (const region of guest.regions) addRegion(regions, region, note, plan);
  }
  for (const driver of plan.drivers)
    for (const region of driver.regions) addRegion(regions, region, note, plan);
  const sharing = sddf === undefined ? sharingForRun(plan, note) : sharingBySddf(plan, sddf, note);
  for (const region of sharing.regions) regions.set(region.name, region);
  const description: SystemDescription = {
    memoryRegions: [...regions.values()],
    ioAddressSpaces: [],
    protectionDomains: [
      ...plan.drivers.map((driver) => driverDomain(driver, sharing, note)),
      ...sharing.domains,
      ...plan.guests.map((guest) => monitorDomain(plan, guest, sharing, note)),
    ],
    channels: sharing.channels,
  };
  return { description, comments };
}

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

function irqs(interrupts: readonly InterruptPlan[], note: Note, symbols = false): readonly PlatformIrq[] {
  return interrupts.map(({ intid, channel, trigger, devices }, index) => {
    const setvar = symbols ? { setvarId: driverIrqSymbol(index) } : {};
    const irq: PlatformIrq = { kind: 'platform', irq: intid, id: channel, trigger, ...setvar };
    return note(irq, ...wrap(`SPI ${intidToSpi(intid)}: ${devices.join(', ')}`));
  });
}

function monitorDomain(plan: Plan, guest: GuestPlan, sharing: Sharing, note: Note): ProtectionDomain {
  const banks = ramBanks(guest.ram);
  const monitorRam = banks.map(
    ({ monitorVaddr }, index): MemoryMap => ({
      mr: ramRegionName(plan, guest, index),
      vaddr: monitorVaddr,
      perms: 'rw',
      setvarVaddr: ramSymbol(index),
    }),
  );
  const virtualMachine: VirtualMachine = {
    name: guest.vm.name,
    priority: guest.vm.priority,
    vcpus: Array.from({ length: guest.vm.vcpus }, (_, id) => ({ id })),
    maps: [
      ...banks.map(
        ({ base }, index): MemoryMap => ({
          mr: ramRegionName(plan, guest, index),
          vaddr: base,
          perms: 'rwx',
        }),
      ),
      ...guest.regions.map(
        ({ name, guestAddr }): MemoryMap => ({ mr: name, vaddr: guestAddr, perms: 'rw', cached: false }),
      ),
      ...sharing.guestMapsOf(guest.monitor.pd),
    ],
  };
  const domain: ProtectionDomain = {
    name: guest.monitor.pd,
    priority: guest.monitor.priority,
    ...sharing.change(guest.monitor.pd),
    ...(guest.monitor.forwardsSmc ? { smc: true } : {}),
    programImage: { path: `${guest.monitor.program}.elf` },
    maps: [...monitorRam, ...sharing.mapsOf(guest.monitor.pd)],
    irqs: irqs(guest.interrupts, note),
    virtualMachine,
    ...NOTHING,
  };
  if (guest.monitor.forwardsSmc) {
    note(domain, "smc: the guest's drivers call the firmware, and the monitor forwards their calls");
  }
  return domain;
}

function driverDomain(driver: DriverPlan, sharing: Sharing, note: Note): ProtectionDomain {
  const symbols = sharing.setsSymbols(driver.name);
  return note(
    {
      name: driver.name,
      priority: driver.priority,
      programImage: { path: driver.program },
      ...sharing.change(driver.name),
      maps: [
        ...driver.regions.map(
          ({ name, vaddr }, index): MemoryMap => ({
            mr: name,
            vaddr,
            perms: 'rw',
            cached: false,
            ...(symbols ? { setvarVaddr: driverRegionSymbol(index) } : {}),
          }),
        ),
        ...sharing.mapsOf(driver.name),
      ],
      irqs: irqs(driver.interrupts, note, symbols),
      ...NOTHING,
    },
    `native driver of ${driver.devices.map(({ path }) => path).join(', ')}`,
  );
}

/** The text of a system description, `NAME.system` or `NAME.run.system`. */
export function systemText(plan: Plan, header: readonly string[], target: SystemTarget = 'hardware'): string {
  const { description, comments } = describeSystem(plan, target);
  const withHeader = new Map(comments);
  withHeader.set(description, [header.join('\n')]);
  return writeDescription(description, { comments: (part) => withHeader.get(part) ?? [] });
}
