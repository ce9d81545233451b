/**
 * Reading specifiers: whose they are, how many cells each has, and what a nexus makes of them. After DTSpec 0.4 §2.4
 * and, where that leaves a choice, the kernel's `drivers/of/irq.c`.
 */
import type { DtNode } from '../../tree.ts';
import { cellsOf, cellsProperty, u32Property } from '../../value.ts';
import type { InterruptReason } from '../reasons.ts';
import { PHANDLE_NONE, type TreeIndex } from '../tree-index.ts';

/** A specifier and the controller or nexus that it is written for; `undefined` is an empty place in a list. */
export interface Specifier {
  readonly parent: DtNode;
  readonly cells: readonly number[];
  /** The unit address of the device, which a nexus compares as well. */
  readonly unitAddress: readonly number[];
}

export interface SpecifierProblem {
  readonly reason: InterruptReason;
  readonly at: DtNode;
}
export type SpecifierEntry = Specifier | SpecifierProblem | undefined;

/** No controller has more; a bigger number is a broken tree. */
const MAX_CELLS = 16;
/** What one node may list; real trees have up to 218 interrupts and 128 rows. A hostile one would fill memory. */
const MAX_INTERRUPTS = 2048;

/** Finds interrupt parents, remembering what each node inherits. */
export class InterruptParents {
  readonly #index: TreeIndex;
  readonly #found = new Map<DtNode, DtNode | InterruptReason>();

  constructor(index: TreeIndex) {
    this.#index = index;
  }

  /** The controller or nexus that `interrupts` of a node is written for, or why there is none. */
  of(node: DtNode): DtNode | InterruptReason {
    const passed = new Set<DtNode>();
    let at: DtNode = node;
    let found: DtNode | InterruptReason | undefined;
    while (found === undefined) {
      const known = this.#found.get(at);
      if (known !== undefined) {
        found = known;
        break;
      }
      if (passed.has(at)) {
        found = 'loop';
        break;
      }
      passed.add(at);
      const next = this.#next(at);
      if (next === undefined) found = 'no-parent';
      else if (typeof next === 'string') found = next;
      else if (next.properties.has('#interrupt-cells')) found = next;
      else at = next;
    }
    for (const on of passed) this.#found.set(on, found);
    return found;
  }

  #next(node: DtNode): DtNode | InterruptReason | undefined {
    if (!node.properties.has('interrupt-parent')) return node.parent;
    const phandle = u32Property(node, 'interrupt-parent');
    return (phandle === undefined ? undefined : this.#index.phandles.get(phandle)) ?? 'bad-parent';
  }
}

/** How many cells a specifier for this controller has. */
export function interruptCells(controller: DtNode): number | undefined {
  const count = u32Property(controller, '#interrupt-cells');
  return count === undefined || count > MAX_CELLS ? undefined : count;
}

/** The specifiers of a node, from `interrupts-extended` where it has that (DTSpec 0.4 §2.4.1.2), else `interrupts`. */
export function specifiersOf(
  index: TreeIndex,
  parents: InterruptParents,
  node: DtNode,
): { readonly property: string; readonly entries: readonly SpecifierEntry[] } {
  const extended = node.properties.get('interrupts-extended');
  if (extended !== undefined) {
    return { property: extended.name, entries: readExtended(index, node, cellsOf(extended.value)) };
  }
  const plain = node.properties.get('interrupts');
  if (plain === undefined) return { property: 'interrupts', entries: [] };
  return { property: plain.name, entries: readPlain(parents.of(node), node, cellsOf(plain.value)) };
}

function readPlain(
  parent: DtNode | InterruptReason,
  node: DtNode,
  cells: readonly number[] | undefined,
): readonly SpecifierEntry[] {
  if (typeof parent === 'string') return [{ reason: parent, at: node }];
  const count = interruptCells(parent);
  if (cells === undefined || count === undefined || count === 0) return [{ reason: 'bad-cells', at: node }];
  const unitAddress = cellsProperty(node, 'reg') ?? [];
  if (cells.length / count > MAX_INTERRUPTS) return [{ reason: 'bad-cells', at: node }];
  const entries: SpecifierEntry[] = [];
  for (let at = 0; at < cells.length; at += count) {
    const slice = cells.slice(at, at + count);
    entries.push(
      slice.length === count ? { parent, cells: slice, unitAddress } : { reason: 'bad-cells', at: node },
    );
  }
  return entries;
}

