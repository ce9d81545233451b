/**
 * The tree while source is read: nodes in the order in which dtc keeps them. What is deleted stays in its place and comes
 * back there when it is defined again; nothing is merged within one pair of braces; labels come newest first.
 * All of that shows in the bytes of the blob.
 */
import type { DtMarker } from '../tree.ts';
import type { TextPlace } from './lexer.ts';

export interface SourceLabel {
  readonly name: string;
  readonly place: TextPlace;
  isDeleted: boolean;
}

/** A {@link DtMarker} whose offset moves when a path is put in before it. */
export interface SourceMarker {
  offsetBytes: number;
  readonly kind: DtMarker['kind'];
  readonly text?: string;
  readonly place: TextPlace;
}

export interface SourceValue {
  readonly bytes: Uint8Array;
  readonly markers: readonly SourceMarker[];
}

/** Most things have no labels, and most nodes no children: in large trees lists of their own would cost the most. */
const NO_LABELS: readonly SourceLabel[] = [];
const NO_CHILDREN: readonly SourceNode[] = [];

export class SourceProperty {
  readonly name: string;
  value: SourceValue;
  place: TextPlace;
  labels: readonly SourceLabel[] = NO_LABELS;
  /** Deleted, or what `/delete-property/` left where there was nothing to delete. */
  isDeleted = false;

  constructor(name: string, value: SourceValue, place: TextPlace) {
    this.name = name;
    this.value = value;
    this.place = place;
  }

  delete(): void {
    this.isDeleted = true;
    for (const label of this.labels) label.isDeleted = true;
  }
}

export class SourceNode {
  readonly name: string;
  readonly place: TextPlace;
  labels: readonly SourceLabel[] = NO_LABELS;
  parent: SourceNode | undefined;
  isDeleted = false;
  omitIfUnused = false;
  isReferenced = false;
  /** 0 while it has none. */
  phandle = 0;
  #properties: SourceProperty[] = [];
  #children: SourceNode[] | undefined;
  #firstProperty: Map<string, SourceProperty> | undefined;
  #firstChild: Map<string, SourceNode> | undefined;

  constructor(name: string, place: TextPlace) {
    this.name = name;
    this.place = place;
  }

  get properties(): readonly SourceProperty[] {
    return this.#properties;
  }

  get children(): readonly SourceNode[] {
    return this.#children ?? NO_CHILDREN;
  }

  /** Gives back the room that lists keep for growing. */
  trim(): void {
    this.#properties = this.#properties.slice();
  }

  addProperty(property: SourceProperty): void {
    this.#properties.push(property);
    if (this.#firstProperty?.has(property.name) === false) this.#firstProperty.set(property.name, property);
  }

  addChild(child: SourceNode): void {
    child.parent = this;
    this.#children ??= [];
    this.#children.push(child);
    if (this.#firstChild?.has(child.name) === false) this.#firstChild.set(child.name, child);
  }

  /** The first property of that name, deleted or not. */
  firstProperty(name: string): SourceProperty | undefined {
    this.#firstProperty ??= firstByName(this.properties);
    return this.#firstProperty.get(name);
  }

  /** The first child of that name, deleted or not. */
  firstChild(name: string): SourceNode | undefined {
    this.#firstChild ??= firstByName(this.children);
    return this.#firstChild.get(name);
  }

  property(name: string): SourceProperty | undefined {
    const first = this.firstProperty(name);
    if (first?.isDeleted !== true) return first;
    return this.properties.find((property) => property.name === name && !property.isDeleted);
  }

  child(name: string): SourceNode | undefined {
    const first = this.firstChild(name);
    if (first?.isDeleted !== true) return first;
    return this.children.find((child) => child.name === name && !child.isDeleted);
  }

  /** Marks the node and everything below it as deleted. */
  delete(): void {
    for (const node of liveNodesUnder(this)) {
      node.isDeleted = true;
      for (const property of node.properties) property.delete();
      for (const label of node.labels) label.isDeleted = true;
    }
  }

  /** The full path; callers count its length where many are made. */
  get path(): string {
    const names: string[] = [];
    for (let node: SourceNode = this; node.parent !== undefined; node = node.parent) names.push(node.name);
    return `/${names.reverse().join('/')}`;
  }
}

function firstByName<T extends { readonly name: string }>(items: readonly T[]): Map<string, T> {
  const first = new Map<string, T>();
  for (const item of items) if (!first.has(item.name)) first.set(item.name, item);
  return first;
}

/** The nodes that are not deleted, parents first. A node that is deleted when it is yielded hides what is below it. */
export function* liveNodesUnder(top: SourceNode): Generator<SourceNode> {
  if (top.isDeleted) return;
  const pending = [top];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    // The children are noted before the consumer can delete the node, and looked at again when their turn comes.
    const { children } = node;
    yield node;
    for (let index = children.length - 1; index >= 0; index -= 1) {
      const child = children[index] as SourceNode;
      if (!child.isDeleted) pending.push(child);
    }
  }
}

/** A merge under way: children are merged in order, because one may delete what another defined. */
interface Merge {
  readonly target: SourceNode;
  readonly definition: SourceNode;
  index: number;
}

/** Finds nodes by label, and merges new definitions into the tree. */
export class SourceTree {
  readonly root: SourceNode;
  /** Where the source last asks for the root to be deleted or omitted. It comes back with the next `/ { }`. */
  rootDeletion: TextPlace | undefined;
  /** Nodes by the labels that they had when they came into the tree. */
  readonly #byLabel = new Map<string, SourceNode[]>();

