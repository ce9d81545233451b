/**
 * Reads tar archives: ustar, pax (POSIX.1-2017, pax) and GNU's long names. Contents stay where they are in the file.
 * Paths that lead out are reported and left out. Sparse members and volumes are left out, with a diagnostic.
 */
import type { DiagnosticSink } from '../../base/index.ts';
import { ByteCursor } from '../bytes/cursor.ts';
import { type ByteSource, sliceSource } from '../bytes/source.ts';
import { safePath } from '../cpio/reader.ts';
import { payloadCodes } from '../diagnostics.ts';
import { refuse } from '../refusal.ts';
import { DIRECTORY_ATTRIBUTES, MemoryNode } from './memory-node.ts';
import type { FileAttributes, FileNode, FileSystem } from './tree.ts';

const BLOCK_BYTES = 512;
const ENTRY_LIMIT = 2_000_000;
/** A name, a link or a set of pax records is never this long. */
const RECORDS_LIMIT_BYTES = 1 << 20;

export function isTar(head: Uint8Array): boolean {
  return head.length >= BLOCK_BYTES && new TextDecoder('latin1').decode(head.subarray(257, 262)) === 'ustar';
}

/** @param onProgress told now and then how many bytes of the archive have been passed */
export function openTar(
  source: ByteSource,
  sink: DiagnosticSink,
  onProgress: (offsetBytes: number) => void = () => {},
): FileSystem {
  const root = new MemoryNode('directory', DIRECTORY_ATTRIBUTES);
  const cursor = new ByteCursor(source, 'tar archive');
  const globals = new Map<string, string>();
  let records = new Map<string, string>();
  for (let entries = 0; ; entries++) {
    const headerAt = cursor.offsetBytes;
    if (cursor.remainingBytes === 0) break;
    const header = cursor.take(BLOCK_BYTES).slice();
    if (header.every((byte) => byte === 0)) break;
    checkHeader(cursor, header);
    if (entries > ENTRY_LIMIT) {
      refuse(payloadCodes['too-many'].at({ file: source.path }, { what: cursor.what, limit: ENTRY_LIMIT }));
    }
    if (entries % 1000 === 0) onProgress(headerAt);
    const text = (from: number, to: number): string =>
      new TextDecoder().decode(header.subarray(from, to)).replace(/\0.*$/s, '');
    const type = text(156, 157) || '0';
    const known = (name: string): string | undefined => records.get(name) ?? globals.get(name);
    const sizeText = known('size');
    const sizeBytes = sizeText === undefined ? number(cursor, header.subarray(124, 136)) : Number(sizeText);
    if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0) cursor.corrupt('a size is no number');
    const contentAt = cursor.offsetBytes;
    const content = sliceSource(source, { base: contentAt, size: sizeBytes }, `${source.path}@${contentAt}`);
    cursor.skip(
      Math.min(Math.ceil(sizeBytes / BLOCK_BYTES) * BLOCK_BYTES, Math.max(sizeBytes, cursor.remainingBytes)),
    );
    if (type === 'x' || type === 'g' || type === 'L' || type === 'K') {
      if (sizeBytes > RECORDS_LIMIT_BYTES) cursor.corrupt('a name is of no possible length');
      const said = new TextDecoder().decode(content.read(0, sizeBytes));
      if (type === 'L') records.set('path', said.replace(/\0.*$/s, ''));
      else if (type === 'K') records.set('linkpath', said.replace(/\0.*$/s, ''));
      else for (const [name, value] of paxRecords(said)) (type === 'g' ? globals : records).set(name, value);
      continue;
    }
    const prefix = text(257, 263) === 'ustar' ? text(345, 500) : '';
    const name = known('path') ?? (prefix === '' ? text(0, 100) : `${prefix}/${text(0, 100)}`);
    const link = known('linkpath') ?? text(157, 257);
    const isSparse = type === 'S' || [...records.keys()].some((key) => key.startsWith('GNU.sparse.'));
    records = new Map();
    const path = safePath(name);
    const position = { file: source.path, offsetBytes: headerAt };
    if (path === undefined) {
      sink.report(payloadCodes['unsafe-path'].at(position, { what: cursor.what, path: name }));
    } else if (isSparse) {
      const reason = `${name} is a sparse file, which is left out`;
      sink.report(payloadCodes['unsupported'].at(position, { what: cursor.what, reason }));
    } else if (path !== '') {
      // What is no number there does no harm.
      const attribute = (from: number, to: number): number => Number.parseInt(text(from, to), 8) || 0;
      const attributes = {
        permissions: attribute(100, 108) & 0o7777,
        uid: attribute(108, 116),
        gid: attribute(116, 124),
        modifiedSeconds: attribute(136, 148),
      };
      place(root, path, { type, content, link, attributes });
    }
  }
  return { kind: 'tar', label: '', uuid: '', root, ignoresCase: false };
}

/** The header's checksum: the sum of its bytes, its own field counted as spaces. */
function checkHeader(cursor: ByteCursor, header: Uint8Array): void {
  const expected = number(cursor, header.subarray(148, 156));
  let actual = 0;
  for (const [at, byte] of header.entries()) actual += at >= 148 && at < 156 ? 0x20 : byte;
  cursor.checksum('header sum', expected, actual);
}

/** Octal text, or GNU's base 256 with the top bit set. */
function number(cursor: ByteCursor, field: Uint8Array): number {
  if ((field[0] ?? 0) & 0x80) {
    return field.reduce((value, byte, index) => value * 256 + (index === 0 ? byte & 0x7f : byte), 0);
  }
  const text = new TextDecoder('latin1').decode(field).replace(/\0.*$/s, '').trim();
  if (!/^[0-7]*$/.test(text)) cursor.corrupt('a number in a header is not octal');
  return text === '' ? 0 : Number.parseInt(text, 8);
}

/** `LENGTH KEY=VALUE\n`, the length in bytes of UTF-8 and counting itself. */
function* paxRecords(text: string): Generator<readonly [string, string]> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const length = Number(new TextDecoder().decode(bytes.subarray(at, Math.max(at, space))));
    if (space < 0 || !Number.isInteger(length) || length <= space - at) return;
    const record = new TextDecoder().decode(bytes.subarray(space + 1, at + length - 1));
    const equals = record.indexOf('=');
    if (equals > 0) yield [record.slice(0, equals), record.slice(equals + 1)];
    at += length;
  }
}

const LINK_TYPES = { hard: '1', symbolic: '2', directory: '5' } as const;
const FILE_TYPES: readonly string[] = ['0', '7', '\0'];

interface Member {
  readonly type: string;
  readonly content: ByteSource;
  readonly link: string;
  readonly attributes: FileAttributes;
}

function place(root: MemoryNode, path: string, { type, content, link, attributes }: Member): void {
  const parts = path.split('/');
  const name = parts.pop() ?? '';
  if (type === LINK_TYPES.directory) {
    root.directoryAt([...parts, name]).attributes = attributes;
    return;
  }
  const { children } = root.directoryAt(parts);
  if (type === LINK_TYPES.symbolic) {
    children.set(name, new MemoryNode('symlink', attributes, undefined, link));
  } else if (type === LINK_TYPES.hard) {
    const linked = safePath(link)
      ?.split('/')
      .reduce<FileNode | undefined>((node, part) => node?.entries().get(part), root);
    if (linked?.kind === 'file') children.set(name, linked);
  } else {
    children.set(name, new MemoryNode(FILE_TYPES.includes(type) ? 'file' : 'other', attributes, content));
  }
}
