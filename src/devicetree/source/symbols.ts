/**
 * The nodes by which overlays find their targets (the kernel's Documentation/devicetree/overlay-notes.rst, and dtc's
 * dt-object-internal.txt): `__symbols__` has the path of each label, `__fixups__` the places of an overlay's references
 * to another tree, `__local_fixups__` those of its references to itself.
 */

import type { DiagnosticSink } from '../../base/index.ts';
import { bytesEqual } from '../equality.ts';
import { encodeCells, encodeStrings } from '../value.ts';
import { dtsCodes } from './diagnostics.ts';
import type { SourceFiles } from './files.ts';
import { notesOf, positionOf } from './lexer.ts';
import { type Phandles, pathBytes } from './resolve-references.ts';
import { liveNodesUnder, SourceNode, SourceProperty, type SourceTree } from './syntax.ts';

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
  const symbols = rootNode(root, '__symbols__');
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

/** Adds `__fixups__` and `__local_fixups__`, each where it would hold anything. */
export function addFixups(tree: SourceTree, files: SourceFiles): void {
  const places = new Map<string, { readonly property: SourceProperty; entries: string[] }>();
  const local = new LocalFixups();
  for (const node of [...liveNodesUnder(tree.root)]) {
    for (const property of node.properties) {
      if (property.isDeleted) continue;
      const offsets: number[] = [];
      for (const { kind, text, offsetBytes } of property.value.markers) {
        if (kind !== 'phandle-ref' || text === undefined) continue;
        if (tree.nodeByReference(text) !== undefined) offsets.push(offsetBytes);
        else if (!files.isExhausted && files.countChars(node.path.length)) {
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
      const { place } = property;
      const bytes = encodeStrings(entries);
      fixups.addProperty(
        new SourceProperty(name, { bytes, markers: [{ offsetBytes: 0, kind: 'string', place }] }, place),
      );
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
      const { place } = property;
      const markers = [{ offsetBytes: 0, kind: 'cells32', place } as const];
      this.#counterpart(node).addProperty(
        new SourceProperty(property.name, { bytes: encodeCells(offsets), markers }, place),
      );
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

function rootNode(root: SourceNode, name: string): SourceNode {
  const known = root.child(name);
  if (known !== undefined) return known;
  const node = new SourceNode(name, root.place);
  root.addChild(node);
  return node;
}
