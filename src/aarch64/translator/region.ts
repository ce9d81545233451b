/** What a region is made of: basic blocks of one page, found from a hot instruction on over direct branches. */
import type { Shape } from '../definition.ts';
import type { Statement } from '../meaning/value.ts';
import type { AnyFieldValues } from '../pattern.ts';
import { RECORD_BYTES, RECORDS_PER_PAGE } from '../state.ts';

export interface RegionInstruction {
  /** Its place in the page. */
  readonly index: number;
  readonly shape: Shape;
  readonly fields: AnyFieldValues;
}

export interface Block {
  readonly instructions: readonly RegionInstruction[];
  /** Where it goes on when its last instruction doesn't branch. */
  readonly next: number | undefined;
  readonly target: number | undefined;
}

export interface Region {
  readonly entry: number;
  readonly first: number;
  readonly last: number;
  /** In reverse postorder, the entry's first. */
  readonly blocks: readonly Block[];
}

type Flow =
  | { readonly kind: 'plain' | 'jump' | 'system'; readonly target?: never }
  | { readonly kind: 'branch' | 'conditional'; readonly target: number };

export function findRegion(
  entry: number,
  instructionAt: (index: number) => RegionInstruction | undefined,
  limit: number,
): Region | undefined {
  const found = new Map<number, RegionInstruction & { readonly flow: Flow }>();
  const leaders = new Set([entry]);
  const queue = [entry];
  for (let start = queue.shift(); start !== undefined; start = queue.shift()) {
    leaders.add(start);
    for (let index = start; isInPage(index) && !found.has(index) && found.size < limit; index++) {
      const instruction = instructionAt(index);
      if (instruction === undefined) break;
      const flow = flowOf(instruction);
      if (flow.kind === 'system') break;
      found.set(index, { ...instruction, flow });
      if (flow.kind === 'plain') continue;
      if (flow.kind === 'conditional') queue.push(index + 1);
      const { target } = flow;
      if (target !== undefined && isInPage(target) && !isCall(instruction)) queue.push(target);
      break;
    }
  }
  if (!found.has(entry)) return undefined;
  const blocks = new Map<number, Block>();
  for (const leader of leaders) {
    const instructions: RegionInstruction[] = [];
    let flow: Flow = { kind: 'plain' };
    let index = leader;
    for (;;) {
      const instruction = found.get(index);
      if (instruction === undefined) break;
      instructions.push(instruction);
      flow = instruction.flow;
      index++;
      if (flow.kind !== 'plain' || leaders.has(index)) break;
    }
    if (instructions.length === 0) continue;
    blocks.set(leader, {
      instructions,
      next: flow.kind === 'plain' || flow.kind === 'conditional' ? index : undefined,
      target: flow.kind === 'branch' || flow.kind === 'conditional' ? flow.target : undefined,
    });
  }
  const indices = [...found.keys()];
  return {
    entry,
    first: Math.min(...indices),
    last: Math.max(...indices),
    blocks: reversePostorder(entry, blocks),
  };
}

const isInPage = (index: number): boolean => index >= 0 && index < RECORDS_PER_PAGE;

/** A branch that does something before: it links. Its return is a region's entry of its own. */
const isCall = ({ shape }: RegionInstruction): boolean =>
  shape.statements.length > 1 && shape.statements.at(-1)?.kind === 'branch';

function flowOf({ shape, fields, index }: RegionInstruction): Flow {
  if (shape.statements.some(({ kind }) => kind === 'system')) return { kind: 'system' };
  const last = shape.statements.at(-1);
  if (last?.kind === 'jump') return { kind: 'jump' };
  const to = (branch: Statement & { readonly kind: 'branch' }): number =>
    index + Number(branch.delta.derive(fields)) / RECORD_BYTES;
  if (last?.kind === 'branch') return { kind: 'branch', target: to(last) };
  if (last?.kind === 'if') {
    const branch = last.consequent.at(-1);
    if (branch?.kind === 'branch') return { kind: 'conditional', target: to(branch) };
  }
  return { kind: 'plain' };
}

/** The way to higher addresses is walked first, so that it comes last: loops stay together and what leaves them follows. */
function reversePostorder(entry: number, blocks: ReadonlyMap<number, Block>): readonly Block[] {
  const order: Block[] = [];
  const seen = new Set<number>();
  const visit = (index: number): void => {
    const block = blocks.get(index);
    if (block === undefined || seen.has(index)) return;
    seen.add(index);
    const successors = [block.next, block.target].filter((to) => to !== undefined);
    for (const to of successors.sort((a, b) => b - a)) visit(to);
    order.push(block);
  };
  visit(entry);
  return order.reverse();
}
