/**
 * All that the page and its worker say to each other, declared once. A call is answered, with a value or with what went wrong; events
 * come by themselves. Everything here is cloned on the way: plain values, and bytes.
 */
import type { Diagnostic, RequestChange, TextPlace } from '../../../src/base/index.ts';
import type { Completion } from '../../../src/language/index.ts';
import type { RunAccount, RunEnd } from '../../../src/run/index.ts';
import type { Pictures } from './pictures.ts';

/** A file of a payload, below the payload's own address. */
export interface PayloadFile {
  readonly path: string;
  readonly sizeBytes: number;
}

/** A board of a payload, by its tree. */
export interface PayloadBoard {
  readonly path: string;
  readonly model?: string;
  readonly compatible: readonly string[];
}

/** What `payload/index.json` has. */
export interface PayloadIndex {
  readonly boards: readonly PayloadBoard[];
  readonly kernel?: PayloadFile;
  readonly initrd?: PayloadFile;
}

/** A file that the page hands over, by its path in what was dropped or chosen. */
export interface GivenFile {
  readonly path: string;
  readonly content: Uint8Array;
}

/** A session that was begun, and the text that it is about. */
export interface Opened {
  readonly title: string;
  readonly kind: 'request' | 'description';
  /** The text's file. */
  readonly name: string;
  readonly text: string;
  /** Whether the payload and the text are all of it, so that a link holds it. */
  readonly isSmall: boolean;
}

/** A file of the project that was planned, or that was opened. */
export interface WrittenFile {
  readonly path: string;
  /** Absent for binary files. */
  readonly text?: string;
  readonly sizeBytes: number;
}

/** What a request or a description came to. */
export interface Checked {
  readonly diagnostics: readonly Diagnostic[];
  /** Absent where a request can't be planned. */
  readonly project?: {
    readonly name: string;
    readonly report: string;
    readonly files: readonly WrittenFile[];
    readonly canRun: boolean;
  };
  readonly pictures?: Pictures;
}

/** A console of the running system. */
export interface ConsoleName {
  readonly source: number;
  readonly name: string;
}

/** How a run stands. */
export interface RunStatus {
  readonly state: 'running' | 'paused' | 'ended';
  readonly end?: RunEnd;
  /** The guest has nothing to do. */
  readonly isIdle: boolean;
  readonly guestSeconds: number;
  readonly instructions: number;
  /** Millions of instructions in a second in which the guest had something to do. */
  readonly mips: number;
}

/** What the page asks for. */
export interface Calls {
  /** Where the page is, for what it fetches. */
  payload(base: string): PayloadIndex | undefined;
  openPayloadBoard(path: string): Opened;
  openFiles(files: readonly GivenFile[]): Opened;
  /** What comes of the session's text as it is now. */
  change(text: string): Checked;
  /** What may stand at a place of the text as it is being typed. */
  complete(text: string, place: TextPlace): readonly Completion[];
  /** The text with a finding's remedy; `undefined` where it has no place for that. */
  applyChange(text: string, change: RequestChange): string | undefined;
  projectZip(): Uint8Array;
  sessionFile(): Uint8Array;
  /** Starts from power-on, or where a saved run was. */
  boot(saved?: Uint8Array): readonly Diagnostic[];
  saveRun(): Uint8Array;
  type(source: number, bytes: Uint8Array): void;
  setPaused(isPaused: boolean): void;
  /** One turn of a vCPU, while paused. */
  step(): void;
  stop(): void;
}

/** What comes by itself. */
export type WorkerEvent =
  | { readonly kind: 'progress'; readonly text: string }
  | { readonly kind: 'consoles'; readonly consoles: readonly ConsoleName[] }
  | { readonly kind: 'said'; readonly source: number; readonly bytes: Uint8Array }
  | { readonly kind: 'status'; readonly status: RunStatus }
  | { readonly kind: 'account'; readonly account: RunAccount }
  | { readonly kind: 'findings'; readonly findings: readonly Diagnostic[] };

/** A call on its way to the worker. */
export interface CallMessage {
  readonly id: number;
  readonly name: keyof Calls;
  readonly parameters: readonly unknown[];
}

/** What the worker sends. */
export type WorkerMessage =
  /** It hears: what is sent before is lost where a module of its waits for something. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly message: string }
  | { readonly kind: 'event'; readonly event: WorkerEvent };

/** The worker's side: a function for every call. */
export type CallHandlers = {
  readonly [Name in keyof Calls]: (
    ...parameters: Parameters<Calls[Name]>
  ) => ReturnType<Calls[Name]> | Promise<ReturnType<Calls[Name]>>;
};
