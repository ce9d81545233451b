/**
 * The tree while source is read: nodes in the order in which dtc keeps them. What is deleted stays in its place and comes
 * back there when it is defined again; nothing is merged within one pair of braces; labels come newest first.
 * All of that shows in the bytes of the blob.
 */
import type { DtMarker } from '../tree.ts';
import type { TextPlace } from './lexer.ts';
import { referenceText } from './reference-text.ts';

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

/** What labels and properties hang on: the labels of a node or property, the newest first. */
class Labelled {
  /** In the order in which they came. Most things have none, and in large trees empty maps would cost the most. */
  #labels: Map<string, SourceLabel> | undefined;

  get labels(): readonly SourceLabel[] {
    return this.#labels === undefined ? NO_LABELS : [...this.#labels.values()].reverse();
  }

  label(name: string): SourceLabel | undefined {
    return this.#labels?.get(name);
  }

  /** Adds a label in front of the others, or brings it back. */
  addLabel(label: SourceLabel): void {
    this.#labels ??= new Map();
    const known = this.#labels.get(label.name);
    if (known === undefined) this.#labels.set(label.name, { ...label, isDeleted: false });
    else known.isDeleted = false;
  }

  /** Adds the labels that are written before a thing; the last one written is the oldest. */
  addLabels(labels: readonly SourceLabel[]): void {
    for (let index = labels.length - 1; index >= 0; index -= 1) this.addLabel(labels[index] as SourceLabel);
  }
}

const NO_LABELS: readonly SourceLabel[] = [];

/** Things in order, found by name. A name may be there more than once; the index is made when it is first needed. */
class NamedList<T extends { readonly name: string; readonly isDeleted: boolean }> {
  #items: T[] = [];
  #first: Map<string, T> | undefined;
  readonly #others = new Map<string, T[]>();

  get items(): readonly T[] {
    return this.#items;
  }

  push(item: T): void {
    this.#items.push(item);
    if (this.#first !== undefined) this.#note(this.#first, item);
  }

  /** Gives back the room that the list keeps for growing. */
  trim(): void {
    this.#items = this.#items.slice();
  }

  first(name: string): T | undefined {
    return this.#index().get(name);
  }

  firstLive(name: string): T | undefined {
    const first = this.first(name);
    return first?.isDeleted === true ? this.#others.get(name)?.find(({ isDeleted }) => !isDeleted) : first;
  }

  #index(): Map<string, T> {
    if (this.#first === undefined) {
      this.#first = new Map();
      for (const item of this.#items) this.#note(this.#first, item);
    }
    return this.#first;
  }

  #note(first: Map<string, T>, item: T): void {
    if (!first.has(item.name)) {
      first.set(item.name, item);
      return;
    }
    // What is deleted behind another of its name never comes back: only the first one does.
    if (item.isDeleted) return;
    const others = this.#others.get(item.name);
    if (others === undefined) this.#others.set(item.name, [item]);
    else others.push(item);
  }
}

const NO_CHILDREN: readonly SourceNode[] = [];

export class SourceProperty extends Labelled {
  readonly name: string;
  value: SourceValue;
  place: TextPlace;
  /** Deleted, or what `/delete-property/` left where there was nothing to delete. */
  isDeleted = false;

  constructor(name: string, value: SourceValue, place: TextPlace) {
    super();
    this.name = name;
    this.value = value;
    this.place = place;
  }

  delete(): void {
    this.isDeleted = true;
    for (const label of this.labels) label.isDeleted = true;
  }
}

export class SourceNode extends Labelled {
  readonly name: string;
  readonly place: TextPlace;
  parent: SourceNode | undefined;
  isDeleted = false;
  omitIfUnused = false;
  isReferenced = false;
  /** 0 while it has none. */
  phandle = 0;
  readonly #properties = new NamedList<SourceProperty>();
  #children: NamedList<SourceNode> | undefined;

  constructor(name: string, place: TextPlace) {
    super();
    this.name = name;
    this.place = place;
  }

  get properties(): readonly SourceProperty[] {
    return this.#properties.items;
  }

  get children(): readonly SourceNode[] {
    return this.#children?.items ?? NO_CHILDREN;
  }

  /** Says that its first definition is complete. */
  trim(): void {
    this.#properties.trim();
  }

  addProperty(property: SourceProperty): void {
    this.#properties.push(property);
  }

  addChild(child: SourceNode): void {
    child.parent = this;
    this.#children ??= new NamedList();
    this.#children.push(child);
  }

  /** The first property of that name, deleted or not. */
  firstProperty(name: string): SourceProperty | undefined {
    return this.#properties.first(name);
  }

  /** The first child of that name, deleted or not. */
  firstChild(name: string): SourceNode | undefined {
    return this.#children?.first(name);
  }

  property(name: string): SourceProperty | undefined {
    return this.#properties.firstLive(name);
  }

  child(name: string): SourceNode | undefined {
    return this.#children?.firstLive(name);
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
    const candidates = this.#byLabel.get(label) ?? [];
    const live = candidates.findIndex((node) => !node.isDeleted && node.label(label)?.isDeleted === false);
    // A label that is gone comes back only by being written again, and is then registered again.
    const gone = live < 0 ? candidates.length : live;
    if (gone > 0) candidates.splice(0, gone);
    return candidates[0];
  }

  /** By `label`, `{/path}` or `{label/path}`. */
  nodeByReference(reference: string): SourceNode | undefined {
    const { label, path } = referenceText(reference);
    let node = label === undefined ? this.root : this.nodeByLabel(label);
    for (const name of path) node = node?.child(name);
    if (node === undefined) return undefined;
    // The root can be extended even once it is deleted.
    return node.isDeleted && node !== this.root ? undefined : node;
  }

  /** Adds a label in front of the others, or brings it back. */
  addLabel(node: SourceNode, label: SourceLabel): void {
    node.addLabel(label);
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
  for (const label of property.labels) old.addLabel(label);
  old.value = property.value;
  old.place = property.place;
  old.isDeleted = false;
}