function readExtended(
  index: TreeIndex,
  node: DtNode,
  cells: readonly number[] | undefined,
): readonly SpecifierEntry[] {
  if (cells === undefined) return [{ reason: 'bad-cells', at: node }];
  const unitAddress = cellsProperty(node, 'reg') ?? [];
  const entries: SpecifierEntry[] = [];
  for (let at = 0; at < cells.length; ) {
    if (entries.length === MAX_INTERRUPTS) return [{ reason: 'bad-cells', at: node }];
    const phandle = cells[at] ?? PHANDLE_NONE;
    at += 1;
    if (phandle === PHANDLE_NONE) {
      entries.push(undefined);
      continue;
    }
    const parent = index.phandles.get(phandle);
    const count = parent === undefined ? undefined : interruptCells(parent);
    if (parent === undefined || count === undefined) {
      // How long this entry is can't be known, so neither can where the next one begins.
      entries.push({ reason: parent === undefined ? 'bad-parent' : 'not-a-controller', at: node });
      break;
    }
    const slice = cells.slice(at, at + count);
    entries.push(
      slice.length === count ? { parent, cells: slice, unitAddress } : { reason: 'bad-cells', at: node },
    );
    at += count;
  }
  return entries;
}

/** One row of an `interrupt-map` (DTSpec 0.4 §2.4.3.1). */
export interface MapRow {
  readonly unitAddress: readonly number[];
  readonly specifier: readonly number[];
  readonly to: Specifier;
  /** Where in the property's cells the phandle of the controller above stands. */
  readonly phandleCell: number;
}

/**
 * Reads the `interrupt-map` of a nexus; `undefined` where it can't be read. Rows after a broken one are dropped. In a
 * `bare` map no row has a unit address for the controller above, whatever that controller's `#address-cells` is.
 */
export function interruptMapRows(
  index: TreeIndex,
  nexus: DtNode,
  bare = false,
): readonly MapRow[] | undefined {
  const cells = cellsProperty(nexus, 'interrupt-map');
  const specifierCells = interruptCells(nexus);
  const addressCount = nexusAddressCells(nexus);
  if (cells === undefined || specifierCells === undefined || addressCount > MAX_CELLS) return undefined;
  const rows: MapRow[] = [];
  for (let at = 0; at < cells.length; ) {
    if (rows.length === MAX_INTERRUPTS) return undefined;
    const keyEnd = at + addressCount + specifierCells;
    const parent = index.phandles.get(cells[keyEnd] ?? PHANDLE_NONE);
    const parentCells = parent === undefined ? undefined : interruptCells(parent);
    if (parent === undefined || parentCells === undefined) return rows.length === 0 ? undefined : rows;
    // Here an absent #address-cells is 0, as controllers have no unit addresses (of_irq_parse_raw).
    const parentAddress = bare ? 0 : (u32Property(parent, '#address-cells') ?? 0);
    const specifierAt = keyEnd + 1 + parentAddress;
    const end = specifierAt + parentCells;
    if (end > cells.length) return rows.length === 0 ? undefined : rows;
    rows.push({
      unitAddress: cells.slice(at, at + addressCount),
      specifier: cells.slice(at + addressCount, keyEnd),
      to: {
        parent,
        cells: cells.slice(specifierAt, end),
        unitAddress: cells.slice(keyEnd + 1, specifierAt),
      },
      phandleCell: keyEnd,
    });
    at = end;
  }
  return rows;
}

/** Where a nexus sends a specifier: the first row that agrees under `interrupt-map-mask` (absent: all bits count). */
export function throughMap(rows: readonly MapRow[], nexus: DtNode, from: Specifier): Specifier | undefined {
  const mask = cellsProperty(nexus, 'interrupt-map-mask');
  return rows.find(({ unitAddress, specifier }) => {
    const addressCount = unitAddress.length;
    for (let at = 0; at < addressCount + specifier.length; at += 1) {
      const inAddress = at < addressCount;
      const wanted = inAddress ? unitAddress[at] : specifier[at - addressCount];
      const given = inAddress ? from.unitAddress[at] : from.cells[at - addressCount];
      const bits = mask === undefined ? 0xffff_ffff : (mask[at] ?? 0);
      if ((((given ?? 0) ^ (wanted ?? 0)) & bits) !== 0) return false;
    }
    return true;
  })?.to;
}

/** The kernel looks for a nexus's `#address-cells` in the nodes above as well, and takes 2 at last. */
function nexusAddressCells(nexus: DtNode): number {
  for (let node: DtNode | undefined = nexus; node !== undefined; node = node.parent) {
    const count = u32Property(node, '#address-cells');
    if (count !== undefined) return count;
  }
  return 2;
}
