/**
 * Reads a device tree from a directory as Linux shows it at `/proc/device-tree`: directories are nodes and files are
 * properties, their content the value (Linux, Documentation/ABI/testing/sysfs-firmware-ofw). A copy of such a directory
 * reads as well.
 *
 * Not there to be read: memory reservations and the order of nodes and properties, which are sorted by name instead.
 */
import {
  type DiagnosticSink,
  HostError,
  type HostFiles,
  MIB,
  type SourcePosition,
} from '../../base/index.ts';
import { guessBootCpuid } from '../boot-cpu.ts';
import { isNameOf, isNodeName, isPropertyName, nameForMessage, pathForMessage } from '../names.ts';
import { type DeviceTree, DtNode } from '../tree.ts';
import { decodeLatin1 } from '../value.ts';
import { liveCodes } from './diagnostics.ts';

/** What is needed of the host. */
export type LiveFiles = Pick<HostFiles, 'status' | 'list' | 'open' | 'read' | 'readLink' | 'join'>;

/** All values together; sixteen times what Linux takes for a blob. */
export const LIVE_TREE_LIMIT_BYTES = 32 * MIB;
/** Nodes and properties together. */
export const LIVE_TREE_LIMIT_ENTRIES = 1_000_000;

/**
 * The tree under a directory. Reports what is wrong to `sink`; `undefined` where there were errors.
 * @throws HostError where the directory itself can't be listed
 */
export function readLiveTree(
  files: LiveFiles,
  directory: string,
  sink: DiagnosticSink,
): DeviceTree | undefined {
  sink.report(liveCodes['no-reservations'].at({ file: directory }, undefined));
  const names = files.list(directory);
  if (!names.includes('compatible') && !names.includes('#address-cells')) {
    sink.report(liveCodes['not-a-root'].at({ file: directory }, undefined));
  }
  const root = new LiveReader(files, sink).read(directory, names);
  return root && { root, memoryReservations: [], bootCpuidPhys: guessBootCpuid(root) };
}

/** Linux lets only root read properties with such names, and shows their size as 0 (its `drivers/of/kobj.c`). */
const SECRET_PREFIX = 'security-';

interface OpenDirectory {
  readonly path: string;
  readonly node: DtNode;
}

class LiveReader {
  readonly #files: LiveFiles;
  readonly #sink: DiagnosticSink;
  readonly #pending: OpenDirectory[] = [];
  #sizeBytes = 0;
  #entries = 0;
  #hasErrors = false;

  constructor(files: LiveFiles, sink: DiagnosticSink) {
    this.#files = files;
    this.#sink = sink;
  }

  read(directory: string, names: readonly string[]): DtNode | undefined {
    const root = new DtNode('');
    root.position = { file: directory };
    this.#readEntries({ path: directory, node: root }, names);
    for (let next = this.#pending.pop(); next !== undefined; next = this.#pending.pop()) {
      this.#readNode(next);
    }
    return this.#hasErrors ? undefined : root;
  }

