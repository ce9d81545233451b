/** Loops in which nothing but the region changes registers: what they read and write stays in locals while they run. */
import { type Label, label } from '../../wasm/index.ts';
import type { Block } from './region.ts';
import { registersAt } from './registers.ts';
import type { Loop } from './skeleton.ts';

/** A loop, and the registers that are in their locals throughout. */
export interface CarriedLoop {
  readonly loop: Loop;
  readonly registers: number;
  /** Those that are written: the state has them again where the loop is left, by the same ways but each with a label of its own. */
  readonly written: number;
  readonly ways: ReadonlyMap<Label, Way>;
}
export interface Way {
  readonly label: Label;
  isUsed: boolean;
}

/** Those among a region's loops, the outermost. `ways` are the ways out of the region. */
export function findCarriedLoops(
  blocks: readonly Block[],
  loops: readonly Loop[],
  ways: readonly Label[],
): readonly CarriedLoop[] {
  const carried: CarriedLoop[] = [];
  for (const loop of loops) {
    const inside = blocks.slice(loop.from, loop.to + 1);
    const isWithin = carried.some(({ loop: outer }) => outer.from <= loop.from && loop.from <= outer.to);
    if (isWithin || inside.some(({ back }) => back !== undefined)) continue;
    let [read, written] = [0, 0];
    for (const { decoded } of inside.flatMap(({ instructions }) => instructions)) {
      read |= registersAt(decoded.traits.reads, decoded.fields);
      written |= registersAt(decoded.traits.writes, decoded.fields);
    }
    const own = ways.map((way) => [way, { label: label(`${way.name}${loop.from}`), isUsed: false }] as const);
    carried.push({ loop, registers: read | written, written, ways: new Map(written === 0 ? [] : own) });
  }
  return carried;
}
