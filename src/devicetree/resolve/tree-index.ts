/**
 * What every part of the resolved view looks up: nodes in order, their paths, phandles, and status.
 * Built in one pass over the tree. After DTSpec 0.4 §2.3.3 (phandle) and §2.3.4 (status).
 */
import { phandleOf } from '../source/references.ts';
import type { DeviceTree, DtNode } from '../tree.ts';
import { stringProperty, stringsOf } from '../value.ts';

/** What a node's own `status` says (DTSpec 0.4 §2.3.4); absent is `okay`. `unknown` is any other text. */
export type OwnStatus = 'okay' | 'disabled' | 'reserved' | 'fail' | 'unknown';

/** What a node's `status`, and those above it, say of it (DTSpec 0.4 §2.3.4). */
export interface DeviceStatus {
  readonly own: OwnStatus;
  /** The text of `status` where there is one: `ok`, `fail-sss` and their like are kept as written. */
  readonly text?: string;
  /**
   * Whether an operating system uses the node: its own status is `okay` or `ok`, and so is that of every node above.
   */
  readonly enabled: boolean;
  /** The nearest node above that isn't enabled, where it is that one which takes this node away. */
  readonly disabledBy?: DtNode;
}

/** What is looked up again and again in a tree: nodes by phandle, `compatible`, cells. */
export interface TreeIndex {
  readonly tree: DeviceTree;
  /** Every node, parents before children, the root first; without the mirror below `/__local_fixups__`. */
  readonly nodes: readonly DtNode[];
  readonly phandles: ReadonlyMap<number, DtNode>;
  /** Phandles that more than one node claims, with the nodes after the first. */
  readonly duplicatePhandles: readonly { readonly phandle: number; readonly node: DtNode }[];
  /** What is known of every node of {@link nodes}: see `pathIn` and its like. */
  readonly facts: ReadonlyMap<DtNode, NodeFacts>;
}

/** What the index knows of a node. One object a node: with hundreds of boards the maps are what costs. */
interface NodeFacts {
  readonly path: string;
  readonly status: DeviceStatus;
  /** Its `compatible`; empty where it has none, or one that is no list of strings. */
  readonly compatible: readonly string[];
  readonly owner: DtNode | undefined;
}

const NO_STRINGS: readonly string[] = [];
const OKAY: DeviceStatus = { own: 'okay', enabled: true };
/** The two phandles that name no node: dtc refuses them, lists use them for an empty place. */
export const PHANDLE_NONE = 0;
export const PHANDLE_INVALID = 0xffff_ffff;

export function indexTree(tree: DeviceTree): TreeIndex {
  const nodes: DtNode[] = [];
  const phandles = new Map<number, DtNode>();
  const duplicatePhandles: { phandle: number; node: DtNode }[] = [];
  const facts = new Map<DtNode, NodeFacts>();
  const pending: DtNode[] = [tree.root];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    nodes.push(node);
    facts.set(node, factsOf(node, node.parent === undefined ? undefined : facts.get(node.parent)));
    const phandle = node.properties.size === 0 ? undefined : phandleOf(node);
    if (phandle !== undefined && phandle !== PHANDLE_NONE && phandle !== PHANDLE_INVALID) {
      if (phandles.has(phandle)) duplicatePhandles.push({ phandle, node });
      else phandles.set(phandle, node);
    }
    if (node.children.size === 0 || isFixupsMirror(node)) continue;
    const children = [...node.children.values()];
    for (let index = children.length - 1; index >= 0; index -= 1) pending.push(children[index] as DtNode);
  }
  return { tree, nodes, phandles, duplicatePhandles, facts };
}

function factsOf(node: DtNode, above: NodeFacts | undefined): NodeFacts {
  const compatible = node.properties.get('compatible');
  return {
    path: pathBelow(node, above),
    status: statusOf(node, above?.status ?? OKAY),
    compatible: compatible === undefined ? NO_STRINGS : (stringsOf(compatible.value) ?? NO_STRINGS),
    owner: above === undefined ? undefined : compatible === undefined ? above.owner : node,
  };
}

/** Below it the nodes of the tree are there once more, with offsets in place of values: no nodes of the board. */
function isFixupsMirror(node: DtNode): boolean {
  return node.name === '__local_fixups__' && node.parent !== undefined && node.parent.parent === undefined;
}

function pathBelow(node: DtNode, above: NodeFacts | undefined): string {
  if (above === undefined) return '/';
  return above.path === '/' ? `/${node.name}` : `${above.path}/${node.name}`;
}

function statusOf(node: DtNode, above: DeviceStatus): DeviceStatus {
  const property = node.properties.get('status');
  if (property === undefined && above === OKAY) return OKAY;
  const text = property === undefined ? 'okay' : (stringProperty(node, 'status') ?? '');
  const own = ownStatus(text);
  const disabledBy = above.own === 'okay' ? above.disabledBy : node.parent;
  return {
    own,
    ...(property === undefined ? {} : { text }),
    enabled: own === 'okay' && above.enabled,
    ...(disabledBy === undefined ? {} : { disabledBy }),
  };
}

function ownStatus(text: string): OwnStatus {
  if (text === 'okay' || text === 'ok') return 'okay';
  if (text === 'disabled' || text === 'reserved') return text;
  return text === 'fail' || text.startsWith('fail-') ? 'fail' : 'unknown';
}

/** The path of a node of the indexed tree. */
export function pathIn(index: TreeIndex, node: DtNode): string {
  return index.facts.get(node)?.path ?? node.path;
}

/** The status of a node, kept in the index. */
export function statusIn(index: TreeIndex, node: DtNode): DeviceStatus {
  return index.facts.get(node)?.status ?? OKAY;
}

/** Whether a node of the indexed tree is used, and all above it. */
export function isEnabledIn(index: TreeIndex, node: DtNode): boolean {
  return index.facts.get(node)?.status.enabled === true;
}

/** What a node of the indexed tree says it is compatible with; empty where it says nothing. */
export function compatibleIn(index: TreeIndex, node: DtNode): readonly string[] {
  return index.facts.get(node)?.compatible ?? NO_STRINGS;
}

/**
 * The device that a node belongs to: the node itself or the nearest above it that has a `compatible`; none for nodes
 * that belong to the tree alone (`/cpus`, `/chosen`).
 */
export function ownerIn(index: TreeIndex, node: DtNode): DtNode | undefined {
  return index.facts.get(node)?.owner;
}
