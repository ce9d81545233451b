/**
 * Prints a tree as device tree source that dtc takes and that gives the same tree: the same properties, values and
 * order. Where a source said how it wrote a value (its markers), that is kept; else the value's type is guessed by dtc's
 * own rules, and string lists are written as lists. Printing what was printed changes nothing.
 *
 * Not in the text: `boot_cpuid_phys`, which source has no way to write (dtc takes it from the first CPU's `reg`).
 * Names that source can't write are printed with escapes, and dtc refuses them; readers report them.
 */
import { printableName } from '../names.ts';
import { isOverlay } from '../overlay/is-overlay.ts';
import { type DeviceTree, type DtNode, type DtProperty, walkNodes } from '../tree.ts';
import { printValue, type ReferencePrinter } from './print-value.ts';
import { labelsOf, referencePrinter } from './references.ts';

/** Which cells of a property are phandles, for {@link PrintDtsOptions}. */
export type PhandleFinder = (node: DtNode, property: DtProperty) => readonly number[];

/** Where labels and references come from when the tree does not know them any more. */
export interface PrintDtsOptions {
  /** Take labels from `/__symbols__` too, where the tree has it. */
  readonly symbolLabels?: boolean;
  /**
   * Offsets, in bytes, of the cells of a property that are phandles. They are written as `&label` where the node has a
   * label, else named in a comment.
   */
  readonly phandles?: PhandleFinder;
}

/** The deepest indentation; trees may be nested deeper, but then nobody reads them. */
const INDENT_LEVELS = 24;

/** The whole tree, from `/dts-v1/;` on; an overlay says `/plugin/`, so that it is one when it is read again. */
export function printDts(tree: DeviceTree, options: PrintDtsOptions = {}): string {
  const lines = ['/dts-v1/;', ...(isOverlay(tree) ? ['/plugin/;'] : []), ''];
  for (const { address, sizeBytes, labels = [] } of tree.memoryReservations) {
    lines.push(`${labelPrefix(labels)}/memreserve/ ${wideHex(address)} ${wideHex(sizeBytes)};`);
  }
  if (tree.memoryReservations.length > 0) lines.push('');
  printNodes(tree.root, tree.root, options, lines);
  return lines.join('\n');
}

/** One node and all below it, as it stands in the source of its tree. */
export function printDtsNode(root: DtNode, node: DtNode, options: PrintDtsOptions = {}): string {
  const lines: string[] = [];
  printNodes(root, node, options, lines);
  return lines.join('\n');
}

/** Adds the lines of `top`, and an empty one, so that they end with a newline when joined. */
function printNodes(root: DtNode, top: DtNode, options: PrintDtsOptions, lines: string[]): void {
  const labels = labelsOf(root, options.symbolLabels === true);
  const references = referencePrinter(root, labels);
  let level = 0;
  const enter = (node: DtNode): void => {
    if (node !== top) lines.push('');
    const isRoot = node.parent === undefined && node.name === '';
    const head = isRoot ? '/' : `${labelPrefix(labels.get(node) ?? [])}${printableName(node.name)}`;
    lines.push(`${indent(level)}${head} {`);
    level += 1;
    for (const property of node.properties.values()) {
      lines.push(`${indent(level)}${printProperty(node, property, references, options)}`);
    }
  };
  const leave = (): void => {
    level -= 1;
    lines.push(`${indent(level)}};`);
  };
  walkNodes(top, enter, leave);
  // The grammar has no label before `/`, and one before a reference; the last label read comes first.
  if (top === root) {
    for (const label of [...(labels.get(root) ?? [])].reverse()) lines.push('', `${label}: &{/} {`, '};');
  }
  lines.push('');
}

function printProperty(
  node: DtNode,
  property: DtProperty,
  references: ReferencePrinter,
  options: PrintDtsOptions,
): string {
  const { name, value, labels = [] } = property;
  const head = `${labelPrefix(labels)}${printableName(name)}`;
  if (value.length === 0 && property.markers === undefined) return `${head};`;
  const phandles = options.phandles?.(node, property) ?? [];
  const { text, comment } = printValue(property, references, phandles);
  const tail = comment === undefined ? '' : ` /* ${comment} */`;
  return text === '' ? `${head};${tail}` : `${head} = ${text};${tail}`;
}

function labelPrefix(labels: readonly string[]): string {
  return labels.map((label) => `${label}: `).join('');
}

function indent(level: number): string {
  return '\t'.repeat(Math.min(level, INDENT_LEVELS));
}

const HEX_DIGITS_64 = 16;

function wideHex(value: bigint): string {
  return `0x${value.toString(16).padStart(HEX_DIGITS_64, '0')}`;
}
