/**
 * Reads a device tree blob: DTSpec 0.4 chapter 5, versions 16 and 17. Nothing in the file is trusted: every offset and
 * size is checked, nesting is not recursed into, and what is kept is in proportion to the file.
 * Left out: versions before 16 (full paths for names), which get a diagnostic.
 */
import { type AddrRange, type DiagnosticSink, rangeEnd, type SourcePosition } from '../../base/index.ts';
import { isNameOf, isNodeName, isPropertyName, nameForMessage, pathForMessage } from '../names.ts';
import { type DeviceTree, DtNode, type MemoryReservation } from '../tree.ts';
import { decodeLatin1 } from '../value.ts';
import { dtbCodes } from './diagnostics.ts';
import {
  CELL_BYTES,
  FDT_BEGIN_NODE,
  FDT_END,
  FDT_END_NODE,
  FDT_NOP,
  FDT_PROP,
  RESERVATION_BYTES,
  readHeader,
  viewOf,
} from './header.ts';

/** Longer property names are refused: each is an offset, so many can share the bytes of one long string. */
export const PROPERTY_NAME_LIMIT_BYTES = 256;

/**
 * The tree of a blob. Reports what is wrong to `sink`; `undefined` where there were errors, so that no half-read tree is
 * taken for a board. Property values are views of `input`, which must not change afterwards.
 * @param file the name under which the user gave the blob
 */
export function readDtb(input: Uint8Array, file: string, sink: DiagnosticSink): DeviceTree | undefined {
  // Subclasses (Node's Buffer) give subarrays of their own kind, whose methods differ.
  const bytes = new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
  const layout = readHeader(bytes, file, sink);
  if (layout === undefined) return undefined;
  const memoryReservations = readReservations(bytes, layout.reservations, file, sink);
  const root = new StructureReader(bytes, layout.structure, layout.strings, file, sink).read();
  if (memoryReservations === undefined || root === undefined) return undefined;
  return { root, memoryReservations, bootCpuidPhys: layout.bootCpuidPhys };
}

function readReservations(
  bytes: Uint8Array,
  range: AddrRange,
  file: string,
  sink: DiagnosticSink,
): readonly MemoryReservation[] | undefined {
  const view = viewOf(bytes);
  const found: MemoryReservation[] = [];
  for (let at = range.base; at + RESERVATION_BYTES <= rangeEnd(range); at += RESERVATION_BYTES) {
    const address = view.getBigUint64(at);
    const sizeBytes = view.getBigUint64(at + RESERVATION_BYTES / 2);
    if (sizeBytes === 0n) {
      if (address !== 0n) {
        sink.report(dtbCodes['reservation-of-nothing'].at({ file, offsetBytes: at }, { address }));
      }
      return found;
    }
    found.push({ address, sizeBytes });
  }
  sink.report(dtbCodes['reservations-unterminated'].at({ file, offsetBytes: range.base }, undefined));
  return undefined;
}

const NO_BYTES = new Uint8Array(0);
const NUL = 0;
const SLASH = '/';

/** What a token found out of place means for the walk. */
type Step = 'continue' | 'stop';

