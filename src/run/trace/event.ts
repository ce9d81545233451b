/** Something that was traced, in whatever form it is written. */
import type { Traceable, TraceKind } from './spec.ts';

/** What an event's field may be. */
export type TraceValue = string | number | boolean;

/** An event: when, on whose time line, what, and what is known of it. */
export interface TraceEvent {
  readonly kind: TraceKind;
  /** Of the guests' time, since power-on. */
  readonly timeNs: number;
  /** For what lasts. */
  readonly durationNs?: number;
  /** Whose time line it is on: a guest's or a domain's, and there a vCPU's, a task's, the interrupt lines'. */
  readonly process: string;
  readonly thread: string;
  /** What happened, in a few words. */
  readonly name: string;
  readonly fields: Readonly<Record<string, TraceValue>>;
  /** For lines: what they are from now on. */
  readonly level?: 'high' | 'low';
}

/** Where events go. */
export type TraceSink = (event: TraceEvent) => void;

/** Tells of an event where somebody wants it. */
export type Tell = (
  traceable: Omit<Traceable, 'timeNs'>,
  event: Omit<TraceEvent, 'kind' | 'timeNs'> & { readonly timeNs?: number },
) => void;
