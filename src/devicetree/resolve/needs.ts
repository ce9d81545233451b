/**
 * Everything a device needs, and why: the closure over references, interrupt controllers and the buses above.
 * Each node is in it once, with the shortest reason first; every other reason is kept as an edge.
 */
import type { DtNode } from '../tree.ts';
import type { Board, Suspect } from './board.ts';
import { isPlainBus } from './bus.ts';
import type { Interrupt } from './interrupts/interrupt.ts';
import type { Dependency } from './references/references.ts';
import { compatibleIn, isEnabledIn, ownerIn } from './tree-index.ts';

/** Why one node needs another. */
export type NeedReason =
  | { readonly kind: 'reference'; readonly dependency: Dependency }
  /** The device's own interrupt parent, or a controller further along its chain. */
  | { readonly kind: 'interrupt'; readonly interrupt: Interrupt }
  /** The bus controller or device above, without which the node is not there. */
  | { readonly kind: 'parent' }
  /** A device below one that was asked for. */
  | { readonly kind: 'child' }
  /** A node inside a device that holds registers of it: the banks of a pin controller. */
  | { readonly kind: 'part' }
  /** A value that looks like a phandle in a property that nobody knows. */
  | { readonly kind: 'suspect'; readonly suspect: Suspect };

/** One reference by which a node came to be needed. */
export interface NeedEdge {
  /** The needed node's user: a device, or settings that belong to one. */
  readonly from: DtNode;
  /** The node whose property says so; differs from `from` for settings inside a device. */
  readonly holder: DtNode;
  readonly to: DtNode;
  readonly reason: NeedReason;
}

/** A node that is needed, with every reference that leads to it. */
export interface Need {
  readonly node: DtNode;
  /** The first and shortest reason; absent for the nodes that were asked for. */
  readonly because?: NeedEdge;
  /**
   * Why its own needs are not followed: it is not enabled, it is the GIC or a CPU, which every system has, or it is only
   * suspected.
   */
  readonly leaf?: 'not-enabled' | 'gic' | 'cpu' | 'suspect';
}

/** What the nodes that one began with need, and what can't be followed. */
export interface Needs {
  /** In order of distance from what was asked for. */
  readonly needs: readonly Need[];
  /** Every reason found, the ones in `needs` included. */
  readonly edges: readonly NeedEdge[];
  /** References that lead nowhere, with their holders. */
  readonly dangling: readonly { readonly node: DtNode; readonly dependency: Dependency }[];
}

/** What the nodes need, and what that needs, to the end. Loops end where they began. */
export function needsOf(board: Board, asked: readonly DtNode[]): Needs {
  return new Closure(board).run(asked);
}

class Closure {
  readonly #board: Board;
  readonly #needs = new Map<DtNode, Need>();
  readonly #edges: NeedEdge[] = [];
  readonly #dangling: { node: DtNode; dependency: Dependency }[] = [];
  readonly #queue: DtNode[] = [];
  readonly #suspects = new Map<DtNode, Suspect[]>();

  constructor(board: Board) {
    this.#board = board;
    for (const suspect of board.suspects) {
      const known = this.#suspects.get(suspect.node);
      if (known === undefined) this.#suspects.set(suspect.node, [suspect]);
      else known.push(suspect);
    }
  }

