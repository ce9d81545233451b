/**
 * Reads initial ramdisks as Linux does (init/initramfs.c; Documentation/driver-api/early-userspace/buffer-format.rst):
 * cpio archives in the "newc" and "crc" forms, one after another, each plain or compressed, with zeros between them.
 * Nothing is unpacked; entries say where their content lies. Left out: the binary and "odc" forms, which Linux refuses too.
 */
import { alignUp, type DiagnosticSink, MIB } from '../../base/index.ts';
import { ByteCursor, collectPieces } from '../bytes/cursor.ts';
import { type ByteSource, bytesSource } from '../bytes/source.ts';
import {
  type CompressionFormat,
  decompressMember,
  detectCompression,
  MAGIC_BYTES,
} from '../compression/index.ts';
import { payloadCodes } from '../diagnostics.ts';
import { refuse } from '../refusal.ts';

/** An entry of a cpio archive: its header, and where its content lies. */
export interface CpioEntry {
  /** Relative, without `./` and doubled slashes. */
  readonly path: string;
  readonly mode: number;
  readonly sizeBytes: number;
  readonly mtimeSeconds: number;
  /** The content, or a symbolic link's target. */
  read(): Uint8Array;
}

/** One archive of a ramdisk. */
export interface InitrdMember {
  /** Where it, or the compressed data that it is in, begins. */
  readonly offsetBytes: number;
  /** The length there, compressed. */
  readonly sizeBytes: number;
  readonly compression: CompressionFormat | undefined;
  readonly entries: readonly CpioEntry[];
}

const HEADER_BYTES = 110;
/** Linux's PATH_MAX; longer names it skips. */
const NAME_LIMIT_BYTES = 4096;
const ENTRY_LIMIT = 1_000_000;
/** A ramdisk has to fit into RAM, unpacked, beside everything else. */
const UNPACKED_LIMIT_BYTES = 1024 * MIB;
const TRAILER = 'TRAILER!!!';

/** Whether bytes begin a cpio archive that Linux reads. */
export function isCpio(head: Uint8Array): boolean {
  return /^07070[12]/.test(new TextDecoder('latin1').decode(head.subarray(0, 6)));
}

/** All archives of a ramdisk, in order. Paths that lead out of it are reported and left out; damage is refused. */
export async function readInitrd(source: ByteSource, sink: DiagnosticSink): Promise<readonly InitrdMember[]> {
  const members: InitrdMember[] = [];
  const cursor = new ByteCursor(source, 'initrd');
  let leftBytes = UNPACKED_LIMIT_BYTES;
  for (;;) {
    skipZeros(cursor);
    if (cursor.remainingBytes === 0) return members;
    const offsetBytes = cursor.offsetBytes;
    const compression = detectCompression(cursor.peek(MAGIC_BYTES));
    if (compression === undefined) {
      const entries = readArchive(cursor, sink);
      members.push({ offsetBytes, sizeBytes: cursor.offsetBytes - offsetBytes, compression, entries });
      continue;
    }
    const content = await collectPieces(decompressMember(compression, cursor), leftBytes, cursor);
    leftBytes -= content.length;
    const sizeBytes = cursor.offsetBytes - offsetBytes;
    const inner = new ByteCursor(bytesSource(source.path, content), 'cpio archive');
    for (skipZeros(inner); inner.remainingBytes > 0; skipZeros(inner)) {
      members.push({ offsetBytes, sizeBytes, compression, entries: readArchive(inner, sink) });
    }
    cursor.what = 'initrd';
  }
}

function skipZeros(cursor: ByteCursor): void {
  for (let piece = cursor.peekPiece(); piece.length > 0; piece = cursor.peekPiece()) {
    const zeros = piece.findIndex((byte) => byte !== 0);
    cursor.skip(zeros < 0 ? piece.length : zeros);
    if (zeros >= 0) return;
  }
}

/** Entries until the trailer. */
export function readArchive(
  cursor: ByteCursor,
  sink: DiagnosticSink,
  entryLimit = ENTRY_LIMIT,
): readonly CpioEntry[] {
  cursor.what = 'cpio archive';
  const start = cursor.offsetBytes;
  const entries: CpioEntry[] = [];
  for (;;) {
    const headerAt = cursor.offsetBytes;
    const header = new TextDecoder('latin1').decode(cursor.peek(HEADER_BYTES));
    const fields = /^07070([12])((?:[0-9a-fA-F]{8}){13})$/.exec(header);
    if (fields === null) {
      if (header.length < HEADER_BYTES && isCpio(cursor.peek(6))) cursor.take(HEADER_BYTES);
      if (header.startsWith('070707'))
        cursor.unsupported('it is of the old "odc" form, which Linux does not unpack');
      cursor.corrupt('an entry does not begin with a "newc" header');
    }
    cursor.skip(HEADER_BYTES);
    const field = (index: number): number =>
      Number.parseInt(fields[2]?.slice(index * 8, index * 8 + 8) ?? '', 16);
    const [sizeBytes, nameBytes] = [field(6), field(11)];
    if (nameBytes === 0 || nameBytes > NAME_LIMIT_BYTES) cursor.corrupt(`a name is ${nameBytes} bytes long`);
    const rawName = cursor.take(nameBytes);
    const name = new TextDecoder().decode(rawName.subarray(0, Math.max(0, rawName.indexOf(0))));
    alignTo4(cursor, start);
    if (name === TRAILER) return entries;
    const contentAt = cursor.offsetBytes;
    if (sizeBytes > 0 && fields[1] === '2') checkSum(cursor, sizeBytes, field(12));
    else cursor.skip(sizeBytes);
    alignTo4(cursor, start);
    const path = safePath(name);
    if (path === undefined) {
      const position = { file: cursor.source.path, offsetBytes: headerAt };
      sink.report(payloadCodes['unsafe-path'].at(position, { what: cursor.what, path: name }));
    } else {
      const { source } = cursor;
      const read = (): Uint8Array => source.read(contentAt, sizeBytes);
      entries.push({ path, mode: field(1), sizeBytes, mtimeSeconds: field(5), read });
    }
    if (entries.length > entryLimit) {
      const position = { file: cursor.source.path, offsetBytes: headerAt };
      refuse(payloadCodes['too-many'].at(position, { what: cursor.what, limit: entryLimit }));
    }
  }
}

/** Headers and contents begin at multiples of four from the archive's start; the file may end without the padding. */
function alignTo4(cursor: ByteCursor, start: number): void {
  const padding = alignUp(cursor.offsetBytes - start, 4) - (cursor.offsetBytes - start);
  cursor.skip(Math.min(padding, cursor.remainingBytes));
}

/** The "crc" form's check is the sum of all bytes. */
function checkSum(cursor: ByteCursor, sizeBytes: number, expected: number): void {
  const sum = cursor.take(sizeBytes).reduce((total, byte) => (total + byte) >>> 0, 0);
  cursor.checksum('sum', expected, sum);
}

/**
 * A path inside an archive made plain: `./a//b` is `a/b`, `.` is the empty path. `undefined` where it is absolute or
 * leads out by `..`.
 */
export function safePath(name: string): string | undefined {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  return name.startsWith('/') || parts.includes('..') ? undefined : parts.join('/');
}
