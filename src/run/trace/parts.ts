/** What a tracer looks at. */
import type { Board } from '../../devicetree/index.ts';
import type { GuestWatcher } from '../../vmm/index.ts';
import type { GuestSymbols, PcNames } from '../pc-names.ts';
import type { Session } from '../session.ts';

/** What is known of a guest. */
export interface TracedGuest {
  readonly tree: Board;
  readonly watcher: GuestWatcher;
  readonly symbols: () => GuestSymbols | undefined;
}

/** What a tracer looks at. */
export interface TracerParts {
  readonly session: Session;
  readonly names: PcNames;
  readonly guests: ReadonlyMap<string, TracedGuest>;
}
