/**
 * Interrupts as the resolved view gives them: where each ends at the GIC, with its trigger, and the chain of controllers
 * that it passes, or why it ends nowhere.
 */
import type { Intid } from '../../../base/index.ts';
import type { DtNode } from '../../tree.ts';
import type { InterruptReason } from '../reasons.ts';

/** How the GIC is told to watch a line: the two kinds that its registers know (GICv2 IHI 0048B §4.3.13). */
export type Trigger = 'edge' | 'level';

/** What a specifier's flags say (`IRQ_TYPE_…` of the bindings): kept beside the trigger, which forgets polarity. */
export const SENSES = {
  unspecified: 0,
  'edge-rising': 1,
  'edge-falling': 2,
  'edge-both': 3,
  'level-high': 4,
  'level-low': 8,
} as const;

/** A specifier's flags by name; {@link SENSES} has their numbers in the bindings. */
export type Sense = keyof typeof SENSES;

/** One interrupt of the GIC. */
export interface GicInterrupt {
  readonly intid: Intid;
  readonly trigger: Trigger;
  readonly sense: Sense;
  /** For a partitioned PPI of GICv3: the node that names the CPUs (fourth cell of the specifier). */
  readonly partition?: DtNode;
}

/** What a controller in the chain does with what it is given. */
export const STEPS = {
  gic: 'is the GIC',
  nexus: 'looks it up in its interrupt-map',
  passes: 'hands the specifier on as it is',
  translates: 'has its own numbers for the lines of the controller above',
  cascades: 'gathers its inputs into interrupts of its own',
  allocates: 'gives it one of several lines when a driver asks',
} as const;

/** What a controller does with an interrupt; {@link STEPS} says it in words. */
export type StepKind = keyof typeof STEPS;

/** One controller that an interrupt passes, and the cells with which it comes there. */
export interface ChainStep {
  readonly controller: DtNode;
  /** The cells that the controller was given. */
  readonly specifier: readonly number[];
  readonly step?: StepKind;
}

/** Where an interrupt comes out. */
export type InterruptRoute = {
  /** Every controller on the way, the device's own interrupt parent first, the GIC last where it is reached. */
  readonly chain: readonly ChainStep[];
} & (
  | {
      /**
       * `direct`: the device's own line, under this one INTID · `cascaded`: the controller's lines, which it shares
       * with others; the controller's driver must run · `allocated`: one of these, chosen when a driver asks.
       */
      readonly reach: 'direct' | 'cascaded' | 'allocated';
      readonly gic: readonly GicInterrupt[];
    }
  | {
      readonly reach: 'none';
      readonly reason: InterruptReason;
      /** The node at which the chain stopped. */
      readonly at: DtNode;
    }
);

/** One interrupt of a device. */
export type Interrupt = InterruptRoute & {
  readonly index: number;
  /** From `interrupt-names`. */
  readonly name?: string;
  /**
   * Where it is written: `interrupts`, `interrupts-extended`, `interrupt-map` for the lines of a PCI host, or the
   * property in which a controller lists the lines that it hands out (`amlogic,channel-interrupts`).
   */
  readonly property: string;
};

/** The flags of a specifier; anything that is no combination the bindings name counts as unspecified. */
export function senseOf(flags: number | undefined): Sense {
  switch ((flags ?? 0) & 0xf) {
    case SENSES['edge-rising']:
      return 'edge-rising';
    case SENSES['edge-falling']:
      return 'edge-falling';
    case SENSES['edge-both']:
      return 'edge-both';
    case SENSES['level-high']:
      return 'level-high';
    case SENSES['level-low']:
      return 'level-low';
    default:
      return 'unspecified';
  }
}

/** Level where nothing is said: what the GIC's configuration registers hold after reset for SPIs (IHI 0048B §4.3.13). */
export function triggerOf(sense: Sense): Trigger {
  return sense.startsWith('edge') ? 'edge' : 'level';
}
