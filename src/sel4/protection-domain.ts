/**
 * A protection domain: its program, its channels, and the notification word into which signals merge. Signals that come
 * while it is busy, or that come twice, are one bit (Microkit 2.3 manual §"Notifications").
 */
import {
  type ChannelId,
  keptMembers,
  keptSet,
  type Saved,
  savedIfThere,
  savedParts,
  shape,
} from '../base/index.ts';
import { CHANNEL_LIMIT } from '../microkit/index.ts';
import type { IrqLayout, MapLayout, PdLayout } from './layout.ts';
import type { Program } from './microkit.ts';

/** Where a channel leads. */
export type ChannelTarget =
  | { readonly kind: 'irq'; readonly irq: IrqLayout }
  | {
      readonly kind: 'peer';
      readonly peer: ProtectionDomain;
      /** The other end's id. */
      readonly peerChannel: ChannelId;
      readonly notify: boolean;
      readonly pp: boolean;
    };

export class ProtectionDomain {
  readonly name: string;
  readonly priority: number;
  readonly maps: readonly MapLayout[];
  readonly channels = new Map<ChannelId, ChannelTarget>();
  program: Program | undefined;
  /** Starts its guest again, after a reset. */
  restartGuest: () => boolean = () => false;
  /** It broke a rule or threw, and runs no more. */
  failed = false;
  /** It is on the host's stack: signals wait until it is done. */
  running = false;
  readonly #pending = new Set<ChannelId>();

  constructor({ name, priority, maps }: PdLayout) {
    this.name = name;
    this.priority = priority;
    this.maps = maps;
  }

  signal(channel: ChannelId): void {
    this.#pending.add(channel);
  }

  get isReady(): boolean {
    return this.#pending.size > 0 && !this.running && !this.failed && this.program !== undefined;
  }

  /** Takes all that is pending, lowest channel first, as Microkit's event loop reads the badge. */
  takeSignals(): readonly ChannelId[] {
    const channels = [...this.#pending].sort((a, b) => a - b);
    this.#pending.clear();
    return channels;
  }

  /** Microkit's protected calls and notifications name a channel: what it is, or why that is not allowed. */
  channel(id: ChannelId): ChannelTarget | undefined {
    return this.channels.get(id);
  }

  /** What it remembers, its program's state with it. */
  get saved(): Saved {
    return savedParts({
      pending: keptSet(this.#pending, shape.upTo(CHANNEL_LIMIT - 1)),
      ...keptMembers(this, { failed: shape.flag }),
      program: savedIfThere(this.program?.saved),
    });
  }
}
