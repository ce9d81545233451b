/**
 * Clock, power and reset controllers in small: a remembering register file whose status bits follow their controls and
 * whose registers start as firmware leaves them. Each is a row of data, chosen by `compatible`; none computes a rate.
 * What a kernel polls for is there, because a console waits for its clock controller for ever.
 */
import { RememberedRegisters, type SelfClearing, type StatusRule } from '../remembered.ts';

/**
 * A clock, power, reset or pin controller as data: what its registers begin with and how status follows
 * control.
 */
export interface ControllerTable {
  readonly model: string;
  readonly compatible: readonly string[];
  /** The document, or the driver's polling, that the rules come from. */
  readonly source: string;
  readonly seeds?: readonly (readonly [offset: number, value: number])[];
  readonly statusRules?: readonly StatusRule[];
  readonly selfClearing?: readonly SelfClearing[];
  /** As in `RememberedOptions`. */
  readonly upperHalfMasks?: (offset: number) => boolean;
}

/** Makes a controller of its table's row for a `compatible`; registers that are not in it remember. */
export function createController(
  table: ControllerTable,
  sizeBytes: number,
  onFirstUse?: (kind: 'read' | 'write', offset: number) => void,
): RememberedRegisters {
  return new RememberedRegisters({
    name: table.model,
    sizeBytes,
    seeds: new Map(table.seeds ?? []),
    statusRules: table.statusRules ?? [],
    selfClearing: table.selfClearing ?? [],
    ...(table.upperHalfMasks === undefined ? {} : { upperHalfMasks: table.upperHalfMasks }),
    ...(onFirstUse === undefined ? {} : { onFirstUse }),
  });
}
