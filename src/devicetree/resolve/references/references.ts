/**
 * Reads the references that properties hold, by the tables of this folder: which nodes a device wants something of.
 * Problems (a phandle of no node, a provider that doesn't say how many cells follow) stay with the reference.
 */
import type { DtNode, DtProperty } from '../../tree.ts';
import { cellsOf, stringsProperty, u32Property } from '../../value.ts';
import { gicVersionOf } from '../interrupts/gic-specifier.ts';
import { hasBareMap } from '../interrupts/passing.ts';
import { InterruptParents, interruptCells, interruptMapRows } from '../interrupts/specifiers.ts';
import { PHANDLE_INVALID, PHANDLE_NONE, type TreeIndex } from '../tree-index.ts';
import type { PropertyRule, ReferenceKind, Waiting } from './kinds.ts';
import { isPlainProperty } from './plain-properties.ts';
import { STANDARD_PATTERNS, STANDARD_PROPERTIES } from './standard-properties.ts';
import { VENDOR_PATTERNS, VENDOR_PROPERTIES } from './vendor-properties.ts';

/** What keeps a reference from being followed. */
export const REFERENCE_PROBLEMS = {
  'no-such-node': 'no node has this phandle',
  'no-cells': 'the node that it names does not say how many cells follow',
  'cut-short': 'the property ends before the cells that must follow',
  'not-cells': 'the property is no whole number of cells',
} as const;

/** Why a reference leads to no node, or not as it should. */
export type ReferenceProblem = keyof typeof REFERENCE_PROBLEMS;

/** One reference from a property to a node. */
export interface Dependency {
  readonly property: string;
  /** Which of the property's references: counts empty places too, as drivers do. */
  readonly index: number;
  /** From `clock-names` and its like. */
  readonly name?: string;
  readonly kind: ReferenceKind;
  /** The node that the phandle names; absent where there is a problem that hides it. */
  readonly target?: DtNode;
  /** Where in the property's cells the phandle stands. */
  readonly cell: number;
  readonly phandle: number;
  readonly args: readonly number[];
  readonly problem?: ReferenceProblem;
  readonly waits?: Waiting;
}

/** `references`: holds phandles, as the rule says · `plain`: holds none · `unknown`: nobody knows. */
export type PropertyMeaning = PropertyRule | 'plain' | 'unknown';

type Writable<T> = { -readonly [Member in keyof T]: T[Member] };
const NO_ARGUMENTS: readonly number[] = [];
const NO_REFERENCES: readonly Dependency[] = [];

/** Type, number, flags, and the CPUs (arm,gic-v3.yaml). */
const PARTITIONED_CELLS = 4;

/** Far above what any node lists; keeps a hostile property from filling memory. */
const MAX_REFERENCES = 4096;

/** Nodes whose properties are names of the tree, not of a device. */
const NAME_TABLES: ReadonlySet<string> = new Set([
  '__symbols__',
  '__fixups__',
  '__local_fixups__',
  'aliases',
  'chosen',
]);

/** Only the table itself: what stands below `__local_fixups__` mirrors the tree and holds offsets. */
export function isNameTable(node: DtNode): boolean {
  return node.parent !== undefined && node.parent.parent === undefined && NAME_TABLES.has(node.name);
}

/** What names mean, found once for all trees; bounded, as a hostile tree can have any number of names. */
const meanings = new Map<string, PropertyMeaning>();
const MEANINGS_KEPT = 10_000;

/** Reads the references of one tree. */
export class ReferenceReader {
  readonly #index: TreeIndex;
  readonly #parents: InterruptParents;

  constructor(index: TreeIndex) {
    this.#index = index;
    this.#parents = new InterruptParents(index);
  }

  /** What a property's name says of its value. */
  meaningOf(name: string): PropertyMeaning {
    let meaning = meanings.get(name);
    if (meaning === undefined) {
      meaning = propertyMeaning(name);
      if (meanings.size < MEANINGS_KEPT) meanings.set(name, meaning);
    }
    return meaning;
  }

