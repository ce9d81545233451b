/**
 * Disks that a guest's Linux has and lends to others: for each a node in its tree, as libvmm's drivers in user space have them (libvmm 0.2,
 * tools/linux/uio_drivers): a page whose writes fault to the monitor, sDDF's storage information, queues and data, and an interrupt.
 * Kernels without uio_pdrv_genirq, such as Debian's, get the interrupt to user space by a key of gpio-keys (Linux 6.1, input/gpio-keys.yaml:
 * a key may have an interrupt and no GPIO). `runtime/linux/disk-server.c` looks for both.
 */
import { type DiagnosticSink, intidToSpi, SMALL_PAGE_BYTES } from '../../base/index.ts';
import { type Board, phandleOf } from '../../devicetree/index.ts';
import { blockQueueBytes } from '../../sharing/index.ts';
import { cellsValue, stringsValue, type TreeEdit } from '../edits.ts';
import type { GuestPlan, ServedPlan } from '../plan.ts';
import type { GuestRequest, PlanRequest, VirtioRequest } from '../request/index.ts';
import type { Scope } from '../scope.ts';
import { blockSizes } from '../sddf/block.ts';
import { selectUnits, type World } from '../world.ts';
import { sharedDeviceCodes as codes } from './diagnostics.ts';
import type { FreePlaces } from './free-places.ts';
import { addNode, regValue } from './nodes.ts';
import { interruptValue } from './virtio.ts';

/** What other guests of the request are to have of a served disk. */
function clientsOf({ guests }: PlanRequest, name: string): readonly VirtioRequest[] {
  return guests.flatMap(({ virtio }) =>
    virtio.filter(({ kind, driver }) => kind === 'block' && driver === name),
  );
}

/** A guest's disks that others have partitions of, in places that its address space has free. */
export function placeServed(
  world: World,
  { request: guest, given }: Scope,
  request: PlanRequest,
  free: FreePlaces,
  sink: DiagnosticSink,
): readonly ServedPlan[] {
  return guest.serves.flatMap(({ name, device: selector }): readonly ServedPlan[] => {
    const place = guest.places?.get(selector);
    const found = [...selectUnits(world, [selector], guest, sink).keys()];
    // What names nothing at all has been reported as that.
    if (found.length === 0) return [];
    const own = found.filter((unit) => given.has(unit));
    const [unit, ...others] = own;
    if (unit === undefined || others.length > 0) {
      const paths = (own.length > 0 ? own : found).map(({ path }) => path);
      sink.report(codes['serves-not-one'].at(place, { owner: guest.name, selector, own: own.length, paths }));
      return [];
    }
    const clients = clientsOf(request, name);
    if (clients.length === 0) {
      sink.report(codes['serves-nobody'].at(place, { owner: guest.name, name, selector }));
      return [];
    }
    const { entries, infoBytes, dataBytes } = blockSizes(clients);
    const sizes = [
      ['fault', SMALL_PAGE_BYTES],
      ['storage_info', infoBytes],
      ['req_queue', blockQueueBytes(entries)],
      ['resp_queue', blockQueueBytes(entries)],
      ['data', dataBytes],
    ] as const;
    let next = free.addr(sizes.reduce((sum, [, sizeBytes]) => sum + sizeBytes, 0));
    const path = `/disk-server@${next.toString(16)}`;
    const windows = sizes.map(([part, sizeBytes]) => {
      next += sizeBytes;
      return { part, guestAddr: next - sizeBytes, sizeBytes };
    });
    return [{ name, class: 'block', device: unit.path, path, intid: free.intid(), entries, windows }];
  });
}

/** Linux's KEY_PROG1 (input-event-codes.h): no key of a person's. */
const KEY_CODE = 148;