  #readNode(open: OpenDirectory): void {
    let names: readonly string[];
    try {
      names = this.#files.list(open.path);
    } catch (error) {
      this.#error(liveCodes['unreadable-node'].at({ file: open.path }, { reason: reasonOf(error) }));
      return;
    }
    this.#readEntries(open, names);
  }

  #readEntries(open: OpenDirectory, names: readonly string[]): void {
    for (const name of names) this.#readEntry(open, name);
    const property = open.node.properties.get('name');
    if (property === undefined) return;
    if (isNameOf(open.node, property.value)) open.node.properties.delete('name');
    else {
      const node = pathForMessage(open.node);
      this.#sink.report(liveCodes['name-property-differs'].at(property.position, { node }));
    }
  }

  #readEntry({ path: directory, node }: OpenDirectory, fileName: string): void {
    if (this.#entries === LIVE_TREE_LIMIT_ENTRIES) {
      this.#giveUp(liveCodes['too-many'].at({ file: directory }, { limit: LIVE_TREE_LIMIT_ENTRIES }));
    }
    if (this.#entries >= LIVE_TREE_LIMIT_ENTRIES) return;
    this.#entries += 1;
    const path = this.#files.join(directory, fileName);
    const position = { file: path };
    const name = decodeLatin1(fileNameBytes(fileName));
    try {
      switch (this.#kindOf(path)) {
        case 'directory':
          this.#addNode(node, name, path);
          break;
        case 'file':
          this.#addProperty(node, name, path);
          break;
        case 'link-to-directory': {
          const target = nameForMessage(this.#files.readLink(path));
          this.#sink.report(liveCodes['link-to-directory'].at(position, { target }));
          break;
        }
        default:
          this.#sink.report(liveCodes['not-a-file'].at(position, undefined));
      }
    } catch (error) {
      this.#sink.report(liveCodes['unreadable-property'].at(position, { reason: reasonOf(error) }));
    }
  }

  #kindOf(path: string): 'file' | 'directory' | 'link-to-directory' | 'other' {
    const kind = this.#files.status(path, { followSymlinks: false })?.kind;
    if (kind === 'file' || kind === 'directory') return kind;
    if (kind !== 'symlink') return 'other';
    const target = this.#files.status(path)?.kind;
    if (target === 'directory') return 'link-to-directory';
    return target === 'file' ? 'file' : 'other';
  }

  #addNode(parent: DtNode, name: string, path: string): void {
    const node = new DtNode(name);
    node.position = { file: path };
    if (!isNodeName(name)) this.#sink.report(liveCodes['odd-name'].at(node.position, { what: 'node' }));
    parent.addChild(node);
    this.#pending.push({ path, node });
  }

  #addProperty(node: DtNode, name: string, path: string): void {
    const position = { file: path };
    const value = this.#readValue(name, path, position);
    if (value === undefined) return;
    if (!isPropertyName(name)) this.#sink.report(liveCodes['odd-name'].at(position, { what: 'property' }));
    node.setProperty({ name, value, position });
  }

  /** As many bytes as the file system says there are: what stands in /proc may have no end. */
  #readValue(name: string, path: string, position: SourcePosition): Uint8Array | undefined {
    if (name.startsWith(SECRET_PREFIX) && this.#files.status(path)?.sizeBytes === 0) {
      return this.#files.read(path);
    }
    const file = this.#files.open(path);
    try {
      const { sizeBytes } = file;
      const wasWithin = this.#sizeBytes <= LIVE_TREE_LIMIT_BYTES;
      this.#sizeBytes += sizeBytes;
      if (this.#sizeBytes > LIVE_TREE_LIMIT_BYTES) {
        const found = liveCodes['too-large'].at(position, { limitBytes: LIVE_TREE_LIMIT_BYTES });
        if (wasWithin) this.#giveUp(found);
        return undefined;
      }
      const value = file.read(0, sizeBytes);
      if (value.length < sizeBytes) {
        const readBytes = value.length;
        this.#sink.report(liveCodes['changed-while-read'].at(position, { sizeBytes, readBytes }));
      }
      return value;
    } finally {
      file.close();
    }
  }

  /** Reports a limit that is passed; nothing below is read any more. */
  #giveUp(found: ReturnType<(typeof liveCodes)['too-many']['at']>): void {
    this.#error(found);
    this.#entries = LIVE_TREE_LIMIT_ENTRIES + 1;
    this.#pending.length = 0;
  }

  #error(found: ReturnType<(typeof liveCodes)['too-many']['at']>): void {
    this.#hasErrors = true;
    this.#sink.report(found);
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof HostError) return error.message;
  throw error;
}

const utf8 = new TextEncoder();
/** Where the host puts bytes of a name that are not UTF-8: U+DC80 to U+DCFF (see `HostFiles`). */
const STRAY_BYTE = /[\udc80-\udcff]/u;
const STRAY_BYTE_BASE = 0xdc00;

/** The bytes of a file's name as the file system has it. */
function fileNameBytes(name: string): Uint8Array {
  if (!STRAY_BYTE.test(name)) return utf8.encode(name);
  return Uint8Array.from(
    [...name].flatMap((character) =>
      STRAY_BYTE.test(character) ? [character.charCodeAt(0) - STRAY_BYTE_BASE] : [...utf8.encode(character)],
    ),
  );
}
