/**
 * The device tree as a value: nodes with ordered properties and children, and what a property's bytes say.
 * No meaning beyond DTSpec 0.4 §2.2: addresses, interrupts and phandles are `resolve/`'s subject.
 *
 * The tree is mutable, because overlays, `/delete-node/` and the guest's tree are edits; a reader makes a new tree, and
 * {@link cloneTree} gives one to edit.
 */
import type { SourcePosition } from '../base/index.ts';

/** A place in a property's value that its bytes alone do not tell: kept for printing and for overlays' fixups. */
export interface DtMarker {
  /** Offset in the value, in bytes. */
  readonly offsetBytes: number;
  /**
   * `label`: a label stands here · `phandle-ref`: these four bytes are the phandle of `text` (a label, or a path in
   * braces) · `path-ref`: here starts the path of `text` · the rest: how the source wrote what follows.
   */
  readonly kind:
    | 'label'
    | 'phandle-ref'
    | 'path-ref'
    | 'cells8'
    | 'cells16'
    | 'cells32'
    | 'cells64'
    | 'string'
    | 'bytes';
  readonly text?: string;
}

/** A property: its name, its bytes as in a blob, and where it was written, where that is known. */
export interface DtProperty {
  readonly name: string;
  /** The bytes as the DTB holds them, big-endian. Never changed in place. */
  readonly value: Uint8Array;
  readonly labels?: readonly string[];
  readonly markers?: readonly DtMarker[];
  /** Where a source wrote it; for a DTB, the offset of its token. */
  readonly position?: SourcePosition;
}

/** An entry of the memory reservation block (DTSpec 0.4 §5.3). */
export interface MemoryReservation {
  readonly address: bigint;
  readonly sizeBytes: bigint;
  readonly labels?: readonly string[];
}

const NO_CHILDREN: ReadonlyMap<string, DtNode> = new Map();

/** A node with its properties and children, both in order. Names are unique among siblings. */
export class DtNode {
  /** With its unit address: `serial@3000`; the root's is empty. */
  readonly name: string;
  readonly properties = new Map<string, DtProperty>();
  labels: readonly string[] = [];
  position: SourcePosition | undefined;
  #parent: DtNode | undefined;
  /** Made with the first child: most nodes are leaves, and a hostile tree is all leaves. */
  #children: Map<string, DtNode> | undefined;
  /** Children by their names without unit addresses, made when asked for; `undefined` where several are alike. */
  #childrenByBaseName: Map<string, DtNode | undefined> | undefined;

  constructor(name: string) {
    this.name = name;
  }

  /** By name, in order. Add and remove with {@link addChild} and {@link removeChild}, which keep `parent` true. */
  get children(): ReadonlyMap<string, DtNode> {
    return this.#children ?? NO_CHILDREN;
  }

  get parent(): DtNode | undefined {
    return this.#parent;
  }

  /** The name without its unit address (DTSpec 0.4 §2.2.1). */
  get baseName(): string {
    const at = this.name.indexOf('@');
    return at < 0 ? this.name : this.name.slice(0, at);
  }

  /** What follows `@` in the name. */
  get unitAddress(): string | undefined {
    const at = this.name.indexOf('@');
    return at < 0 ? undefined : this.name.slice(at + 1);
  }

  /** The full path, `/` for the root. */
  get path(): string {
    const names: string[] = [];
    for (let node: DtNode | undefined = this; node?.parent !== undefined; node = node.parent)
      names.push(node.name);
    return `/${names.reverse().join('/')}`;
  }

  addChild(child: DtNode): DtNode {
    child.#parent = this;
    this.#children ??= new Map();
    this.#children.set(child.name, child);
    this.#childrenByBaseName = undefined;
    return child;
  }

  removeChild(name: string): void {
    const child = this.children.get(name);
    if (child !== undefined) child.#parent = undefined;
    this.#children?.delete(name);
    this.#childrenByBaseName = undefined;
  }

  /** The one child with this name before its unit address. */
  childOfBaseName(baseName: string): DtNode | undefined {
    if (this.#childrenByBaseName === undefined) {
      const byBaseName = new Map<string, DtNode | undefined>();
      for (const child of this.children.values()) {
        byBaseName.set(child.baseName, byBaseName.has(child.baseName) ? undefined : child);
      }
      this.#childrenByBaseName = byBaseName;
    }
    return this.#childrenByBaseName.get(baseName);
  }

  setProperty(property: DtProperty): void {
    this.properties.set(property.name, property);
  }
}

/** A whole tree: the root, the memory reservations and the boot CPU's number. */
export interface DeviceTree {
  readonly root: DtNode;
  readonly memoryReservations: readonly MemoryReservation[];
  /** `boot_cpuid_phys` of the DTB header (DTSpec 0.4 §5.2). */
  readonly bootCpuidPhys: number;
}

/** Every node from `top` down, parents before children, in order. Does not recurse: trees may be very deep. */
export function* nodesUnder(top: DtNode): Generator<DtNode> {
  const pending = [top];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    yield node;
    if (node.children.size === 0) continue;
    const children = [...node.children.values()];
    for (let index = children.length - 1; index >= 0; index--) pending.push(children[index] as DtNode);
  }
}

/** Visits `top` and every node below it: `enter` before its children, `leave` after them. Does not recurse either. */
export function walkNodes(top: DtNode, enter: (node: DtNode) => void, leave: (node: DtNode) => void): void {
  enter(top);
  const open = [{ node: top, children: top.children.values() }];
  for (let last = open.at(-1); last !== undefined; last = open.at(-1)) {
    const next = last.children.next();
    if (next.done === true) {
      leave(last.node);
      open.pop();
    } else {
      enter(next.value);
      open.push({ node: next.value, children: next.value.children.values() });
    }
  }
}

/**
 * The node at a path such as `/soc/serial@3000`. A unit address may be left out where only one child has that base
 * name, as `libfdt` and the kernel allow.
 */
export function nodeAtPath(root: DtNode, path: string): DtNode | undefined {
  let node: DtNode | undefined = root;
  for (const name of path.split('/')) {
    if (name === '') continue;
    node = node.children.get(name) ?? node.childOfBaseName(name);
    if (node === undefined) return undefined;
  }
  return node;
}

/** A copy that shares nothing that can be edited with the original. */
export function cloneTree(tree: DeviceTree): DeviceTree {
  return { ...tree, root: cloneNode(tree.root) };
}

/** A copy of a node and all below it, without a parent. */
export function cloneNode(top: DtNode): DtNode {
  const copies = new Map<DtNode, DtNode>();
  for (const node of nodesUnder(top)) {
    const copy = new DtNode(node.name);
    copy.labels = node.labels;
    copy.position = node.position;
    for (const property of node.properties.values()) copy.setProperty(property);
    copies.set(node, copy);
    if (node !== top && node.parent !== undefined) copies.get(node.parent)?.addChild(copy);
  }
  return copies.get(top) as DtNode;
}
