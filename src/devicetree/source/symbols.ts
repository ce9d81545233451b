/**
 * The nodes by which overlays find their targets (the kernel's Documentation/devicetree/overlay-notes.rst, and dtc's
 * dt-object-internal.txt): `__symbols__` has the path of each label, `__fixups__` the places of an overlay's references
 * to another tree, `__local_fixups__` those of its references to itself.
 */

import type { DiagnosticSink } from '../../base/index.ts';
import { bytesEqual } from '../equality.ts';
import { cellsOf, decodeLatin1, encodeCells, encodeStrings, stringsOf } from '../value.ts';
import { dtsCodes } from './diagnostics.ts';
import type { SourceFiles } from './files.ts';
import { notesOf, positionOf } from './lexer.ts';
import { hasPath, LABEL } from './reference-text.ts';

import { type Phandles, pathBytes } from './resolve-references.ts';
import { liveNodesUnder, type SourceMarker, SourceNode, SourceProperty, type SourceTree } from './syntax.ts';

const SYMBOLS = '__symbols__';

/** Gives nodes the labels by which `__symbols__` names them, where the source has that node and the name can be a label. */
export function labelsFromSymbols(tree: SourceTree): void {
  for (const { name, value, place, isDeleted } of tree.root.child(SYMBOLS)?.properties ?? []) {
    if (isDeleted || !LABEL.test(name)) continue;
    const path = decodeLatin1(value.bytes).split('\0')[0] ?? '';
    const node = tree.nodeByReference(`{/${path}}`);
    if (node !== undefined) tree.addLabel(node, { name, place, isDeleted: false });
  }
}

/** Adds `__symbols__`, and gives each labelled node a phandle. */
export function addSymbols(
  tree: SourceTree,
  phandles: Phandles,
  files: SourceFiles,
  sink: DiagnosticSink,
): void {
  const { root } = tree;
  const labelled = [...liveNodesUnder(root)].filter((node) => node.labels.length > 0);
  if (labelled.length === 0) return;
  const symbols = rootNode(root, SYMBOLS);
  for (const node of labelled) {
    for (const { name, place, isDeleted } of node.labels) {
      if (isDeleted) continue;
      const there = symbols.property(name)?.value.bytes;
      if (there !== undefined) {
        // A tree that was printed says it both ways.
        if (bytesEqual(there, pathBytes(node, files))) continue;
        sink.report(dtsCodes['symbol-exists'].at(positionOf(place), { label: name }, notesOf(place)));
        continue;
      }
      const markers = [{ offsetBytes: 0, kind: 'string', place } as const];
      symbols.addProperty(new SourceProperty(name, { bytes: pathBytes(node, files), markers }, place));
    }
    phandles.of(node);
  }
}

/**
 * Adds `__fixups__` and `__local_fixups__`, each where it would hold anything. A source that was made from a blob has them
 * already, beside its references: what they say is not said again.
 */
export function addFixups(tree: SourceTree, files: SourceFiles, sink: DiagnosticSink): void {
  const places = new Map<string, { readonly property: SourceProperty; entries: string[] }>();
  const local = new LocalFixups();
  for (const node of [...liveNodesUnder(tree.root)]) {
    for (const property of node.properties) {
      if (property.isDeleted) continue;
      const offsets: number[] = [];
      for (const { kind, text, offsetBytes, place } of property.value.markers) {
        if (kind !== 'phandle-ref' || text === undefined) continue;
        if (tree.nodeByReference(text) !== undefined) offsets.push(offsetBytes);
        else if (hasPath(text)) {
          const params = { reference: `&${text}` };
          sink.report(dtsCodes['path-in-overlay'].at(positionOf(place), params, notesOf(place)));
        } else if (!files.isExhausted && files.countChars(node.path.length)) {
          const name = text.startsWith('{') ? text.slice(1, -1) : text;
          const known = places.get(name) ?? { property, entries: [] };
          known.entries.push(`${node.path}:${property.name}:${offsetBytes}`);
          places.set(name, known);
        }
      }
      if (offsets.length > 0) local.add(node, property, offsets);
    }
  }
  if (places.size > 0) {
    const fixups = rootNode(tree.root, '__fixups__');
    for (const [name, { property, entries }] of places) {
      const there = fixups.property(name);
      const bytes = joinedList(there, entries, stringsOf, encodeStrings);
      if (bytes === undefined) continue;
      setValue(fixups, name, bytes, { offsetBytes: 0, kind: 'string', place: property.place });
    }
  }
  local.attach(tree.root);
}

/** A tree in the shape of the other, with the offsets of references in place of values. */
class LocalFixups {
  readonly #nodes = new Map<SourceNode, SourceNode>();
  readonly #pending: { node: SourceNode; property: SourceProperty; offsets: readonly number[] }[] = [];

  add(node: SourceNode, property: SourceProperty, offsets: readonly number[]): void {
    this.#pending.push({ node, property, offsets });
  }

  attach(root: SourceNode): void {
    if (this.#pending.length === 0) return;
    this.#nodes.set(root, rootNode(root, '__local_fixups__'));
    for (const { node, property, offsets } of this.#pending) {
      const counterpart = this.#counterpart(node);
      const bytes = joinedList(counterpart.property(property.name), offsets, cellsOf, encodeCells);
      if (bytes === undefined) continue;
      const marker = { offsetBytes: 0, kind: 'cells32', place: property.place } as const;
      setValue(counterpart, property.name, bytes, marker);
    }
  }

  #counterpart(node: SourceNode): SourceNode {
    const missing: SourceNode[] = [];
    let at: SourceNode | undefined = node;
    for (; at !== undefined && !this.#nodes.has(at); at = at.parent) missing.push(at);
    let counterpart = at === undefined ? undefined : this.#nodes.get(at);
    for (const original of missing.reverse()) {
      const made = counterpart?.child(original.name) ?? new SourceNode(original.name, original.place);
      if (made.parent === undefined) counterpart?.addChild(made);
      this.#nodes.set(original, made);
      counterpart = made;
    }
    return counterpart as SourceNode;
  }
}

/** The list with what it lacks; `undefined` where there is a value that is no such list, which is left as it is. */
function joinedList<T>(
  there: SourceProperty | undefined,
  wanted: readonly T[],
  decode: (bytes: Uint8Array) => readonly T[] | undefined,
  encode: (list: readonly T[]) => Uint8Array,
): Uint8Array | undefined {
  const before = there === undefined || there.value.bytes.length === 0 ? [] : decode(there.value.bytes);
  if (before === undefined) return undefined;
  const known = new Set(before);
  return encode([...before, ...wanted.filter((each) => !known.has(each))]);
}

function setValue(node: SourceNode, name: string, bytes: Uint8Array, marker: SourceMarker): void {
  const there = node.property(name);
  const value = { bytes, markers: [marker] };
  if (there === undefined) node.addProperty(new SourceProperty(name, value, marker.place));
  else there.value = value;
}

function rootNode(root: SourceNode, name: string): SourceNode {
  const known = root.child(name);
  if (known !== undefined) return known;
  const node = new SourceNode(name, root.place);
  root.addChild(node);
  return node;
}
