/** A disk whose partitions are guests' disks: driver, virtualiser, queues and what the device reads and writes (sDDF's `blk/`). */
import { KIB } from '../../base/index.ts';
import { BLOCK_ENTRY_BYTES } from '../../sharing/index.ts';
import type { ServedPlan } from '../plan.ts';
import type { SddfLayout } from './layout.ts';
import { powerOfTwo, type SddfClient, type SddfParts, type Shared } from './parts.ts';
import type { SddfBlock } from './shape.ts';

/** libvmm's virtio block device keeps as many requests (`SDDF_MAX_QUEUE_CAPACITY`), and wants as many blocks of 4 KiB for their data. */
const CLIENT_ENTRIES_MAX = 128;
const BLOCK_BYTES = 4 * KIB;
const STORAGE_INFO_BYTES = 4 * KIB;
/** The virtualiser reads what a GPT takes at both ends of a disk: two headers, and the entries twice. */
const TABLES_BYTES = 40 * KIB;

/** The most clients of a disk: the virtualiser keeps 1024 requests (`DRIVER_MAX_NUM_BUFFERS`). */
export const BLOCK_CLIENTS_MAX = 8;

/** As many entries as a client's queues have. */
const entriesOf = ({ buffers }: { readonly buffers?: number }): number =>
  Math.min(CLIENT_ENTRIES_MAX, powerOfTwo(buffers ?? CLIENT_ENTRIES_MAX));

/** What a driver of a disk shares with its virtualiser for so many clients: entries of its queues, and the data of all. */
export function blockSizes(clients: readonly { readonly buffers?: number }[]): {
  readonly entries: number;
  readonly infoBytes: number;
  readonly dataBytes: number;
} {
  const own = clients.map(entriesOf).reduce((sum, entries) => sum + entries, 0);
  return {
    entries: powerOfTwo(own),
    infoBytes: STORAGE_INFO_BYTES,
    dataBytes: TABLES_BYTES + own * BLOCK_BYTES,
  };
}

/** A budget for the virtualiser before a guest that serves: it looks for the disk all the time until that guest has come up, which is below it. */
const [SERVED_BUDGET_US, SERVED_PERIOD_US] = [1000, 10_000];

/** The same where a guest serves the disk, in the places that its address space has for it. */
export function shareServedBlock(
  parts: SddfParts,
  {
    server: { monitor, served },
    clients,
  }: {
    readonly server: { readonly monitor: string; readonly served: ServedPlan };
    readonly clients: readonly SddfClient[];
  },
): SddfBlock {
  const { layout } = parts;
  const virt = parts.component('block', 'virt', undefined, {
    budgetUs: SERVED_BUDGET_US,
    periodUs: SERVED_PERIOD_US,
  });
  const windowOf = (part: string) => {
    const window = served.windows.find((each) => each.part === part);
    if (window === undefined) throw new Error(`a served disk without ${part}`);
    return window;
  };
  const dataBase = windowOf('data').guestAddr;
  let servedOffset = 0;
  const data = (name: string, sizeBytes: number, why: string, pds: readonly string[]): string => {
    const guest = { pd: monitor, guestAddr: dataBase + servedOffset };
    const region = layout.region({ name, sizeBytes, why, guest, servedOffset });
    for (const pd of pds) layout.map(region, pd, 'rw');
    servedOffset += sizeBytes;
    return region;
  };
  const tables = data(`${served.name}_tables`, TABLES_BYTES, `partition tables, which ${virt} reads`, [virt]);
  const link = layout.link({
    name: layout.unique(`${served.name}_served`),
    ends: [monitor, virt],
    entries: served.entries,
    parts: ['storage_info', 'req_queue', 'resp_queue'].map((part) => {
      const { guestAddr, sizeBytes } = windowOf(part);
      const guest = { pd: monitor, guestAddr };
      return { part, sizeBytes, guest, ...(part === 'storage_info' ? { reader: virt } : {}) };
    }),
  });
  return {
    driver: served.name,
    server: { pd: monitor, device: served.device },
    virt,
    link,
    data: tables,
    clients: clients.map(({ guest, pd, device }) => {
      const entries = entriesOf(device);
      const name = layout.unique(`${guest}_block`);
      const why = `what ${guest} reads and writes`;
      return {
        pd,
        device: device.path,
        link: clientLink(layout, name, [virt, pd], entries),
        data: data(`${name}_data`, entries * BLOCK_BYTES, why, [virt, pd]),
        partition: (device.partition ?? 1) - 1,
      };
    }),
  };
}

/** The virtualiser looks at the driver's information, a client at the virtualiser's. */
function clientLink(
  layout: SddfLayout,
  name: string,
  ends: readonly [string, string],
  entries: number,
): string {
  return layout.link({
    name,
    ends,
    entries,
    parts: [
      { part: 'storage_info', sizeBytes: STORAGE_INFO_BYTES, reader: ends[1] },
      { part: 'req_queue', sizeBytes: entries * BLOCK_ENTRY_BYTES },
      { part: 'resp_queue', sizeBytes: entries * BLOCK_ENTRY_BYTES },
    ],
  });
}

/** Domains, queues and connections of a shared disk. */
export function shareBlock(parts: SddfParts, { driver: { name: driver }, clients }: Shared): SddfBlock {
  const { layout } = parts;
  const virt = parts.component('block', 'virt');
  const data = layout.region({
    name: `${driver}_tables`,
    sizeBytes: TABLES_BYTES,
    why: `partition tables, which ${virt} reads`,
    dma: true,
  });
  layout.map(data, virt, 'rw');
  const { entries: driverEntries } = blockSizes(clients.map(({ device }) => device));
  const partitions = partitionsOf(clients.map(({ device }) => device.partition));
  return {
    driver,
    virt,
    link: clientLink(layout, driver, [driver, virt], driverEntries),
    data,
    clients: clients.map((client, index) => {
      const { guest, pd, device } = client;
      const entries = entriesOf(device);
      const name = layout.unique(`${guest}_block`);
      const own = layout.region({
        name: `${name}_data`,
        sizeBytes: entries * BLOCK_BYTES,
        why: `what ${guest} reads and writes`,
        dma: true,
      });
      for (const end of [virt, pd]) layout.map(own, end, 'rw');
      return {
        pd,
        device: device.path,
        link: clientLink(layout, name, [virt, pd], entries),
        data: own,
        partition: partitions[index] ?? index,
      };
    }),
  };
}

/** Counted from 0: what the request says, and for the others the first that are free. */
function partitionsOf(given: readonly (number | undefined)[]): readonly number[] {
  const taken = new Set(given.flatMap((each) => (each === undefined ? [] : [each - 1])));
  let next = 0;
  return given.map((each) => {
    if (each !== undefined) return each - 1;
    while (taken.has(next)) next += 1;
    next += 1;
    return next - 1;
  });
}
