/** `payload inspect`: what a file is, all the way in, with its checksums compared on the way. */
import { type DiagnosticSink, formatSize, GIB, hex } from '../base/index.ts';
import { readDtb, stringsProperty } from '../devicetree/index.ts';
import {
  isAndroidBoot,
  isAndroidVendorBoot,
  readAndroidBoot,
  readAndroidVendorBoot,
} from './boot-image/android.ts';
import { isSparse, sparseSource } from './boot-image/sparse.ts';
import { readUki } from './boot-image/uki.ts';
import { ByteCursor, collectPieces } from './bytes/cursor.ts';
import { type ByteSource, bytesSource, sliceSource, viewOf } from './bytes/source.ts';
import {
  type CompressionFormat,
  decompressAll,
  decompressMember,
  detectCompression,
  MAGIC_BYTES,
  WHOLE_LIMIT_BYTES,
} from './compression/index.ts';
import { isCpio, readInitrd } from './cpio/reader.ts';
import { readPartitionTable } from './disk/partitions.ts';
import { isExt4, openExt4 } from './filesystem/ext4.ts';
import { isFat, openFat } from './filesystem/fat.ts';
import { isTar } from './filesystem/tar.ts';
import { initrdFacts } from './initrd/facts.ts';
import { readArm64Image } from './kernel/image.ts';
import { readZboot } from './kernel/zboot.ts';
import { readModuleInfo } from './modules/modinfo.ts';
import { reportingRefusals } from './refusal.ts';
import { isFit, readFit } from './uboot/fit.ts';
import { isLegacyImage, readLegacyImage } from './uboot/legacy-image.ts';

/** A file or a part of one. */
export interface Inspection {
  /** The file's path, or what the part is called in it. */
  readonly name: string;
  readonly kind:
    | 'arm64-image'
    | 'zboot'
    | CompressionFormat
    | 'initrd'
    | 'uboot-image'
    | 'fit'
    | 'uki'
    | 'android-boot'
    | 'android-vendor-boot'
    | 'sparse'
    | 'dtb'
    | 'module'
    | 'disk'
    | 'ext4'
    | 'fat'
    | 'tar'
    | 'text'
    | 'empty'
    | 'unknown';
  readonly sizeBytes: number;
  /** Facts by name, for people in this order. */
  readonly facts: Readonly<Record<string, string | number | boolean | readonly string[]>>;
  readonly parts: readonly Inspection[];
}

/** What a sparse image may stand for; only its beginning is read. */
const SPARSE_LIMIT_BYTES = 1024 * GIB;
/** Wrappers in wrappers: real files have three at most. */
const DEPTH_LIMIT = 8;

/** Looks into a source. What is damaged is reported, and shown as far as it was understood. */
export async function inspect(source: ByteSource, sink: DiagnosticSink): Promise<Inspection> {
  const inspector = new Inspector(sink);
  return await inspector.inspect(source, source.path, 0);
}

type Found = Pick<Inspection, 'kind' | 'facts' | 'parts'>;

class Inspector {
  readonly #sink: DiagnosticSink;
  /** What may still be decompressed, over all wrappers of one file. */
  #leftBytes = WHOLE_LIMIT_BYTES;

  constructor(sink: DiagnosticSink) {
    this.#sink = sink;
  }

