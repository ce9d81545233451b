/**
 * Control flow in WebAssembly's form: blocks in a given order, loops as stretches of it, branches forward as ends of nested blocks. What
 * comes from outside, and a branch into the middle of a loop, goes by a number and a `br_table` at the head of each level.
 */
import { type Expr, get, i32, type Label, type Local, label, op, type Stmt, set } from '../../wasm/index.ts';

/** What is arranged: for each block, where it may go on. */
export interface SkeletonInput {
  readonly successors: readonly (readonly number[])[];
  /** Blocks where execution may begin. */
  readonly entries: readonly number[];
  /** Holds the number of the block to begin at. */
  readonly target: Local<'i32'>;
  /** A block's statements; `to` gives what branches to another block, nothing where that follows. */
  readonly body: (position: number, to: (position: number) => readonly Stmt[]) => readonly Stmt[];
  /** What is done on every way into a loop from outside it. */
  readonly beforeLoop?: (loop: Loop) => readonly Stmt[];
}

/** Blocks `from` to `to`, of which the first is branched back to. */
export interface Loop {
  readonly from: number;
  readonly to: number;
}

interface Item {
  readonly from: number;
  readonly to: number;
  readonly loop: Loop | undefined;
}

const NOWHERE = -1;

export class Skeleton {
  readonly #input: SkeletonInput;
  readonly #loops: ReadonlyMap<number, Loop>;
  /** Edges that go by number, as from × count + to; and the blocks that are gone to so. */
  readonly #hard = new Set<number>();
  readonly #dispatched = new Set<number>();
  readonly #forward = new Map<number, Label>();
  readonly #backward = new Map<number, Label>();
  readonly #again = label('again');

  constructor(input: SkeletonInput) {
    this.#input = input;
    this.#loops = this.#findLoops();
    const { successors, entries } = input;
    for (const [from, list] of successors.entries()) {
      for (const to of list) {
        if (to <= from || !this.#entersLoop(from, to)) continue;
        this.#hard.add(this.#edge(from, to));
        this.#dispatched.add(to);
      }
    }
    if (entries.length > 1 || entries[0] !== 0) for (const entry of entries) this.#dispatched.add(entry);
  }

  statements(): readonly Stmt[] {
    const inner = this.#level(0, this.#input.successors.length, undefined);
    return this.#hard.size === 0 ? inner : [{ kind: 'loop', label: this.#again, body: inner }];
  }

  /** Outer ones before those within. */
  get loops(): readonly Loop[] {
    return [...this.#loops.values()].sort((a, b) => a.from - b.from || b.to - a.to);
  }

  /** Whether a block may be begun at by its number. */
  isDispatched(position: number): boolean {
    return this.#dispatched.has(position);
  }

  /** Whether a branch goes by number, out of every loop and in again. */
  isHard(from: number, to: number): boolean {
    return this.#hard.has(this.#edge(from, to));
  }

  #edge(from: number, to: number): number {
    return from * this.#input.successors.length + to;
  }

  /** For each block that is branched back to, its loop. Loops nest: what overlaps becomes one. */
  #findLoops(): ReadonlyMap<number, Loop> {
    const loops = new Map<number, { readonly from: number; to: number }>();
    for (const [from, list] of this.#input.successors.entries()) {
      for (const to of list) {
        if (to > from) continue;
        const known = loops.get(to);
        if (known === undefined) loops.set(to, { from: to, to: from });
        else known.to = Math.max(known.to, from);
      }
    }
    const all = [...loops.values()];
    for (let changed = true; changed; ) {
      changed = false;
      for (const outer of all) {
        for (const inner of all) {
          if (outer.from >= inner.from || inner.from > outer.to || inner.to <= outer.to) continue;
          outer.to = inner.to;
          changed = true;
        }
      }
    }
    return loops;
  }

  /** Whether a branch forward gets into a loop elsewhere than at its head. */
  #entersLoop(from: number, to: number): boolean {
    for (const loop of this.#loops.values()) {
      if (loop.from < to && to <= loop.to && (from < loop.from || from > loop.to)) return true;
    }
    return false;
  }

  /** Blocks `from` to `end`; `opened` is the loop that they are. */
  #level(from: number, end: number, opened: Loop | undefined): readonly Stmt[] {
    const items: Item[] = [];
    for (let start = from; start < end; ) {
      const loop = this.#loops.get(start);
      const own = loop === opened ? undefined : loop;
      const last = own?.to ?? start;
      items.push({ from: start, to: last, loop: own });
      start = last + 1;
    }
    const labels = items.map(({ from: first }) => label(`block${first}`));
    const inside = [...this.#dispatched].filter((block) => block >= from && block < end);
    for (const [index, { from: first }] of items.entries()) {
      if (index > 0) this.#forward.set(first, labels[index] as Label);
    }
    let body: readonly Stmt[] = inside.length === 0 ? [] : this.#table(inside, items, labels);
    for (const [index, item] of items.entries()) {
      if (index > 0 || inside.length > 0) {
        body = [{ kind: 'block', label: labels[index] as Label, body }];
      }
      if (index > 0) this.#forward.delete(item.from);
      body = [...body, ...this.#item(item, items[index + 1]?.from)];
    }
    return body;
  }

  #table(inside: readonly number[], items: readonly Item[], labels: readonly Label[]): readonly Stmt[] {
    const least = Math.min(...inside);
    const otherwise = labels[0] as Label;
    const targets = Array.from({ length: Math.max(...inside) - least + 1 }, (_, index) => {
      const block = least + index;
      const item = items.findIndex(({ from, to }) => from <= block && block <= to);
      return this.#dispatched.has(block) ? (labels[item] as Label) : otherwise;
    });
    const index: Expr<'i32'> = op('i32.sub', get(this.#input.target), i32(least));
    return [{ kind: 'br-table', labels: targets, otherwise, index }];
  }

  #item({ from, to, loop }: Item, next: number | undefined): readonly Stmt[] {
    if (loop !== undefined) {
      const again = label(`loop${from}`);
      this.#backward.set(from, again);
      const body = this.#level(from, to + 1, loop);
      this.#backward.delete(from);
      const before = this.#input.beforeLoop?.(loop) ?? [];
      return [...before, { kind: 'loop', label: again, body }];
    }
    // Within a loop the head's table must not lead here again.
    const arrived = this.#dispatched.has(from) ? [set(this.#input.target, i32(NOWHERE))] : [];
    return [...arrived, ...this.#input.body(from, (position) => this.#go(from, position, next))];
  }

  #go(from: number, to: number, next: number | undefined): readonly Stmt[] {
    if (to <= from) return [{ kind: 'br', label: this.#backward.get(to) as Label }];
    if (this.#hard.has(this.#edge(from, to))) {
      return [set(this.#input.target, i32(to)), { kind: 'br', label: this.#again }];
    }
    const ahead = this.#forward.get(to);
    if (ahead !== undefined) return [{ kind: 'br', label: ahead }];
    if (to !== next) throw new Error(`no way from block ${from} to ${to}`);
    return [];
  }
}
