/** The plan in words: what was decided and why, for a terminal. */
import { formatSize, hex, LARGE_PAGE_BYTES, oneToOne } from '../base/index.ts';
import { CHANNEL_LIMIT } from '../microkit/index.ts';
import { passedConsoles } from './guest/passed-consoles.ts';
import { reasonOf } from './owners.ts';
import type { DependencyPlan, DriverPlan, GuestPlan, Plan, RegionPlan } from './plan.ts';
import { NOT_ENABLED } from './regions.ts';
import { servedDevices } from './sharing.ts';

/** How much is told of each device. */
export interface ReportOptions {
  /** Everything: each passed device with the way it came in, and each co-tenant. */
  readonly verbose?: boolean;
}

/** A plan as text for a person. */
export function planReport(plan: Plan, options: ReportOptions = {}): string {
  const { board } = plan;
  const where =
    board.microkit === undefined
      ? 'no board that Microkit 2.3 is known to have; --board names one'
      : `Microkit board ${board.microkit}`;
  const sections = [
    [`${plan.name}: ${board.model} (${board.dtb}; ${where}; GICv${board.gic.version})`],
    ...plan.drivers.map((driver) => driverLines(driver)),
    ...plan.guests.map((guest) => guestLines(plan, guest, options)),
    sddfLines(plan),
    plan.disks.length === 0
      ? []
      : ['', ...plan.disks.map(({ device, image }) => `under "drivervm run", ${image} is in ${device}`)],
    plan.unknown.length === 0 ? [] : ['', 'not known:', ...plan.unknown.map((sentence) => `  ${sentence}`)],
  ];
  return `${sections.flat().join('\n')}\n`;
}

function driverLines(driver: DriverPlan): readonly string[] {
  return [
    '',
    `native driver ${driver.name} (${driver.class}, priority ${driver.priority}, ${driver.program})`,
    ...driver.devices.map(({ path, why }) => `  ${path}: ${reasonOf(why)}`),
    ...driver.regions.map((region) => `  ${regionLine(region)}, seen at ${hex(region.vaddr)}`),
    ...driver.interrupts.map(
      ({ intid, channel, trigger }) => `  INTID ${intid} (${trigger}) on channel ${channel}`,
    ),
  ];
}

/** What serves virtio devices on hardware. */
function sddfLines({ sddf }: Plan): readonly string[] {
  if (sddf === undefined || sddf.domains.length === 0) return [];
  const dma = sddf.regions.flatMap(({ physAddr, sizeBytes }) =>
    physAddr === undefined ? [] : [{ base: physAddr, size: sizeBytes }],
  );
  const [first, last] = [dma[0], dma.at(-1)];
  return [
    '',
    'on seL4 virtio devices are served by sDDF:',
    ...sddf.domains.map(
      ({ name, program, priority }) => `  ${name.padEnd(16)} ${program.padEnd(24)} priority ${priority}`,
    ),
    ...(first === undefined || last === undefined
      ? []
      : [`  devices reach ${hex(first.base)} to ${hex(last.base + last.size)} by DMA`]),
  ];
}

/** Who serves each virtio device. */
function virtioLines({ guests, sharing }: Plan, guest: GuestPlan): readonly string[] {
  const served = servedDevices({ guests: [guest], sharing });
  const passed = passedConsoles(guests);
  return guest.virtio.map((device) => {
    const at = `at ${hex(device.guestAddr)} (INTID ${device.intid})`;
    if (device.consoleOf !== undefined)
      return `  virtio   the other end of the console of ${device.consoleOf} ${at}`;
    const by = passed.find(({ client }) => client.device === device)?.other.guest.name;
    if (by !== undefined) return `  virtio   ${device.kind} ${at}, passed on by ${by}`;
    const servers = served.flatMap((each) => (each.device === device ? [each.server.pd] : []));
    const driver = device.driver === undefined ? '' : ` before ${device.driver}`;
    const how = servers.length === 0 ? 'not served' : `served by ${servers.join(' and ')}${driver}`;
    return `  virtio   ${device.kind} ${at}, ${how}`;
  });
}