export function servedEdits(board: Board, served: readonly ServedPlan[]): readonly TreeEdit[] {
  const { root } = board.tree;
  const phandle = board.gic === undefined ? undefined : phandleOf(board.gic.node);
  return served.flatMap(({ path, device, intid, entries, windows }) => {
    const interrupt = {
      interrupts: interruptValue(board, intidToSpi(intid)),
      ...(phandle === undefined ? {} : { 'interrupt-parent': cellsValue(phandle) }),
    };
    const why = `${device} is lent to other guests: sDDF's queues, between the program disk-server and the virtualiser`;
    const bell = 'the interrupt of the same, for kernels without a driver for generic-uio';
    const bellPath = `${path.replace('@', '-')}-bell`;
    return [
      ...addNode(
        path,
        {
          compatible: stringsValue('generic-uio', 'uio'),
          reg: regValue(
            root,
            windows.map(({ guestAddr: base, sizeBytes: size }) => ({ base, size })),
          ),
          ...interrupt,
          'drivervm,device': stringsValue(device),
          'drivervm,entries': cellsValue(entries),
        },
        why,
      ),
      ...addNode(
        bellPath,
        { compatible: stringsValue('gpio-keys'), label: stringsValue(path.slice(1)) },
        bell,
      ),
      ...addNode(
        `${bellPath}/bell`,
        {
          label: stringsValue('bell'),
          'linux,code': cellsValue(KEY_CODE),
          'debounce-interval': cellsValue(0),
          ...interrupt,
        },
        bell,
      ),
    ];
  });
}

/** What requests say of served disks and their clients, held against each other. */
export function reportServed({ guests, drivers }: PlanRequest, sink: DiagnosticSink): void {
  const servers = new Map<string, GuestRequest>();
  const names = new Set(drivers.map(({ name }) => name));
  for (const guest of guests) {
    for (const { name, device } of guest.serves) {
      if (names.has(name))
        sink.report(codes['served-name-twice'].at(guest.places?.get(device), { owner: guest.name, name }));
      names.add(name);
      servers.set(name, guest);
    }
  }
  const disks = (guest: GuestRequest) =>
    guest.virtio.filter(({ kind, driver }) => kind === 'block' && servers.has(driver ?? ''));
  for (const guest of guests) {
    for (const { driver: name = '', partition, image, mode } of disks(guest)) {
      if (partition === undefined)
        sink.report(codes['served-without-partition'].at(undefined, { owner: guest.name, name }));
      if (image !== undefined || (mode !== undefined && mode !== 'read-only'))
        sink.report(codes['served-image'].at(undefined, { owner: guest.name, name }));
    }
  }
  const waitsFor = (guest: GuestRequest): readonly GuestRequest[] =>
    disks(guest).flatMap(({ driver }) => servers.get(driver ?? '') ?? []);
  for (const guest of guests) {
    const cycle = wayBack(guest, waitsFor);
    // Once, where the first of them in the request is.
    if (cycle?.every((each) => guests.indexOf(each) >= guests.indexOf(guest)))
      sink.report(codes['served-cycle'].at(undefined, { guests: cycle.map(({ name }) => name) }));
  }
}

/** The guests by which a guest waits for itself. */
function wayBack(
  start: GuestRequest,
  waitsFor: (guest: GuestRequest) => readonly GuestRequest[],
): readonly GuestRequest[] | undefined {
  const seen = new Set<GuestRequest>();
  const pending: (readonly GuestRequest[])[] = [[start]];
  for (let way = pending.pop(); way !== undefined; way = pending.pop()) {
    for (const next of waitsFor(way.at(-1) ?? start)) {
      if (next === start) return way;
      if (seen.has(next)) continue;
      seen.add(next);
      pending.push([...way, next]);
    }
  }
  return undefined;
}

/** The guest that serves what a virtio device names as its driver. */
export function serverOf(
  guests: readonly GuestPlan[],
  driver: string | undefined,
): { readonly guest: GuestPlan; readonly served: ServedPlan } | undefined {
  for (const guest of guests) {
    const served = guest.serves?.find(({ name }) => name === driver);
    if (served !== undefined) return { guest, served };
  }
  return undefined;
}
