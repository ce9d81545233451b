/**
 * The filesystems of a source: those of an image's partitions, or the one that fills it, or a tar's. A boot image that lies
 * in a partition without a filesystem, or is given by itself, is a volume with one file.
 */
import { type DiagnosticSink, formatSize } from '../../base/index.ts';
import { isDtb } from '../../devicetree/index.ts';
import { isAndroidBoot, isAndroidVendorBoot } from '../boot-image/android.ts';
import { type ByteSource, sliceSource, startsWith } from '../bytes/source.ts';
import { payloadCodes } from '../diagnostics.ts';
import { type Partition, readPartitionTable } from '../disk/partitions.ts';
import { isArm64Image } from '../kernel/image.ts';
import { reportingRefusals } from '../refusal.ts';
import { isLegacyImage } from '../uboot/legacy-image.ts';
import { isExt4, openExt4 } from './ext4.ts';
import { isFat, openFat } from './fat.ts';
import { DIRECTORY_ATTRIBUTES, MemoryNode } from './memory-node.ts';
import { isTar, openTar } from './tar.ts';
import type { FileSystem } from './tree.ts';

/** A partition or a whole disk that has a filesystem. */
export interface Volume {
  /** `partition 1`, or what the whole is. */
  readonly name: string;
  readonly partition: Partition | undefined;
  readonly system: FileSystem;
  /** Numbers of the partitions beside it whose filesystems are known and not read. */
  readonly unreadPartitions?: readonly number[];
}

const CHROME_OS = 'a ChromeOS kernel';
const ascii = (text: string): readonly number[] => [...new TextEncoder().encode(text)];

/** Others that boards use, told so that they can be named. */
const OTHERS: readonly { readonly name: string; readonly at: number; readonly magic: readonly number[] }[] = [
  { name: 'btrfs', at: 0x10040, magic: [0x5f, 0x42, 0x48, 0x52, 0x66, 0x53, 0x5f, 0x4d] },
  { name: 'xfs', at: 0, magic: [0x58, 0x46, 0x53, 0x42] },
  { name: 'squashfs', at: 0, magic: [0x68, 0x73, 0x71, 0x73] },
  { name: 'f2fs', at: 1024, magic: [0x10, 0x20, 0xf5, 0xf2] },
  { name: 'LUKS', at: 0, magic: [0x4c, 0x55, 0x4b, 0x53] },
  { name: 'erofs', at: 1024, magic: [0xe2, 0xe1, 0xf5, 0xe0] },
  { name: 'exFAT', at: 3, magic: ascii('EXFAT   ') },
  { name: 'an LVM volume', at: 536, magic: ascii('LVM2 001') },
  { name: 'a RAID member', at: 4096, magic: [0xfc, 0x4e, 0x2b, 0xa9] },
  { name: 'UBI', at: 0, magic: ascii('UBI#') },
  // vboot's header before a FIT, of the kernel partitions that depthcharge boots by their priorities.
  { name: CHROME_OS, at: 0, magic: ascii('CHROMEOS') },
];

/** Every filesystem that can be read; what is damaged or of another kind is reported. */
export async function openVolumes(
  source: ByteSource,
  sink: DiagnosticSink,
  onProgress?: (offsetBytes: number) => void,
): Promise<readonly Volume[]> {
  if (isTar(source.read(0, 512))) {
    const system = await reportingRefusals(sink, () => openTar(source, sink, onProgress));
    return system === undefined ? [] : [{ name: 'tar archive', partition: undefined, system }];
  }
  const whole = await openFileSystem(source, sink);
  if (whole !== undefined) return [{ name: whole.kind, partition: undefined, system: whole }];
  const raw = rawSystem(source);
  if (raw !== undefined) return [{ name: raw.name, partition: undefined, system: raw.system }];
  const table = readPartitionTable(source, sink);
  if (table === undefined) {
    sink.report(payloadCodes['no-filesystem'].at({ file: source.path }, { what: otherName(source) }));
    return [];
  }
  const volumes: Volume[] = [];
  const unread: { readonly part: ByteSource; readonly what: string; readonly number: number }[] = [];
  for (const partition of table.partitions) {
    const name = `partition ${partition.number}`;
    const part = sliceSource(source, partition.range, `${source.path}: ${name}`);
    const system = (await openFileSystem(part, sink)) ?? rawSystem(part)?.system;
    const what = otherName(part);
    if (system !== undefined) volumes.push({ name, partition, system });
    else if (OTHERS.some((other) => other.name === what))
      unread.push({ part, what, number: partition.number });
  }
  for (const { part, what } of unread) {
    const position = { file: part.path };
    const kind = what === 'squashfs' ? what : what === CHROME_OS ? 'chromeos' : 'other';
    sink.report(
      volumes.length === 0
        ? payloadCodes['no-filesystem'].at(position, { what })
        : payloadCodes['partition-unread'].at(position, { what, kind }),
    );
  }
  if (volumes.length === 0 && table.partitions.length > 0 && !sink.hasErrors) {
    const numbers = table.partitions.map(({ number }) => number).join(', ');
    const what = `no filesystem and no boot image that is known here in partition ${numbers}`;
    sink.report(payloadCodes['no-filesystem'].at({ file: source.path }, { what }));
  }
  const unreadPartitions = unread.map(({ number }) => number);
  return volumes.map((volume) => (unread.length === 0 ? volume : { ...volume, unreadPartitions }));
}

/** What boots without a filesystem around it, as the file that it would be. */
function rawSystem(source: ByteSource): { readonly name: string; readonly system: FileSystem } | undefined {
  const head = source.read(0, 64).slice();
  const name = rawName(head);
  if (name === undefined) return undefined;
  const root = new MemoryNode('directory', DIRECTORY_ATTRIBUTES);
  root.children.set(name, new MemoryNode('file', DIRECTORY_ATTRIBUTES, source));
  return { name, system: { kind: 'raw', label: '', uuid: '', root, ignoresCase: false } };
}

function rawName(head: Uint8Array): string | undefined {
  if (isDtb(head)) return 'image.itb';
  if (isAndroidBoot(head)) return 'boot.img';
  if (isAndroidVendorBoot(head)) return 'vendor_boot.img';
  if (isLegacyImage(head)) return 'uImage';
  return isArm64Image(head) ? 'Image' : undefined;
}

async function openFileSystem(source: ByteSource, sink: DiagnosticSink): Promise<FileSystem | undefined> {
  return await reportingRefusals(sink, () => {
    if (isExt4(source)) return openExt4(source, sink);
    return isFat(source) ? openFat(source) : undefined;
  });
}

function otherName(source: ByteSource): string {
  const other = OTHERS.find(({ at, magic }) => startsWith(source.read(at, magic.length), magic));
  return other?.name ?? `${formatSize(source.sizeBytes)} of something else`;
}
