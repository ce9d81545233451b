/**
 * What a host controller sees of the card in its slot: commands and responses on CMD, blocks on DAT, and the time that
 * the card takes. What the bus takes is the controller's matter.
 */
import type { Saving } from '../../base/index.ts';

/** `long` has the 128 bits of a register as four words, the least significant first. */
export type CardResponse =
  | { readonly kind: 'short'; readonly word: number }
  | { readonly kind: 'long'; readonly words: readonly [number, number, number, number] };

/** How the card uses its data lines. A host that is set otherwise sees CRC errors. */
export interface DataLines {
  readonly width: 1 | 4 | 8;
  /** Data on both edges of the clock. */
  readonly dualRate: boolean;
}

/** What the card is about to do on its data lines, after the command that asked for it. */
export interface DataPhase {
  readonly direction: 'to-host' | 'to-card';
  readonly blockBytes: number;
}

/** A card in a slot, as its host controller sees it: commands in, responses and data out. */
export interface MmcCard extends Saving {
  readonly lines: DataLines;
  readonly phase: DataPhase | undefined;
  /** How long the card is busy with the last command, or takes until its data begins. */
  readonly busyNs: number;
  /** `undefined` where the card keeps silent. */
  command(index: number, argument: number): CardResponse | undefined;
  /** Fills in the blocks that the card sends next. `false` where it sends none or stops before the end. */
  send(target: Uint8Array): boolean;
  /** Takes whole blocks. `false` where it takes none or stops before the end. */
  receive(content: Uint8Array): boolean;
  powerUp(): void;
}

/** What cards read and write at a time, whatever else they are. */
export const CARD_BLOCK_BYTES = 512;
