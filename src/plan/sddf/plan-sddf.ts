/** Who serves guests' virtio devices on seL4: sDDF's drivers, virtualisers, switch and copiers, for what the request's drivers have. */
import { KIB } from '../../base/index.ts';
import {
  classOfKind,
  type DeviceClass,
  nativeDriverFor,
  SDDF_CLASSES,
  type SddfClass,
  type SddfDriver,
  sddfClass,
  sddfDriven,
  sddfDriverFor,
} from '../../sharing/index.ts';
import { passedConsoles } from '../guest/passed-consoles.ts';
import { isBridge } from '../guest/peers.ts';
import { serverOf } from '../guest/served.ts';
import type { DriverPlan, GuestPlan } from '../plan.ts';
import { BLOCK_CLIENTS_MAX, shareBlock, shareServedBlock } from './block.ts';
import { registersOf, SddfLayout } from './layout.ts';
import { NET_CLIENTS_MAX, shareNetwork } from './network.ts';
import { type SddfClient, SddfParts } from './parts.ts';
import { passConsole, shareSerial } from './serial.ts';
import type { SddfDriverPlan, SddfPlan } from './shape.ts';

/** A guest that serves a disk: its monitor, and what it serves. */
type Server = Parameters<typeof shareServedBlock>[1]['server'];

/** A virtualiser has a channel for each client and one for its driver. */
const CLIENTS_MAX: Readonly<Partial<Record<DeviceClass, number>>> = {
  serial: 60,
  block: BLOCK_CLIENTS_MAX,
  net: NET_CLIENTS_MAX,
};

/** `undefined` where no guest has a virtio device. `placeDma` finds the physical memory that devices are to reach. */
export function planSddf(
  guests: readonly GuestPlan[],
  drivers: readonly DriverPlan[],
  placeDma: (sizeBytes: number) => number | undefined,
  hasDma = true,
): SddfPlan | undefined {
  const all = guests.flatMap(({ name, monitor, virtio }) =>
    virtio.map((device): SddfClient => ({ guest: name, pd: monitor.pd, device })),
  );
  if (all.length === 0) return undefined;
  const unserved: { pd: string; device: string; reason: string }[] = [];
  type Group = { driver?: DriverPlan; clients: SddfClient[]; class: DeviceClass; server?: Server };
  const groups = new Map<string, Group>();
  const built = new Map<string, string>();
  const passed = passedConsoles(guests);
  const isPassed = ({ device }: SddfClient) =>
    passed.some(({ client, other }) => client.device === device || other.device === device);
  for (const client of all.filter((each) => !isPassed(each))) {
    const { pd, device } = client;
    const name = classOfKind(device.kind);
    const driver = drivers.find((each) => each.name === device.driver);
    const lent = name === 'block' ? serverOf(guests, device.driver) : undefined;
    const server = lent && { monitor: lent.guest.monitor.pd, served: lent.served };
    const reason =
      server !== undefined
        ? undefined
        : (whyUnserved(name, driver, drivers) ??
          whyNotBuilt(driver, built) ??
          whyNoDma(name, driver, hasDma));
    const key = `${name} ${server?.served.name ?? driver?.name ?? ''}`;
    const group = groups.get(key) ?? {
      class: name,
      clients: [],
      ...(driver === undefined ? {} : { driver }),
      ...(server === undefined ? {} : { server }),
    };
    const most = CLIENTS_MAX[name] ?? 0;
    if (reason !== undefined) unserved.push({ pd, device: device.path, reason });
    else if (group.clients.length >= most)
      unserved.push({ pd, device: device.path, reason: `sDDF shares a device among ${most} at most` });
    else {
      const row = driver === undefined ? undefined : sddfRow(driver);
      if (row !== undefined) built.set(row.image, row.directory);
      group.clients.push(client);
      groups.set(key, group);
    }
  }
  const layout = new SddfLayout({ drivers, guests });
  const parts = new SddfParts(layout, Math.max(...guests.map(({ monitor }) => monitor.priority)));
  const shared = [...groups.values()];
  const served = shared.flatMap(({ driver }) => (driver === undefined ? [] : [driver]));
  const driverPlans = served.flatMap((driver) => driverPlan(layout, driver));
  const timers = planTimers(layout, served, drivers);
  const of = (name: DeviceClass) =>
    shared.flatMap(({ class: each, driver, clients }) =>
      each === name && driver !== undefined ? [{ driver, clients }] : [],
    );
  const serial = of('serial').map((each) => shareSerial(parts, each));
  const block = [
    ...of('block').map((each) => shareBlock(parts, each)),
    ...shared.flatMap(({ server, clients }) =>
      server === undefined ? [] : [shareServedBlock(parts, { server, clients })],
    ),
  ];
  const bridge = guests.find(isBridge)?.monitor.pd;
  const net = shared.flatMap((each) =>
    each.class === 'net' ? [shareNetwork(parts, { ...each, bridge })] : [],
  );
  const consoles = passed.map((each) => passConsole(parts, each));
  const dmaBase = layout.dmaBytes === 0 ? 0 : placeDma(layout.dmaBytes);
  if (dmaBase === undefined) return planSddf(guests, drivers, placeDma, false);
  return {
    domains: layout.domains,
    regions: layout.regions(dmaBase),
    links: layout.links,
    drivers: [...driverPlans.map((each) => ({ ...each, ...timers.links.get(each.pd) })), ...timers.plans],
    serial,
    block,
    net,
    unserved,
    ...(consoles.length === 0 ? {} : { consoles }),
  };
}

