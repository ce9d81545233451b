/** A partition table with one Linux partition, from the first MiB to the end of the disk. */
import { MIB } from '../../base/index.ts';
import { viewOf } from '../bytes/source.ts';

const SECTOR_BYTES = 512;
const LINUX = 0x83;
/** Cylinder, head and sector of what is beyond them all, as sfdisk writes them. */
const BEYOND_CHS = [0xfe, 0xff, 0xff] as const;

export const FIRST_PARTITION_OFFSET = MIB;

export function masterBootRecord(diskBytes: number, signature: number): Uint8Array {
  const bytes = new Uint8Array(SECTOR_BYTES);
  const view = viewOf(bytes);
  view.setUint32(440, signature, true);
  view.setUint8(450, LINUX);
  bytes.set(BEYOND_CHS, 447);
  bytes.set(BEYOND_CHS, 451);
  view.setUint32(454, FIRST_PARTITION_OFFSET / SECTOR_BYTES, true);
  view.setUint32(458, (diskBytes - FIRST_PARTITION_OFFSET) / SECTOR_BYTES, true);
  view.setUint16(510, 0xaa55, true);
  return bytes;
}
