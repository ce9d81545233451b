/**
 * What a region is made of: basic blocks found from a hot instruction on over direct branches, in its page and the two beside it.
 * Places are counted in instructions from the beginning of the first page, so that a region is the same wherever its pages are mapped.
 */
import type { Shape } from '../definition.ts';
import type { AnyFieldValues } from '../pattern.ts';
import { RECORD_BYTES, RECORDS_PER_PAGE, REGION_PAGE_CELL, REGION_PAGES } from '../state.ts';
import type { Flow } from './flow.ts';
import type { Traits } from './traits.ts';

/** A page of code as a region sees it. */
export interface RegionPage {
  /** How many pages behind the first one. */
  readonly delta: number;
  /** Its records, and the page of memory. */
  readonly records: number;
  readonly host: number;
}

/** An instruction as it was decoded: the same for the same opcode. */
export interface DecodedInstruction {
  readonly opcode: number;
  readonly shape: Shape;
  readonly fields: AnyFieldValues;
  readonly traits: Traits;
  /** Where it branches to, in instructions from itself. */
  readonly distance: number;
}

export interface RegionInstruction {
  readonly decoded: DecodedInstruction;
  readonly page: RegionPage;
  readonly place: number;
}

export interface Block {
  readonly place: number;
  readonly page: RegionPage;
  readonly instructions: readonly RegionInstruction[];
  readonly flow: Flow;
  /** Where it goes on: when its last instruction doesn't branch, when it does, when the call comes back. */
  readonly next: number | undefined;
  readonly target: number | undefined;
  readonly back: number | undefined;
  /** The run loop may come in here. */
  readonly entry: boolean;
}

export interface Region {
  readonly blocks: readonly Block[];
  readonly pages: readonly RegionPage[];
  readonly size: number;
  /** Records where the limit cut a straight line. */
  readonly cuts: readonly { readonly page: RegionPage; readonly record: number }[];
}

/** What a region is found in. */
export interface RegionSource {
  readonly page: (delta: number) => RegionPage | undefined;
  /** `undefined` where nothing was decoded, or what is no instruction. */
  readonly instruction: (page: RegionPage, index: number) => DecodedInstruction | undefined;
  /** Whether another region begins there. */
  readonly isTaken: (record: number) => boolean;
}

export const pageOf = (place: number): number => Math.floor(place / RECORDS_PER_PAGE);
export const indexOf = (place: number): number => place - pageOf(place) * RECORDS_PER_PAGE;
const recordOf = ({ records }: RegionPage, place: number): number => records + indexOf(place) * RECORD_BYTES;

/** Where of a region's pages it is told which records one has. */
export const pageCell = (delta: number): number => (delta - REGION_PAGES.first) * REGION_PAGE_CELL;
/** A place in one number, the same wherever the region's pages are: after this many bits, the page's cell. */
export const OUT_CELL_SHIFT = 14;
export const outPlace = (place: number): number =>
  (pageCell(pageOf(place)) << OUT_CELL_SHIFT) | (indexOf(place) * RECORD_BYTES);

export function findRegion(first: number, source: RegionSource, limit: number): Region | undefined {
  const found = new Map<number, RegionInstruction>();
  const leaders = new Set<number>();
  const entries = new Set<number>();
  const cuts: { page: RegionPage; record: number }[] = [];
  const queue: { readonly place: number; readonly entry: boolean }[] = [{ place: first, entry: true }];
  for (let at = 0; at < queue.length; at++) {
    const { place: start, entry } = queue[at] ?? { place: first, entry: true };
    leaders.add(start);
    if (entry) entries.add(start);
    for (let place = start; !found.has(place); place++) {
      const page = source.page(pageOf(place));
      if (page === undefined) break;
      if (indexOf(place) === 0) leaders.add(place);
      const record = recordOf(page, place);
      if (place !== first && source.isTaken(record)) break;
      const decoded = source.instruction(page, indexOf(place));
      if (decoded === undefined) break;
      if (decoded.traits.flow.kind === 'system') {
        // The interpreter does it, and may come back after it.
        if (place !== first && indexOf(place + 1) !== 0) queue.push({ place: place + 1, entry: true });
        break;
      }
      if (found.size >= limit) {
        if (place !== start) cuts.push({ page, record });
        break;
      }
      found.set(place, { decoded, page, place });
      const { kind } = decoded.traits.flow;
      if (kind === 'plain') continue;
      if (kind === 'conditional') queue.push({ place: place + 1, entry: false });
      if (kind === 'call') queue.push({ place: place + 1, entry: true });
      const target = place + decoded.distance;
      if (kind === 'branch' || kind === 'conditional') queue.push({ place: target, entry: target <= place });
      break;
    }
  }
  if (!found.has(first)) return undefined;
  const blocks = new Map<number, Block>();
  for (const leader of leaders) {
    const block = blockAt(leader, found, leaders, entries.has(leader));
    if (block !== undefined) blocks.set(leader, block);
  }
  const pages = new Set([...found.values()].map(({ page }) => page));
  return { blocks: reversePostorder(first, blocks), pages: [...pages], size: found.size, cuts };
}

function blockAt(
  leader: number,
  found: ReadonlyMap<number, RegionInstruction>,
  leaders: ReadonlySet<number>,
  entry: boolean,
): Block | undefined {
  const instructions: RegionInstruction[] = [];
  let last: RegionInstruction | undefined;
  let place = leader;
  for (;;) {
    const instruction = found.get(place);
    if (instruction === undefined) break;
    instructions.push(instruction);
    last = instruction;
    place++;
    if (instruction.decoded.traits.flow.kind !== 'plain' || leaders.has(place)) break;
  }
  if (last === undefined) return undefined;
  const { distance } = last.decoded;
  const { flow } = last.decoded.traits;
  const goesOn = flow.kind === 'plain' || flow.kind === 'conditional';
  const branches = flow.kind === 'branch' || flow.kind === 'conditional';
  return {
    place: leader,
    page: last.page,
    instructions,
    flow,
    next: goesOn ? place : undefined,
    target: branches ? last.place + distance : undefined,
    back: flow.kind === 'call' && found.has(place) ? place : undefined,
    entry,
  };
}

/**
 * The way to higher addresses is walked first, so that it comes last: loops stay together and what leaves them follows. What only the
 * run loop reaches follows the rest.
 */
function reversePostorder(first: number, blocks: ReadonlyMap<number, Block>): readonly Block[] {
  const seen = new Set<number>();
  const walk = (from: number): Block[] => {
    const order: Block[] = [];
    const visit = (place: number): void => {
      const block = blocks.get(place);
      if (block === undefined || seen.has(place)) return;
      seen.add(place);
      const successors = [block.next, block.target, block.back].filter((to) => to !== undefined);
      for (const to of successors.sort((a, b) => b - a)) visit(to);
      order.push(block);
    };
    visit(from);
    return order.reverse();
  };
  return [first, ...[...blocks.keys()].sort((a, b) => a - b)].flatMap(walk);
}