/** sDDF's driver for what a driver of the request has, unless the request brings its own. */
function sddfRow({ name, class: driven, program, devices }: DriverPlan): SddfDriver | undefined {
  const compatible = devices.flatMap((device) => device.compatible);
  const usual = nativeDriverFor(compatible)?.image ?? `${name}.elf`;
  return program === usual ? sddfDriverFor(driven, compatible) : undefined;
}

/** In the form of an end of a sentence; `undefined` where sDDF serves it. */
function whyUnserved(
  name: DeviceClass,
  driver: DriverPlan | undefined,
  drivers: readonly DriverPlan[],
): string | undefined {
  if (SDDF_CLASSES[name] === undefined) return `sDDF shares no devices of the class ${name}`;
  // A switch serves guests among themselves.
  if (driver === undefined)
    return name === 'net' ? undefined : `no driver of the request is one of the class ${name}`;
  const row = sddfRow(driver);
  if (row === undefined) {
    const compatible = driver.devices.flatMap((device) => device.compatible).join(', ');
    return `sDDF has no driver for ${driver.name}'s device (${compatible}); it has some for ${sddfDriven(name).join(', ')}`;
  }
  if (row.needsTimer && timerOf(drivers) === undefined)
    return `sDDF's driver in ${row.directory} asks a timer's driver for the time: add one to "drivers", of ${sddfDriven('timer').join(', ')}`;
  return registersOf(driver) === undefined ? `${driver.name} has no registers` : undefined;
}

/** Devices but UARTs read and write RAM themselves. */
function whyNoDma(name: DeviceClass, driver: DriverPlan | undefined, hasDma: boolean): string | undefined {
  return hasDma || name === 'serial' || driver === undefined
    ? undefined
    : `there is no place in RAM for what ${driver.name}'s device reads and writes`;
}

/** Several drivers of sDDF's make a program of one name, and its Makefiles know one of them at a time. */
function whyNotBuilt(driver: DriverPlan | undefined, built: ReadonlyMap<string, string>): string | undefined {
  const row = driver === undefined ? undefined : sddfRow(driver);
  const other = row === undefined ? undefined : built.get(row.image);
  return row === undefined || other === undefined || other === row.directory
    ? undefined
    : `sDDF's drivers in ${other} and ${row.directory} both make ${row.image}, so a project has one of them`;
}

function driverPlan(
  layout: SddfLayout,
  driver: DriverPlan,
  row = sddfRow(driver),
): readonly SddfDriverPlan[] {
  const registers = registersOf(driver);
  if (row === undefined || registers === undefined) return [];
  const { stackBytes, budgetUs, periodUs } = row.class === 'timer' ? TIMER : sddfClass(row.class).driver;
  layout.domains.push({
    name: layout.unique(driver.name),
    class: row.class,
    role: 'driver',
    program: row.image,
    priority: driver.priority,
    stackBytes,
    ...(budgetUs === undefined ? {} : { budgetUs }),
    ...(periodUs === undefined ? {} : { periodUs }),
    ...(row.class === 'timer' ? { passive: true } : {}),
  });
  const dma = row.dma.map(({ name, sizeBytes, cached }) => {
    const region = layout.region({
      name: `${driver.name}_${name}`,
      sizeBytes,
      why: `${driver.name} and its device`,
      dma: true,
    });
    layout.map(region, driver.name, 'rw', cached);
    return region;
  });
  const intid = driver.devices[0]?.intids[row.interrupt];
  const channel = driver.interrupts.find((each) => each.intid === intid)?.channel ?? 0;
  return [{ pd: driver.name, directory: row.directory, registers, dma, channel }];
}

/** Timers run when somebody calls them, on the caller's time. */
const TIMER: SddfClass['driver'] = { stackBytes: 8 * KIB };

const timerRow = ({ devices }: DriverPlan): SddfDriver | undefined =>
  sddfDriverFor(
    'timer',
    devices.flatMap(({ compatible }) => compatible),
  );

/** The first driver of the request whose device is a timer that sDDF drives. */
const timerOf = (drivers: readonly DriverPlan[]): DriverPlan | undefined =>
  drivers.find((driver) => timerRow(driver) !== undefined && registersOf(driver) !== undefined);

interface Timers {
  readonly plans: readonly SddfDriverPlan[];
  /** Of each driver that asks for the time, its link. */
  readonly links: ReadonlyMap<string, { readonly timer: string }>;
}

/** The timer's driver, above everybody who calls it, as Microkit asks of a protected procedure. */
function planTimers(
  layout: SddfLayout,
  served: readonly DriverPlan[],
  drivers: readonly DriverPlan[],
): Timers {
  const clients = served.filter((driver) => sddfRow(driver)?.needsTimer === true);
  const timer = timerOf(drivers);
  if (timer === undefined || clients.length === 0) return { plans: [], links: new Map() };
  const priority = Math.max(timer.priority, ...clients.map((client) => client.priority + 1));
  const plans = driverPlan(layout, { ...timer, priority }, timerRow(timer));
  const links = clients.map(({ name }) => {
    const link = layout.link({ name: `${name}_timer`, ends: [timer.name, name], parts: [], calls: true });
    return [name, { timer: link }] as const;
  });
  return { plans, links: new Map(links) };
}