  async inspect(source: ByteSource, name: string, depth: number): Promise<Inspection> {
    const found = await reportingRefusals(this.#sink, () => this.#look(source, depth));
    const { kind, facts, parts } = found ?? { kind: 'unknown' as const, facts: { damaged: true }, parts: [] };
    return { name, kind, sizeBytes: source.sizeBytes, facts, parts };
  }

  async #look(source: ByteSource, depth: number): Promise<Found> {
    const head = source.read(0, 4096);
    if (head.length === 0) return { kind: 'empty', facts: {}, parts: [] };
    const within = async (part: ByteSource, name: string): Promise<readonly Inspection[]> =>
      depth < DEPTH_LIMIT ? [await this.inspect(part, name, depth + 1)] : [];
    const image = readArm64Image(source);
    if (image !== undefined) return { kind: 'arm64-image', facts: imageFacts(image), parts: [] };
    const zboot = readZboot(source);
    if (zboot !== undefined) {
      const parts = await within(zboot.payload, 'payload');
      return { kind: 'zboot', facts: { compression: zboot.compression }, parts };
    }
    const format = detectCompression(head);
    if (isCpio(head) || (format !== undefined && (await beginsWithCpio(format, source)))) {
      return await this.#initrd(source);
    }
    if (format !== undefined) {
      const cursor = new ByteCursor(source, `${format} data`);
      const content = await collectPieces(decompressAll(format, cursor), this.#leftBytes, cursor);
      this.#leftBytes -= content.length;
      const parts = await within(bytesSource(source.path, content), 'content');
      return { kind: format, facts: { contentBytes: content.length }, parts };
    }
    if (isLegacyImage(head)) return await this.#legacyImage(source, depth);
    if (viewOf(head).byteLength >= 40 && viewOf(head).getUint32(0) === 0xd00d_feed) {
      return await this.#deviceTree(source, depth);
    }
    const bootImage = await this.#bootImage(source, head, depth);
    if (bootImage !== undefined) return bootImage;
    const module = readModuleInfo(source);
    if (module !== undefined) {
      const facts = { name: module.name, release: module.release ?? 'unknown', depends: module.depends };
      return { kind: 'module', facts, parts: [] };
    }
    return this.#storage(source, head) ?? { kind: isText(head) ? 'text' : 'unknown', facts: {}, parts: [] };
  }

  /** What holds a kernel, a ramdisk and a tree together; and an image that only says which blocks are not empty. */
  async #bootImage(source: ByteSource, head: Uint8Array, depth: number): Promise<Found | undefined> {
    const inner: [string, ByteSource][] = [];
    const add = (name: string, part: ByteSource | undefined): void => {
      if (part !== undefined) inner.push([name, part]);
    };
    let found: Pick<Found, 'kind' | 'facts'>;
    const uki = readUki(source);
    if (isAndroidBoot(head)) {
      const { version, kernel, ramdisk, dtb, cmdline } = readAndroidBoot(source);
      found = { kind: 'android-boot', facts: { version, cmdline } };
      add('kernel', kernel);
      add('ramdisk', ramdisk);
      add('device tree', dtb);
    } else if (isAndroidVendorBoot(head)) {
      const { version, ramdisk, dtb, cmdline } = readAndroidVendorBoot(source);
      found = { kind: 'android-vendor-boot', facts: { version, cmdline } };
      add('vendor ramdisk', ramdisk);
      add('device tree', dtb);
    } else if (uki !== undefined) {
      found = { kind: 'uki', facts: { title: uki.title ?? 'none', cmdline: uki.cmdline } };
      add('.linux', uki.kernel);
      add('.initrd', uki.initrd);
      add('.dtb', uki.dtb);
    } else if (isSparse(head)) {
      found = { kind: 'sparse', facts: {} };
      add('image', sparseSource(source, SPARSE_LIMIT_BYTES));
    } else return undefined;
    const parts: Inspection[] = [];
    for (const [name, part] of depth < DEPTH_LIMIT ? inner : []) {
      parts.push(await this.inspect(part, name, depth + 1));
    }
    return { ...found, parts };
  }

  /** Disks and filesystems: what they are, not what is in them, which is `payload extract`'s work. */
  #storage(source: ByteSource, head: Uint8Array): Found | undefined {
    const whole = this.#fileSystem(source, head);
    const table = whole === undefined ? readPartitionTable(source, this.#sink) : undefined;
    if (table === undefined) return whole;
    // A partition table in a partition is not followed: no board boots from one, and it may be the same one again.
    const parts = table.partitions.map((partition): Inspection => {
      const name = `partition ${partition.number}`;
      const part = sliceSource(source, partition.range, `${source.path}: ${name}`);
      const found = this.#fileSystem(part, part.read(0, 512));
      const { kind, facts } = found ?? { kind: 'unknown' as const, facts: {} };
      const place = { offset: hex(partition.range.base), type: partition.type, partuuid: partition.uuid };
      return { name, kind, sizeBytes: partition.range.size, facts: { ...place, ...facts }, parts: [] };
    });
    return { kind: 'disk', facts: { table: table.kind }, parts };
  }

  #fileSystem(source: ByteSource, head: Uint8Array): Found | undefined {
    if (isTar(head)) return { kind: 'tar', facts: {}, parts: [] };
    if (!isExt4(source) && !isFat(source)) return undefined;
    const { kind, label, uuid } = isExt4(source) ? openExt4(source, this.#sink) : openFat(source);
    return { kind: kind === 'fat' ? 'fat' : 'ext4', facts: { label, uuid }, parts: [] };
  }

