/**
 * What dtc 1.8.1 checks before it resolves references and takes for an error: names, labels and phandles.
 * Its warnings (unit addresses, cell counts, graphs, …) are other rooms' subject.
 */
import type { DiagnosticCode, DiagnosticSink } from '../../base/index.ts';
import { nameForMessage } from '../names.ts';
import { dtsCodes } from './diagnostics.ts';
import { notesOf, positionOf, type TextPlace } from './lexer.ts';
import { liveNodesUnder, type SourceNode, type SourceProperty, type SourceTree } from './syntax.ts';

const NODE_CHARS = /[^a-zA-Z0-9,._+@-]/;
const PROPERTY_CHARS = /[^a-zA-Z0-9,._+*#?-]/;
const CELL_BYTES = 4;
const INVALID_PHANDLE = 0xffff_ffff;
const LEVELS_SHOWN = 12;

/** Reports the mistakes, takes away redundant `name` properties, and notes the phandles that the source gives. */
export function checkTree(tree: SourceTree, sink: DiagnosticSink): void {
  const checks = new Checks(tree, sink);
  for (const node of liveNodesUnder(tree.root)) checks.node(node);
  checks.labels();
  for (const node of liveNodesUnder(tree.root)) checks.phandle(node);
}

/** The node's path in a message, without its middle where it is very deep. */
function shownPath(node: SourceNode): string {
  const names: string[] = [];
  for (let at: SourceNode = node; at.parent !== undefined; at = at.parent) {
    if (names.length === LEVELS_SHOWN) return `/…/${names.reverse().join('/')}`;
    names.push(nameForMessage(at.name));
  }
  return `/${names.reverse().join('/')}`;
}

class Checks {
  readonly #tree: SourceTree;
  readonly #sink: DiagnosticSink;
  readonly #byPhandle = new Map<number, SourceNode>();

  constructor(tree: SourceTree, sink: DiagnosticSink) {
    this.#tree = tree;
    this.#sink = sink;
  }

  #report<Params>(place: TextPlace, code: DiagnosticCode<Params>, params: Params): void {
    this.#sink.report(code.at(positionOf(place), params, notesOf(place)));
  }

  node(node: SourceNode): void {
    const character = NODE_CHARS.exec(node.name)?.[0];
    const name = nameForMessage(node.name);
    if (character !== undefined) this.#report(node.place, dtsCodes['bad-node-name'], { name, character });
    else if (node.name.indexOf('@') !== node.name.lastIndexOf('@')) {
      this.#report(node.place, dtsCodes['bad-unit-address'], { name });
    } else if (node.name.startsWith('@')) this.#report(node.place, dtsCodes['empty-node-name'], { name });
    this.#repeated(node.children, (child) => {
      const params = { name: nameForMessage(child.name), parent: shownPath(node) };
      this.#report(child.place, dtsCodes['duplicate-node'], params);
    });
    this.#repeated(node.properties, (property) => {
      const params = { name: nameForMessage(property.name), node: shownPath(node) };
      this.#report(property.place, dtsCodes['duplicate-property'], params);
    });
    for (const property of node.properties) {
      if (!property.isDeleted) this.#property(node, property);
    }
  }

  #repeated<T extends { readonly name: string; readonly isDeleted: boolean }>(
    items: readonly T[],
    report: (item: T) => void,
  ): void {
    if (items.length < 2) return;
    const seen = new Set<string>();
    for (const item of items) {
      if (item.isDeleted) continue;
      if (seen.has(item.name)) report(item);
      seen.add(item.name);
    }
  }

  #property(node: SourceNode, property: SourceProperty): void {
    const character = PROPERTY_CHARS.exec(property.name)?.[0];
    if (character !== undefined) {
      const params = { name: nameForMessage(property.name), character };
      this.#report(property.place, dtsCodes['bad-property-name'], params);
    }
    if (property.name !== 'name') return;
    const wanted = node.name.split('@')[0] ?? '';
    const said = String.fromCharCode(...property.value.bytes.subarray(0, wanted.length + 2));
    if (said === `${wanted}\0`) property.delete();
    else {
      const params = { node: shownPath(node), wanted: nameForMessage(wanted) };
      this.#report(property.place, dtsCodes['bad-name-property'], params);
    }
  }

  /** Nodes' labels first, then properties', then those in values: the later one is the duplicate. */
  labels(): void {
    const first = new Map<string, TextPlace>();
    const add = (label: string, place: TextPlace): void => {
      const known = first.get(label);
      if (known === undefined) first.set(label, place);
      else {
        const { file, line, column } = positionOf(known);
        this.#report(place, dtsCodes['duplicate-label'], { label, first: `${file}:${line}:${column}` });
      }
    };
    const addLabels = ({ labels }: SourceNode | SourceProperty): void => {
      for (const { name, place, isDeleted } of labels) if (!isDeleted) add(name, place);
    };
    for (const node of liveNodesUnder(this.#tree.root)) addLabels(node);
    for (const property of this.#liveProperties()) addLabels(property);
    for (const { value } of this.#liveProperties()) {
      for (const { kind, text, place } of value.markers) {
        if (kind === 'label' && text !== undefined) add(text, place);
      }
    }
  }

  *#liveProperties(): Generator<SourceProperty> {
    for (const node of liveNodesUnder(this.#tree.root)) {
      for (const property of node.properties) if (!property.isDeleted) yield property;
    }
  }

  phandle(node: SourceNode): void {
    const present = this.#givenPhandle(node, 'phandle');
    const former = this.#givenPhandle(node, 'linux,phandle');
    const phandle = present ?? former;
    if (phandle === undefined) return;
    const place = (node.property('phandle') ?? node.property('linux,phandle'))?.place ?? node.place;
    if (former !== undefined && former !== phandle) {
      this.#report(place, dtsCodes['mismatching-phandles'], { node: shownPath(node) });
    }
    const other = this.#byPhandle.get(phandle);
    if (other !== undefined) {
      this.#report(place, dtsCodes['duplicate-phandle'], { phandle, first: shownPath(other) });
      return;
    }
    this.#byPhandle.set(phandle, node);
    node.phandle = phandle;
  }

  #givenPhandle(node: SourceNode, name: string): number | undefined {
    const property = node.property(name);
    if (property === undefined) return undefined;
    const { bytes, markers } = property.value;
    const bad = (problem: string): undefined => {
      this.#report(property.place, dtsCodes['bad-phandle'], { property: name, problem });
    };
    if (bytes.length !== CELL_BYTES) return bad(`is ${bytes.length} bytes long, not 4`);
    const reference = markers.find(({ kind }) => kind === 'phandle-ref')?.text;
    if (reference !== undefined) {
      // A node's reference to itself asks for a phandle, whether or not anyone else refers to it.
      return this.#tree.nodeByReference(reference) === node ? undefined : bad('refers to another node');
    }
    const value = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
    if (value === 0 || value === INVALID_PHANDLE) return bad(`is 0x${value.toString(16)}`);
    return value;
  }
}