  /** The references in all properties of a node. */
  of(node: DtNode): readonly Dependency[] {
    let all: Dependency[] | undefined;
    for (const property of node.properties.values()) {
      if (typeof this.meaningOf(property.name) === 'string') continue;
      const found = this.in(node, property);
      if (found.length === 0) continue;
      all ??= [];
      for (const reference of found) all.push(reference);
    }
    return all ?? NO_REFERENCES;
  }

  /** The references in one property; empty where its name has no rule. */
  in(node: DtNode, property: DtProperty): readonly Dependency[] {
    const rule = this.meaningOf(property.name);
    if (rule === 'plain' || rule === 'unknown' || property.value.length === 0) return [];
    if (isNameTable(node)) return [];
    // A hog's pins are its parent's own: no phandle (gpio.txt §2).
    if (property.name === 'gpios' && node.properties.has('gpio-hog')) return [];
    const cells = cellsOf(property.value);
    if (cells === undefined) {
      const { kind } = rule;
      return [
        { property: property.name, index: 0, kind, cell: 0, phandle: 0, args: [], problem: 'not-cells' },
      ];
    }
    return this.#read(node, property.name, rule, cells);
  }

  #read(node: DtNode, property: string, rule: PropertyRule, cells: readonly number[]): readonly Dependency[] {
    const names = entryNames(node, rule);
    const state = rule.kind === 'pinctrl' ? pinctrlState(node, property) : undefined;
    const all: Dependency[] = [];
    let index = 0;
    const { kind, waits } = rule;
    const add = (cell: number, args: readonly number[], problem?: ReferenceProblem) => {
      const phandle = cells[cell] ?? PHANDLE_NONE;
      const target = this.#index.phandles.get(phandle);
      const name = state ?? names[index];
      // Built by assignment: a tree has hundreds of these, and spreading optional members costs as much as the rest.
      const found: Writable<Dependency> = { property, index, kind, cell, phandle, args };
      if (target !== undefined) found.target = target;
      if (name !== undefined && name !== '') found.name = name;
      if (waits !== undefined) found.waits = waits;
      const trouble = problem ?? (target === undefined ? 'no-such-node' : undefined);
      if (trouble !== undefined) found.problem = trouble;
      all.push(found);
    };
    switch (rule.form) {
      case 'first':
        add(0, cells.slice(1));
        break;
      case 'rows':
        for (let at = rule.at; at < cells.length && index < MAX_REFERENCES; at += rule.width, index += 1) {
          const start = at - rule.at;
          const args = cells.slice(start, start + rule.width).filter((_, place) => place !== rule.at);
          add(at, args, start + rule.width > cells.length ? 'cut-short' : undefined);
        }
        break;
      case 'address-map': {
        const addressCells = u32Property(node, '#ranges-address-cells') ?? 1;
        const width = 2 * addressCells + 1 + (u32Property(node, '#ranges-size-cells') ?? 1);
        for (let start = 0; start < cells.length && index < MAX_REFERENCES; start += width, index += 1) {
          const at = start + addressCells;
          const args = cells.slice(start, start + width).filter((_, place) => place !== addressCells);
          add(at, args, start + width > cells.length ? 'cut-short' : undefined);
        }
        break;
      }
      case 'id-map': {
        let at = 0;
        while (at + 1 < cells.length && index < MAX_REFERENCES) {
          const provider = this.#index.phandles.get(cells[at + 1] ?? PHANDLE_NONE);
          const said = provider === undefined ? undefined : u32Property(provider, rule.cells);
          const end = at + 3 + (isOldMap(cells, said) ? 1 : (said ?? 1));
          const args = [...cells.slice(at, at + 1), ...cells.slice(at + 2, end)];
          add(at + 1, args, end > cells.length ? 'cut-short' : undefined);
          index += 1;
          at = end;
        }
        break;
      }
      case 'list':
        for (let at = 0; at < cells.length && index < MAX_REFERENCES; index += 1) {
          const phandle = cells[at] ?? PHANDLE_NONE;
          if (phandle === PHANDLE_NONE || phandle === PHANDLE_INVALID) {
            at += 1;
            continue;
          }
          const provider = this.#index.phandles.get(phandle);
          const count = argumentCount(rule, provider);
          const end = at + 1 + (count ?? 0);
          if (provider === undefined || count === undefined || end > cells.length) {
            const problem =
              provider === undefined ? 'no-such-node' : count === undefined ? 'no-cells' : 'cut-short';
            add(at, cells.slice(at + 1), problem);
            break;
          }
          add(at, end === at + 1 ? NO_ARGUMENTS : cells.slice(at + 1, end));
          // A channel of TI's mailboxes is named by the phandle of its node inside the mailbox (ti,omap-mailbox.yaml).
          if (rule.kind === 'mailbox' && this.#index.phandles.get(cells[at + 1] ?? 0)?.parent === provider)
            add(at + 1, []);
          at = end;
        }
        break;
      case 'partitions': {
        const controller = this.#parents.of(node);
        if (typeof controller === 'string' || interruptCells(controller) !== PARTITIONED_CELLS) break;
        if (gicVersionOf(this.#index, controller) !== 3) break;
        for (
          let at = PARTITIONED_CELLS - 1;
          at < cells.length && index < MAX_REFERENCES;
          at += PARTITIONED_CELLS
        ) {
          if (cells[at] !== PHANDLE_NONE) add(at, []);
          index += 1;
        }
        break;
      }
      case 'interrupt-map': {
        const bare = hasBareMap(this.#index, node);
        for (const { phandleCell, to } of interruptMapRows(this.#index, node, bare) ?? []) {
          add(phandleCell, [...to.unitAddress, ...to.cells]);
          index += 1;
        }
        break;
      }
    }
    return all;
  }
}

/** All entries of `pinctrl-N` make up the state that entry N of `pinctrl-names` names (pinctrl-bindings.txt). */
function pinctrlState(node: DtNode, property: string): string | undefined {
  return stringsProperty(node, 'pinctrl-names')?.[Number(property.slice('pinctrl-'.length))];
}

/** `clock-names` for `clocks`, and so on. */
function entryNames(node: DtNode, rule: PropertyRule): readonly string[] {
  if (rule.names === undefined || !node.properties.has(rule.names)) return [];
  return stringsProperty(node, rule.names) ?? [];
}

const OLD_MAP_ROW = 4;

/**
 * Boards wrote one cell for an IOMMU with two, all to the same IOMMU and each for one identifier, before Linux minded
 * (its `of_check_bad_map`).
 */
function isOldMap(cells: readonly number[], said: number | undefined): boolean {
  if (said !== 2 || cells.length % OLD_MAP_ROW !== 0) return false;
  for (let at = 0; at < cells.length; at += OLD_MAP_ROW) {
    if (cells[at + 1] !== cells[1] || cells[at + 3] !== 1) return false;
  }
  return true;
}

function argumentCount(
  rule: { readonly cells?: string; readonly absent?: number },
  provider: DtNode | undefined,
): number | undefined {
  if (rule.cells === undefined) return rule.absent ?? 0;
  return (provider === undefined ? undefined : u32Property(provider, rule.cells)) ?? rule.absent;
}

/** What a property's name says of its value. */
export function propertyMeaning(name: string): PropertyMeaning {
  if (Object.hasOwn(STANDARD_PROPERTIES, name)) return STANDARD_PROPERTIES[name] ?? 'unknown';
  if (Object.hasOwn(VENDOR_PROPERTIES, name)) return VENDOR_PROPERTIES[name] ?? 'unknown';
  if (isPlainProperty(name)) return 'plain';
  for (const [pattern, rule] of STANDARD_PATTERNS) if (pattern.test(name)) return rule;
  for (const [pattern, rule] of VENDOR_PATTERNS) if (pattern.test(name)) return rule;
  return 'unknown';
}
