/**
 * Puts phandles and paths where the source has references, and gives phandles to nodes that have none, in dtc 1.8.1's
 * order, so that the numbers come out the same.
 */
import { concatBytes, type DiagnosticSink } from '../../base/index.ts';
import { encodeCells, encodeLatin1 } from '../value.ts';
import { dtsCodes } from './diagnostics.ts';
import type { SourceFiles } from './files.ts';
import { notesOf, positionOf } from './lexer.ts';
import {
  liveNodesUnder,
  type SourceMarker,
  type SourceNode,
  SourceProperty,
  type SourceTree,
  type SourceValue,
} from './syntax.ts';

/** Hands out phandles: the smallest numbers that no node has. */
export class Phandles {
  readonly #taken = new Set<number>();
  #next = 1;

  constructor(tree: SourceTree) {
    for (const { phandle } of liveNodesUnder(tree.root)) if (phandle !== 0) this.#taken.add(phandle);
  }

  /** The node's phandle; a node without one is given one, and the property for it. */
  of(node: SourceNode): number {
    if (node.phandle !== 0) return node.phandle;
    while (this.#taken.has(this.#next)) this.#next += 1;
    node.phandle = this.#next;
    this.#taken.add(this.#next);
    // A property that refers to its own node is there already, and is filled in with the other references.
    if (node.property('phandle') === undefined) {
      const { place } = node;
      const markers: SourceMarker[] = [{ offsetBytes: 0, kind: 'cells32', place }];
      node.addProperty(new SourceProperty('phandle', { bytes: encodeCells([node.phandle]), markers }, place));
    }
    return node.phandle;
  }
}

/** Fills in every reference. In an overlay, references to labels of another tree stay 0xffffffff. */
export function resolveReferences(
  tree: SourceTree,
  phandles: Phandles,
  options: { readonly isPlugin: boolean; readonly files: SourceFiles },
  sink: DiagnosticSink,
): void {
  const undefinedReference = ({ place, text = '' }: SourceMarker): void => {
    const params = { reference: `&${text}` };
    sink.report(dtsCodes['undefined-reference'].at(positionOf(place), params, notesOf(place)));
  };
  for (const node of liveNodesUnder(tree.root)) {
    for (const property of node.properties) {
      if (!property.isDeleted) fillPhandles(property.value);
    }
  }
  for (const node of liveNodesUnder(tree.root)) {
    for (const property of node.properties) {
      if (!property.isDeleted) property.value = withPaths(property.value);
    }
  }

  function fillPhandles({ bytes, markers }: SourceValue): void {
    for (const marker of markers) {
      if (marker.kind !== 'phandle-ref' || marker.text === undefined) continue;
      const target = tree.nodeByReference(marker.text);
      if (target === undefined) {
        if (!options.isPlugin) undefinedReference(marker);
        continue;
      }
      target.isReferenced = true;
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      view.setUint32(marker.offsetBytes, phandles.of(target));
    }
  }

  function withPaths(value: SourceValue): SourceValue {
    if (!value.markers.some(({ kind }) => kind === 'path-ref')) return value;
    const parts: Uint8Array[] = [];
    let copied = 0;
    let inserted = 0;
    for (const marker of value.markers) {
      const offset = marker.offsetBytes;
      marker.offsetBytes += inserted;
      if (marker.kind !== 'path-ref' || marker.text === undefined) continue;
      const target = tree.nodeByReference(marker.text);
      if (target === undefined) {
        undefinedReference(marker);
        continue;
      }
      target.isReferenced = true;
      const path = pathBytes(target, options.files);
      parts.push(value.bytes.subarray(copied, offset), path);
      copied = offset;
      inserted += path.length;
    }
    parts.push(value.bytes.subarray(copied));
    return { bytes: concatBytes(parts), markers: value.markers };
  }
}

/** The node's path with its NUL; empty once the limit on what a tree may hold is reached. */
export function pathBytes(node: SourceNode, files: SourceFiles): Uint8Array {
  if (files.isExhausted) return new Uint8Array();
  const { path } = node;
  if (!files.countChars(path.length)) return new Uint8Array();
  return encodeLatin1(`${path}\0`);
}

/** Takes out the nodes that are there only for those who refer to them, where nobody does. */
export function omitUnused(tree: SourceTree, keepLabelled: boolean): void {
  for (const node of liveNodesUnder(tree.root)) {
    if (keepLabelled && node.labels.length > 0) continue;
    if (node.omitIfUnused && !node.isReferenced) node.delete();
  }
}
