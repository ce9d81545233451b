/** What the views draw of a system, as plain values that reach the page by a clone. */
import type { Board } from '../../../src/devicetree/index.ts';
import type { SystemDescription } from '../../../src/microkit/index.ts';
import type { Plan } from '../../../src/plan/index.ts';

/** A system as the worker has it. */
export interface LoadedSystem {
  readonly board: Board;
  readonly description: SystemDescription;
  /** The guests' trees, by the names of their virtual machines. */
  readonly guests: ReadonlyMap<string, Board>;
  readonly plan?: Plan;
}

/** The layouts of the views. */
export interface Pictures {
  readonly board: { readonly model: string | undefined; readonly devices: number };
}

/** Lays out everything that views draw. */
export function picturesOf({ board }: LoadedSystem): Pictures {
  return { board: { model: board.model, devices: board.devices.length } };
}
