/** The board in the forms that planning looks things up in, and what selectors name in it. */
import type { DiagnosticSink } from '../base/index.ts';
import type { Board } from '../devicetree/index.ts';
import { planCodes as codes } from './diagnostics.ts';
import type { Platform } from './platform.ts';
import type { References } from './references.ts';
import type { GuestRequest } from './request/index.ts';
import { select } from './selectors.ts';
import type { Unit, Units } from './units.ts';

export interface World {
  readonly board: Board;
  readonly units: Units;
  readonly references: References;
  readonly platform: Platform;
}

/** Units that somebody owns, by the owner's name. */
export type Owned = ReadonlyMap<Unit, string>;

/** Whom a selection is for, in diagnostics. */
export type Selecting = Pick<GuestRequest, 'name' | 'places'>;

export function selectUnits(
  world: World,
  selectors: readonly string[],
  { name: owner, places }: Selecting,
  sink: DiagnosticSink,
): ReadonlyMap<Unit, string> {
  const found = new Map<Unit, string>();
  for (const selector of selectors) {
    const { devices, meant } = select(world.board, selector);
    if (devices.length === 0) {
      sink.report(
        codes['no-such-device'].at(places?.get(selector), {
          selector,
          owner,
          meant,
          noLabels: selector.startsWith('&') && world.board.labels.size === 0,
        }),
      );
      continue;
    }
    const units = devices.flatMap(({ node }) => world.units.of(node) ?? []);
    for (const unit of units) if (!found.has(unit)) found.set(unit, selector);
  }
  return found;
}