/** One walk over the structure block. */
class StructureReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #end: number;
  readonly #strings: AddrRange;
  readonly #file: string;
  readonly #sink: DiagnosticSink;
  /** By their offset in the strings block. */
  readonly #names = new Map<number, string>();
  /** Names that source can write: most properties have one of a few hundred. */
  readonly #fitNames = new Set<string>();
  #at: number;
  #token: number;
  #root: DtNode | undefined;
  /** The open node, and how many are open; a closed node's parent is not asked, for a duplicate has none. */
  readonly #open: DtNode[] = [];
  #hasErrors = false;

  constructor(
    bytes: Uint8Array,
    structure: AddrRange,
    strings: AddrRange,
    file: string,
    sink: DiagnosticSink,
  ) {
    this.#bytes = bytes;
    this.#view = viewOf(bytes);
    this.#at = structure.base;
    this.#token = structure.base;
    this.#end = rangeEnd(structure);
    this.#strings = strings;
    this.#file = file;
    this.#sink = sink;
  }

  read(): DtNode | undefined {
    while (this.#step() === 'continue');
    return this.#hasErrors ? undefined : this.#root;
  }

  #step(): Step {
    this.#token = this.#at;
    if (this.#at + CELL_BYTES > this.#end) return this.#cutShort(this.#placeForMessage());
    const token = this.#view.getUint32(this.#at);
    this.#at += CELL_BYTES;
    switch (token) {
      case FDT_PROP:
        return this.#property();
      case FDT_BEGIN_NODE:
        return this.#beginNode();
      case FDT_END_NODE:
        return this.#endNode();
      case FDT_NOP:
        return 'continue';
      case FDT_END:
        return this.#endTree();
      default:
        this.#error(dtbCodes['unknown-token'].at(this.#here(), { token }));
        return 'stop';
    }
  }

  #beginNode(): Step {
    const nameStart = this.#at;
    const nameEnd = this.#bytes.indexOf(NUL, nameStart);
    if (nameEnd < 0 || nameEnd >= this.#end) return this.#cutShort("within a node's name");
    const name = decodeLatin1(this.#bytes, nameStart, nameEnd);
    this.#at = this.#aligned(nameEnd + 1);
    const parent = this.#open.at(-1);
    if (parent === undefined) return this.#beginRoot(name);

    const node = new DtNode(name);
    node.position = this.#here();
    if (name === '' || name.includes(SLASH)) {
      this.#error(
        dtbCodes['bad-node-name'].at(this.#here(), {
          name: nameForMessage(name),
          parent: pathForMessage(parent),
        }),
      );
    } else if (parent.children.has(name)) {
      this.#error(
        dtbCodes['duplicate-node'].at(this.#here(), {
          name: nameForMessage(name),
          parent: pathForMessage(parent),
        }),
      );
    } else {
      if (!isNodeName(name)) this.#reportOddName('node', name, parent);
      parent.addChild(node);
    }
    this.#open.push(node);
    return 'continue';
  }

  #beginRoot(name: string): Step {
    if (this.#root !== undefined) {
      this.#error(
        dtbCodes['token-out-of-place'].at(this.#here(), {
          token: 'FDT_BEGIN_NODE',
          where: 'after the root node: a second tree',
        }),
      );
      return 'stop';
    }
    if (name !== '') {
      this.#sink.report(dtbCodes['root-has-name'].at(this.#here(), { name: nameForMessage(name) }));
    }
    this.#root = new DtNode('');
    this.#root.position = this.#here();
    this.#open.push(this.#root);
    return 'continue';
  }

  #endNode(): Step {
    const node = this.#open.pop();
    if (node === undefined) return this.#outOfPlace('FDT_END_NODE');
    const property = node.properties.get('name');
    if (property !== undefined) {
      if (isNameOf(node, property.value)) node.properties.delete('name');
      else
        this.#sink.report(
          dtbCodes['name-property-differs'].at(property.position, { node: pathForMessage(node) }),
        );
    }
    return 'continue';
  }

  #endTree(): Step {
    if (this.#root === undefined || this.#open.length > 0) return this.#outOfPlace('FDT_END');
    return 'stop';
  }

  #property(): Step {
    const node = this.#open.at(-1);
    if (node === undefined) return this.#outOfPlace('FDT_PROP');
    const start = this.#at + 2 * CELL_BYTES;
    if (start > this.#end) return this.#cutShort(`within a property of ${pathForMessage(node)}`);
    const sizeBytes = this.#view.getUint32(this.#at);
    const name = this.#propertyName(this.#view.getUint32(this.#at + CELL_BYTES), node);
    if (start + sizeBytes > this.#end) {
      const property = name === undefined ? 'a property' : `the property ${nameForMessage(name)}`;
      return this.#cutShort(
        `within ${property} of ${pathForMessage(node)}, whose value is ${sizeBytes} bytes long`,
      );
    }
    this.#at = this.#aligned(start + sizeBytes);
    if (name === undefined) return 'continue';
    if (node.properties.has(name)) {
      this.#error(
        dtbCodes['duplicate-property'].at(this.#here(), {
          name: nameForMessage(name),
          node: pathForMessage(node),
        }),
      );
      return 'continue';
    }
    if (node.children.size > 0) {
      this.#sink.report(
        dtbCodes['property-after-node'].at(this.#here(), {
          name: nameForMessage(name),
          node: pathForMessage(node),
        }),
      );
    }
    if (!this.#isFit(name)) this.#reportOddName('property', name, node);
    const value = sizeBytes === 0 ? NO_BYTES : this.#bytes.subarray(start, start + sizeBytes);
    node.setProperty({ name, value, position: this.#here() });
    return 'continue';
  }

  #propertyName(offset: number, node: DtNode): string | undefined {
    const known = this.#names.get(offset);
    if (known !== undefined) return known;
    const start = this.#strings.base + offset;
    const end = rangeEnd(this.#strings);
    const searchEnd = Math.min(end, start + PROPERTY_NAME_LIMIT_BYTES + 1);
    let nul = start;
    while (nul < searchEnd && this.#bytes[nul] !== NUL) nul += 1;
    if (nul < searchEnd) {
      const name = decodeLatin1(this.#bytes, start, nul);
      this.#names.set(offset, name);
      return name;
    }
    this.#error(
      searchEnd < end
        ? dtbCodes['property-name-too-long'].at(this.#here(), {
            node: pathForMessage(node),
            limitBytes: PROPERTY_NAME_LIMIT_BYTES,
          })
        : dtbCodes['name-outside-strings'].at(this.#here(), { offset, node: pathForMessage(node) }),
    );
    return undefined;
  }

  #isFit(propertyName: string): boolean {
    if (this.#fitNames.has(propertyName)) return true;
    const isFit = isPropertyName(propertyName);
    if (isFit) this.#fitNames.add(propertyName);
    return isFit;
  }

  #reportOddName(what: 'node' | 'property', name: string, owner: DtNode): void {
    const shown = { what, name: nameForMessage(name), owner: pathForMessage(owner) };
    this.#sink.report(dtbCodes['odd-name'].at(this.#here(), shown));
  }

  #aligned(offset: number): number {
    // Tokens are aligned relative to the block, as libfdt and dtc count, so that a misaligned block can be read.
    const past = (offset - this.#token) % CELL_BYTES;
    return past === 0 ? offset : offset + CELL_BYTES - past;
  }

  #here(): SourcePosition {
    return { file: this.#file, offsetBytes: this.#token };
  }

  #placeForMessage(): string {
    const node = this.#open.at(-1);
    if (node !== undefined) return `within the node ${pathForMessage(node)}`;
    return this.#root === undefined ? 'before the root node' : 'without FDT_END';
  }

  #cutShort(what: string): Step {
    this.#error(dtbCodes['structure-cut-short'].at(this.#here(), { what }));
    return 'stop';
  }

  #outOfPlace(token: string): Step {
    const node = this.#open.at(-1);
    const where =
      node !== undefined
        ? `within the node ${pathForMessage(node)}`
        : `${this.#root === undefined ? 'before' : 'after'} the root node`;
    this.#error(dtbCodes['token-out-of-place'].at(this.#here(), { token, where }));
    return 'stop';
  }

  #error(found: ReturnType<(typeof dtbCodes)['unknown-token']['at']>): void {
    this.#hasErrors = true;
    this.#sink.report(found);
  }
}