  run(asked: readonly DtNode[]): Needs {
    for (const node of asked) {
      if (this.#needs.has(node)) continue;
      this.#needs.set(node, { node });
      this.#queue.push(node);
    }
    const wanted = new Set(asked);
    for (let at = 0; at < this.#queue.length; at += 1) {
      const node = this.#queue[at] as DtNode;
      this.#follow(node, wanted.has(node));
    }
    return { needs: [...this.#needs.values()], edges: this.#edges, dangling: this.#dangling };
  }

  #follow(node: DtNode, isAsked: boolean): void {
    this.#referencesAndInterrupts(node, node);
    this.#parent(node);
    this.#below(node, isAsked);
  }

  #referencesAndInterrupts(from: DtNode, holder: DtNode): void {
    for (const dependency of this.#board.referencesOf(holder)) {
      const { target, kind, problem } = dependency;
      if (problem !== undefined) this.#dangling.push({ node: holder, dependency });
      // Interrupt controllers come from the resolved chain, which knows more than the property.
      if (target === undefined || (kind === 'interrupt' && dependency.property !== 'wakeup-parent')) continue;
      this.#add(
        { from, holder, to: target, reason: { kind: 'reference', dependency } },
        this.#leaf(target, kind),
      );
    }
    const device = this.#board.deviceOf(holder);
    for (const interrupt of device?.interrupts ?? []) this.#controllers(from, holder, interrupt);
    for (const suspect of this.#suspects.get(holder) ?? []) {
      this.#add({ from, holder, to: suspect.target, reason: { kind: 'suspect', suspect } }, 'suspect');
    }
  }

  /**
   * The first controller that is not the node itself. One that gathers its inputs names interrupts of its own, and brings
   * the next with them; one that hands a specifier on does not, so the next is found here.
   */
  #controllers(from: DtNode, holder: DtNode, interrupt: Interrupt): void {
    const reason = { kind: 'interrupt', interrupt } as const;
    let user = from;
    for (const { controller, step } of interrupt.chain) {
      if (controller === holder) continue;
      this.#add({ from: user, holder, to: controller, reason }, this.#leaf(controller, 'interrupt'));
      if (step === undefined || step === 'cascades') return;
      user = controller;
    }
  }

  /** The device above: settings belong to it, devices hang off it. Plain buses are passed. */
  #parent(node: DtNode): void {
    const { index } = this.#board;
    let above = node.parent === undefined ? undefined : ownerIn(index, node.parent);
    while (above?.parent !== undefined && isPlainBus(compatibleIn(index, above))) {
      this.#referencesAndInterrupts(node, above);
      above = ownerIn(index, above.parent);
    }
    if (above === undefined) return;
    this.#add(
      { from: node, holder: node, to: above, reason: { kind: 'parent' } },
      this.#leaf(above, 'device'),
    );
  }

  /**
   * Nodes without a `compatible` are parts of the device above. Their references count where the device was asked for,
   * or is itself a part; their registers always. Devices below one that was asked for are asked for too.
   */
  #below(top: DtNode, isAsked: boolean): void {
    const countsSettings = isAsked || !top.properties.has('compatible');
    const pending = [...top.children.values()];
    for (let at = 0; at < pending.length; at += 1) {
      const node = pending[at] as DtNode;
      if (!isEnabledIn(this.#board.index, node)) continue;
      const isDevice = node.properties.has('compatible');
      if (isDevice && !isAsked) continue;
      const hasRegisters = this.#board.deviceOf(node)?.regs.some(({ cpu }) => cpu !== undefined) === true;
      if (isDevice || hasRegisters) {
        const reason = { kind: isDevice ? 'child' : 'part' } as const;
        this.#add({ from: top, holder: node, to: node, reason }, undefined);
      } else if (countsSettings) {
        this.#referencesAndInterrupts(top, node);
      }
      pending.push(...node.children.values());
    }
  }

  #leaf(node: DtNode, kind: Dependency['kind']): Need['leaf'] {
    if (kind === 'cpu') return 'cpu';
    if (node === this.#board.gic?.node) return 'gic';
    return isEnabledIn(this.#board.index, node) ? undefined : 'not-enabled';
  }

  #add(edge: NeedEdge, leaf: Need['leaf']): void {
    if (edge.to === edge.from) return;
    this.#edges.push(edge);
    const known = this.#needs.get(edge.to);
    if (known !== undefined && !(known.leaf === 'suspect' && leaf === undefined)) return;
    this.#needs.set(edge.to, { node: edge.to, because: edge, ...(leaf === undefined ? {} : { leaf }) });
    if (leaf === undefined) this.#queue.push(edge.to);
  }
}