  constructor(root: SourceNode) {
    this.root = root;
    this.#registerUnder(root);
  }

  nodeByLabel(label: string): SourceNode | undefined {
    const candidates = this.#byLabel.get(label);
    while (candidates !== undefined && candidates.length > 0) {
      const [node] = candidates as [SourceNode];
      if (!node.isDeleted && node.labels.some(({ name, isDeleted }) => name === label && !isDeleted))
        return node;
      // A label that is gone comes back only by being written again, and is then registered again.
      candidates.shift();
    }
    return undefined;
  }

  /** By `label` or `{/path}`. */
  nodeByReference(reference: string): SourceNode | undefined {
    if (!reference.startsWith('{')) return this.nodeByLabel(reference);
    let node: SourceNode | undefined = this.root;
    for (const name of reference.slice(2, -1).split('/')) {
      if (name !== '') node = node.child(name);
      if (node === undefined) return undefined;
    }
    // The root can be extended even once it is deleted.
    return node.isDeleted && node !== this.root ? undefined : node;
  }

  /** Adds a label in front of the others, or brings it back. */
  addLabel(node: SourceNode, label: SourceLabel): void {
    addLabel(node, label);
    this.#register(node, label.name);
  }

  addChild(parent: SourceNode, child: SourceNode): void {
    parent.addChild(child);
    this.#registerUnder(child);
  }

  /** Merges a definition into a node of the tree: properties replace, children merge, deletions delete. */
  merge(target: SourceNode, definition: SourceNode): void {
    const open = [this.#beginMerge(target, definition)];
    for (let last = open.at(-1); last !== undefined; last = open.at(-1)) {
      const child = last.definition.children[last.index];
      last.index += 1;
      if (child === undefined) {
        open.pop();
        continue;
      }
      const same = last.target.firstChild(child.name);
      if (child.isDeleted) same?.delete();
      else if (same === undefined) this.addChild(last.target, child);
      else open.push(this.#beginMerge(same, child));
    }
  }

  #beginMerge(target: SourceNode, definition: SourceNode): Merge {
    target.isDeleted = false;
    for (const label of definition.labels) this.addLabel(target, label);
    for (const property of definition.properties) mergeProperty(target, property);
    return { target, definition, index: 0 };
  }

  #register(node: SourceNode, label: string): void {
    const known = this.#byLabel.get(label);
    if (known === undefined) this.#byLabel.set(label, [node]);
    else if (known.at(-1) !== node) known.push(node);
  }

  #registerUnder(top: SourceNode): void {
    for (const node of liveNodesUnder(top)) {
      for (const { name } of node.labels) this.#register(node, name);
    }
  }
}

function addLabel(owner: { labels: readonly SourceLabel[] }, label: SourceLabel): void {
  const known = owner.labels.find(({ name }) => name === label.name);
  if (known === undefined) owner.labels = [{ ...label, isDeleted: false }, ...owner.labels];
  else known.isDeleted = false;
}

function mergeProperty(node: SourceNode, property: SourceProperty): void {
  const old = node.firstProperty(property.name);
  if (property.isDeleted) {
    old?.delete();
    return;
  }
  if (old === undefined) {
    node.addProperty(property);
    return;
  }
  for (const label of property.labels) addLabel(old, label);
  old.value = property.value;
  old.place = property.place;
  old.isDeleted = false;
}