function guestLines(plan: Plan, guest: GuestPlan, { verbose = false }: ReportOptions): readonly string[] {
  const { ram, kernel, initrd, dtb, monitor, vm } = guest;
  const vcpus = vm.vcpus === 1 ? '1 vCPU' : `${vm.vcpus} vCPUs`;
  const granted = guest.regions.flatMap(({ coTenants }) => coTenants);
  const enabled = granted.filter(({ reason }) => reason !== NOT_ENABLED);
  const lost = guest.dependencies.filter(({ outcome }) => outcome === 'cut' || outcome === 'fixed-clock');
  return [
    '',
    `guest ${guest.name}: ${vcpus}, monitor ${monitor.pd} at priority ${monitor.priority}`,
    `  RAM      ${place(ram)}  ${ram.why}`,
    ...(ram.more ?? []).map((bank) => `           ${place(bank)}`),
    `  kernel   ${place(kernel)}  ${kernel.path}: ${kernel.why}`,
    ...(initrd === undefined ? [] : [`  initrd   ${place(initrd)}  ${initrd.path}: ${initrd.why}`]),
    `  DTB      ${place(dtb)}`,
    `  console  ${guest.stdout ?? 'none'}`,
    ...virtioLines(plan, guest),
    `  bootargs ${guest.bootargs}`,
    ...(monitor.forwardsSmc ? ['  firmware SMC calls of the SiP range are forwarded (smc="true")'] : []),
    '',
    `  regions (${guest.regions.length}), registers 1:1 and uncached:`,
    ...guest.regions.flatMap((region) => [`    ${regionLine(region)}`, ...deviceLines(region)]),
    '',
    `  interrupts (${guest.interrupts.length} of ${CHANNEL_LIMIT} channels):`,
    ...guest.interrupts.map(
      ({ intid, channel, trigger, devices }) =>
        `    channel ${String(channel).padStart(2)}  INTID ${String(intid).padStart(4)}  ${trigger.padEnd(5)}  ${devices.join(', ')}`,
    ),
    ...broughtIn(guest, verbose),
    ...(lost.length === 0
      ? []
      : ['', '  references that the guest does without:', ...lost.map(dependencyLine)]),
    ...(enabled.length === 0
      ? []
      : [
          '',
          '  granted beyond the request, because a page is shared:',
          ...enabled.map(({ path, reason }) => `    ${path} (${reason})`),
        ]),
    ...(granted.length === enabled.length || verbose
      ? granted
          .filter(({ reason }) => reason === NOT_ENABLED)
          .map(({ path }) => `    ${path} (${NOT_ENABLED})`)
      : [`  and ${granted.length - enabled.length} nodes that are not enabled on this board`]),
    ...leftOut(guest, verbose),
  ];
}

function place({ base, size }: { readonly base: number; readonly size: number }): string {
  return `${hex(base).padEnd(12)} ${formatSize(size).padEnd(9)}`;
}

function regionLine(region: RegionPlan): string {
  const pages = region.pageSizeBytes === LARGE_PAGE_BYTES ? '2 MiB pages' : '4 KiB pages';
  const moved = region.guestAddr === oneToOne(region.base) ? '' : ` → ${hex(region.guestAddr)}`;
  return `${region.name}  ${hex(region.base)}${moved}  ${formatSize(region.size)} in ${pages}`;
}

const DEVICES_SHOWN = 8;

function deviceLines({ devices }: RegionPlan): readonly string[] {
  const shown = devices.slice(0, DEVICES_SHOWN).map((path) => `      ${path}`);
  return devices.length > DEVICES_SHOWN
    ? [...shown, `      and ${devices.length - DEVICES_SHOWN} more`]
    : shown;
}

/** Devices that nobody named: what needed them. With "all" there are none. */
function broughtIn(guest: GuestPlan, verbose: boolean): readonly string[] {
  const devices = guest.devices.filter(({ why }) => verbose || why.via !== undefined);
  if (devices.length === 0) return [];
  const title = verbose ? 'passed:' : 'brought in:';
  return ['', `  ${title}`, ...devices.map(({ path, why }) => `    ${path}: ${reasonOf(why)}`)];
}

function dependencyLine({ consumer, property, reason }: DependencyPlan): string {
  return `    ${consumer} ${property}: ${reason}`;
}

/** Reasons that hold for everything that was not asked for are only counted. */
function leftOut(guest: GuestPlan, verbose: boolean): readonly string[] {
  const told = guest.leftOut.filter(({ reason }) => verbose || reason !== 'not asked for');
  const rest = guest.leftOut.length - told.length;
  if (guest.leftOut.length === 0) return [];
  return [
    '',
    '  left out:',
    ...told.map(({ path, reason }) => `    ${path}: ${reason}`),
    ...(rest === 0 ? [] : [`    and ${rest} devices that were not asked for`]),
  ];
}