  async #initrd(source: ByteSource): Promise<Found> {
    const members = await readInitrd(source, this.#sink);
    const facts = initrdFacts(members);
    const parts = members.map(
      (member, index): Inspection => ({
        name: `archive ${index + 1}`,
        kind: member.compression ?? 'initrd',
        sizeBytes: member.sizeBytes,
        facts: { offset: hex(member.offsetBytes), entries: member.entries.length },
        parts: [],
      }),
    );
    return { kind: 'initrd', facts: { ...facts }, parts };
  }

  async #legacyImage(source: ByteSource, depth: number): Promise<Found> {
    const { parts, ...header } = readLegacyImage(source);
    const facts = {
      ...header,
      loadAddress: hex(header.loadAddress),
      entryPoint: hex(header.entryPoint),
      checksums: 'header and data agree',
    };
    const inspected: Inspection[] = [];
    if (depth < DEPTH_LIMIT) {
      for (const [index, part] of parts.entries()) {
        inspected.push(await this.inspect(part, `part ${index + 1}`, depth + 1));
      }
    }
    return { kind: 'uboot-image', facts, parts: inspected };
  }

  async #deviceTree(source: ByteSource, depth: number): Promise<Found> {
    const treeBytes = viewOf(source.read(4, 4)).getUint32(0);
    const tree = readDtb(source.read(0, Math.max(treeBytes, 40)), source.path, this.#sink);
    if (tree === undefined) return { kind: 'dtb', facts: { damaged: true }, parts: [] };
    if (!isFit(tree)) {
      const facts = {
        model: stringsProperty(tree.root, 'model')?.[0] ?? 'none',
        compatible: stringsProperty(tree.root, 'compatible') ?? [],
      };
      return { kind: 'dtb', facts, parts: [] };
    }
    const fit = await readFit(tree, source, treeBytes);
    const chosen = fit.configurations.find((configuration) => configuration.isDefault);
    const inspected: Inspection[] = [];
    for (const image of depth < DEPTH_LIMIT ? fit.images : []) {
      const part = await this.inspect(image.data, image.name, depth + 1);
      const { type = 'none', checked, unchecked } = image;
      inspected.push({ ...part, facts: { type, checksums: checked, unchecked, ...part.facts } });
    }
    const configurations = fit.configurations.map(({ name, kernel, ramdisks, fdt }) => {
      const joined = [kernel, ...ramdisks, ...fdt].filter((each) => each !== undefined);
      return `${name} (${joined.join(' + ') || 'nothing'})`;
    });
    return {
      kind: 'fit',
      facts: { configurations, default: chosen?.name ?? 'none' },
      parts: inspected,
    };
  }
}

function imageFacts(image: NonNullable<ReturnType<typeof readArm64Image>>): Inspection['facts'] {
  return {
    release: image.release ?? 'unknown',
    textOffset: hex(image.textOffsetBytes),
    imageSize: hex(image.imageSizeBytes),
    endianness: image.endianness,
    pageSize: image.pageSizeBytes === undefined ? 'unspecified' : formatSize(image.pageSizeBytes),
    placement: image.placement,
    banner: image.banner ?? 'none',
  };
}

/** Whether compressed data begins with a cpio archive; only its first piece is decompressed. */
async function beginsWithCpio(format: CompressionFormat, source: ByteSource): Promise<boolean> {
  for await (const piece of decompressMember(format, new ByteCursor(source, `${format} data`))) {
    if (piece.length >= MAGIC_BYTES) return isCpio(piece);
  }
  return false;
}

/** No control characters but those of text, and UTF-8. */
function isText(head: Uint8Array): boolean {
  const text = new TextDecoder().decode(head);
  return !/[^\P{Cc}\t\n\r\f]/u.test(text) && !text.slice(0, -4).includes('\ufffd');
}

/** An inspection as people read it: a line for each thing, what is in it indented below. */
export function printInspection(top: Inspection): string {
  const lines: string[] = [];
  const print = (part: Inspection, indent: string): void => {
    lines.push(`${indent}${part.name}: ${part.kind}, ${formatSize(part.sizeBytes)}`);
    for (const [name, value] of Object.entries(part.facts)) {
      const said = typeof value === 'object' ? value.join(', ') : String(value);
      if (said !== '') lines.push(`${indent}  ${name}: ${printable(said)}`);
    }
    for (const inner of part.parts) print(inner, `${indent}  `);
  };
  print(top, '');
  return `${lines.join('\n')}\n`;
}

/** Names come from files: nothing that a terminal would obey. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '?');
}
