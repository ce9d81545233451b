/** A disk whose partitions are guests' disks: driver, virtualiser, queues and what the device reads and writes (sDDF's `blk/`). */
import { KIB } from '../../base/index.ts';
import type { SddfParts, Shared } from './parts.ts';
import type { SddfBlock } from './shape.ts';

/** libvmm's virtio block device keeps as many requests (`SDDF_MAX_QUEUE_CAPACITY`), and wants as many blocks of 4 KiB for their data. */
const CLIENT_ENTRIES = 128;
const CLIENT_DATA_BYTES = CLIENT_ENTRIES * 4 * KIB;
const STORAGE_INFO_BYTES = 4 * KIB;
/** More than a request or an answer takes, as sdfgen has it. */
const ENTRY_BYTES = 128;
/** The virtualiser reads what a GPT takes at both ends of a disk: two headers, and the entries twice. */
const TABLES_BYTES = 40 * KIB;

/** The most clients of a disk: the virtualiser keeps 1024 requests (`DRIVER_MAX_NUM_BUFFERS`). */
export const BLOCK_CLIENTS_MAX = 8;

/** Domains, queues and connections of a shared disk. */
export function shareBlock(parts: SddfParts, { driver: { name: driver }, clients }: Shared): SddfBlock {
  const { layout } = parts;
  const virt = parts.component('block', 'virt');
  // The virtualiser looks at the driver's information, a client at the virtualiser's.
  const link = (name: string, ends: readonly [string, string], entries: number, reader: string): string =>
    layout.link({
      name,
      ends,
      entries,
      parts: [
        { part: 'storage_info', sizeBytes: STORAGE_INFO_BYTES, reader },
        { part: 'req_queue', sizeBytes: entries * ENTRY_BYTES },
        { part: 'resp_queue', sizeBytes: entries * ENTRY_BYTES },
      ],
    });
  const data = layout.region({
    name: `${driver}_tables`,
    sizeBytes: TABLES_BYTES,
    why: `partition tables, which ${virt} reads`,
    dma: true,
  });
  layout.map(data, virt, 'rw');
  // Queues' counters run through 2³² by powers of two.
  const driverEntries = 2 ** Math.ceil(Math.log2(CLIENT_ENTRIES * clients.length));
  return {
    driver,
    virt,
    link: link(driver, [driver, virt], driverEntries, virt),
    data,
    clients: clients.map(({ guest, pd, device }, index) => {
      const name = layout.unique(`${guest}_block`);
      const own = layout.region({
        name: `${name}_data`,
        sizeBytes: CLIENT_DATA_BYTES,
        why: `what ${guest} reads and writes`,
        dma: true,
      });
      for (const end of [virt, pd]) layout.map(own, end, 'rw');
      return {
        pd,
        device: device.path,
        link: link(name, [virt, pd], CLIENT_ENTRIES, pd),
        data: own,
        partition: index,
      };
    }),
  };
}
