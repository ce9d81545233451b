/** What a controller between a device and the GIC does with a specifier: the vocabulary of the rules. */
import type { SpiNumber } from '../../../base/index.ts';
import type { DtNode } from '../../tree.ts';
import { cellsProperty, u32Property } from '../../value.ts';
import type { InterruptReason } from '../reasons.ts';
import { GIC_TYPE_SPI } from './gic-specifier.ts';
import { SENSES, type Sense, senseOf } from './interrupt.ts';
import { interruptCells } from './specifiers.ts';

/** What becomes of one interrupt at a controller. */
export type RuleStep =
  /** It goes on to the controller above, under this specifier. */
  | { readonly to: 'parent'; readonly step: 'passes' | 'translates'; readonly cells: readonly number[] }
  /**
   * It is looked up in the controller's `interrupt-map`; a bare one has rows without the unit address that the
   * controller above would count.
   */
  | { readonly to: 'map'; readonly bare: boolean }
  /** It comes out at interrupts of the controller itself: those of these indices, or all of them. */
  | { readonly to: 'own'; readonly indices?: readonly number[] }
  /** It comes out at interrupts of another node: those of these names, or all. */
  | { readonly to: 'of'; readonly node: DtNode; readonly names?: readonly string[] }
  /** A driver is given one of the controller's outputs when it asks. */
  | { readonly to: 'outputs'; readonly sense: Sense }
  /** It goes, as one of several, to a controller that a property names. */
  | { readonly to: 'outputs-of'; readonly node: DtNode; readonly sense: Sense }
  | { readonly to: 'nowhere'; readonly reason: InterruptReason };

/** The lines that an allocating controller can choose from, as specifiers of the controller above. */
export interface Outputs {
  readonly property: string;
  readonly specifiers: readonly (readonly number[])[];
}

export interface RuleInput {
  readonly controller: DtNode;
  readonly cells: readonly number[];
  /** How many interrupts the controller names as its own. */
  readonly lineCount: number;
  /** The controller above, where there is one. */
  readonly parent: DtNode | undefined;
  readonly nodeOf: (phandle: number) => DtNode | undefined;
}

export interface ControllerRule {
  readonly resolve: (input: RuleInput) => RuleStep;
  /** For controllers that allocate. */
  readonly outputs?: (controller: DtNode, parent: DtNode | undefined) => Outputs;
}

export const NOT_MAPPED: RuleStep = { to: 'nowhere', reason: 'not-mapped' };

/** A specifier for SPI `spi` of the GIC above, with as many cells as that GIC takes. */
export function gicSpi(parent: DtNode | undefined, spi: SpiNumber, sense: Sense): readonly number[] {
  const cells = [GIC_TYPE_SPI, spi, SENSES[sense]];
  const count = parent === undefined ? cells.length : (interruptCells(parent) ?? cells.length);
  while (cells.length < count) cells.push(0);
  return cells;
}

/** The flags of a specifier that keeps them in its last cell, as nearly all do. */
export function senseAtEnd(cells: readonly number[]): Sense {
  return senseOf(cells.at(-1));
}

/** What a polarity inverter makes of a line: the GIC's SPIs are active high or rising (IHI 0048B §1.4.2). */
export function inverted(sense: Sense): Sense {
  if (sense === 'level-low') return 'level-high';
  return sense === 'edge-falling' || sense === 'edge-both' ? 'edge-rising' : sense;
}

/** A property's cells in groups of `size`; what is left over is dropped. */
export function cellGroups(node: DtNode, property: string, size: number): readonly (readonly number[])[] {
  const cells = cellsProperty(node, property) ?? [];
  const groups: (readonly number[])[] = [];
  for (let at = 0; at + size <= cells.length; at += size) groups.push(cells.slice(at, at + size));
  return groups;
}

export function cellOr(node: DtNode, property: string, absent: number): number {
  return u32Property(node, property) ?? absent;
}
