/**
 * The one door to the machine that drivervm runs on. Rooms below `cli` take a {@link Host} (or a part of it) and never
 * import from Node, so that the same code runs in a browser over files that the page holds.
 */

import type { HostNode } from './host-directory.ts';
import { Refusal } from './refusal.ts';

/** What went wrong with a file or a process, for the user: `ENOENT` and its like. Never thrown for our own bugs. */
export class HostError extends Refusal {
  override readonly name = 'HostError';
  readonly code: string;
  readonly path: string;

  constructor(code: string, path: string, message: string) {
    super(message);
    this.code = code;
    this.path = path;
  }
}

/** What a path names, and the size of a file in bytes (0 for a directory). */
export interface FileStatus {
  readonly kind: 'file' | 'directory' | 'symlink' | 'other';
  readonly sizeBytes: number;
  /** When its content last changed, by the host's own clock; absent where the host does not know. */
  readonly modifiedMs?: number;
}

/** A file that is read in pieces; nothing is held in memory. */
export interface RandomAccessFile {
  readonly path: string;
  readonly sizeBytes: number;
  /** Up to `sizeBytes` bytes from `offsetBytes`; fewer only at the end of the file. */
  read(offsetBytes: number, sizeBytes: number): Uint8Array;
  close(): void;
}

/** A file that is there and is read and changed in place, within its size. */
export interface UpdatableFile extends RandomAccessFile {
  write(offsetBytes: number, content: Uint8Array): void;
  /** Comes back when what was written is on the medium. */
  sync(): void;
}

/** A file that is written in pieces, in any order; what nobody wrote reads as zeros and takes no room on the disk. */
export interface RandomAccessWriter {
  readonly path: string;
  write(offsetBytes: number, content: Uint8Array): void;
  /** Ends the file at `sizeBytes`, longer or shorter than what was written, and closes it. */
  finish(sizeBytes: number): void;
}

/**
 * Files, read and written whole. Every call throws {@link HostError} where the system refuses.
 *
 * A name whose bytes are not UTF-8 has each stray byte as U+DC80 to U+DCFF, the byte plus 0xdc00, in what `list` gives,
 * and such a path names the same file when it comes back (as Python's PEP 383 does it).
 */
export interface HostFiles {
  /** `undefined` where there is nothing of that name. Follows symbolic links unless `followSymlinks` is false. */
  status(path: string, options?: { readonly followSymlinks?: boolean }): FileStatus | undefined;
  read(path: string): Uint8Array;
  open(path: string): RandomAccessFile;
  openForUpdate(path: string): UpdatableFile;
  /** The names in a directory, sorted by code point. */
  list(path: string): readonly string[];
  readLink(path: string): string;
  makeDirectory(path: string): void;
  /** Writes beside the target and renames, so that nobody ever sees half a file. */
  writeAtomically(path: string, content: Uint8Array | string): void;
  /** Makes a new, empty file to be written in pieces. Write beside the target and {@link rename}. */
  create(path: string): RandomAccessWriter;
  /** Takes the place of a file at `to`; a directory at `to` must be empty. */
  rename(from: string, to: string): void;
  /** A new directory whose path begins with `prefix`, for work that is renamed or removed at its end. */
  makeTemporaryDirectory(prefix: string): string;
  /**
   * Runs `work` while no other process that asks for the same path does. The lock of a process that died is taken
   * over; in the worst case two such takeovers meet and both run, so what they make must still be renamed into place.
   */
  withLock<T>(path: string, work: () => Promise<T>): Promise<T>;
  remove(path: string): void;
  join(...parts: readonly string[]): string;
  /** The way to `path` as a file in `directory` sees it; both may be relative to where the host stands. */
  relative(directory: string, path: string): string;
  dirname(path: string): string;
  basename(path: string): string;
}

/** How a process ended, and what it wrote, in whole. */
export interface ProcessOutcome {
  /** The exit status, or `undefined` where a signal ended it. */
  readonly status: number | undefined;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
}

/**
 * Where and with what a process runs: `env` is laid over the host's own, `stdin` is given whole and then
 * closed.
 */
export interface ProcessOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: Uint8Array;
  /** Called with each piece of standard output as it comes; then `stdout` of the outcome is empty. */
  readonly onStdout?: (chunk: Uint8Array) => void;
  readonly onStderr?: (chunk: Uint8Array) => void;
}

/** Programs of the host's, run to their ends. */
export interface HostProcesses {
  /** Throws {@link HostError} with code `ENOENT` where there is no such program. */
  run(command: string, args: readonly string[], options?: ProcessOptions): Promise<ProcessOutcome>;
}

/** A person's keyboard: bytes as they are typed, unechoed. */
export interface HostTerminal {
  /** Whether a person sits there; a pipe gives its bytes all the same. */
  readonly isInteractive: boolean;
  /**
   * Takes the keyboard until it is given back, which must happen however the run ends. `onEnd`: nothing more will come.
   */
  open(onBytes: (bytes: Uint8Array) => void, onEnd: () => void): { close(): void };
}

/** What asks a process to end: the terminal's Ctrl-C, a polite request, a terminal that went away. */
export interface HostSignal {
  readonly name: 'SIGINT' | 'SIGTERM' | 'SIGHUP';
  /** Of what it ended, as shells give it: 128 and the signal's number. */
  readonly exitStatus: 129 | 130 | 143;
}

/** A sleep's other end: ends the pause that it was given to, or the next one. */
export interface Wake {
  /** Called when somebody wants to be heard; set by the pause. */
  onWake: (() => void) | undefined;
  /** Somebody wanted to be heard while nobody slept. */
  pending: boolean;
}

/** Ends the pause that a {@link Wake} was given to, or the next one where nobody sleeps now. */
export function wakeUp(wake: Wake): void {
  if (wake.onWake === undefined) wake.pending = true;
  else wake.onWake();
}

/** This process's end of a connection. */
export interface HostConnection {
  /** Takes all of it, however much the other end has not read yet. */
  write(bytes: Uint8Array): void;
  /** Of what was written, how much has not left yet. */
  readonly unsentBytes: number;
  /** Sends what is left, and then no more; the other end may still send. */
  close(): void;
  /** Ends it at once, both ways; what is unsent is lost. */
  reset(): void;
  /** Whether anything is to be read from it now; in between it waits outside. */
  setReading(isReading: boolean): void;
}

/** What the other end of a connection does. */
export interface HostConnectionEvents {
  onBytes(bytes: Uint8Array): void;
  /** It will send no more. Where nobody hears it, this end is closed too. */
  onClosed?(): void;
  /** All that was written has left. */
  onDrained?(): void;
  /** The connection is over, or was never made: `ECONNREFUSED` and its like where it failed. */
  onEnd(code?: string): void;
}

/** A socket for datagrams: UDP over IPv4. */
export interface HostDatagrams {
  /** Where it is: the port is the one that was found. */
  readonly address: string;
  send(bytes: Uint8Array, host: string, port: number): void;
  close(): void;
}

/** The networks that the host is on, as a client of others. */
export interface HostNetwork {
  /** Connects by TCP; `onOpen` when that is done, `onEnd` where it can't be. */
  connect(host: string, port: number, events: HostConnectionEvents & { onOpen(): void }): HostConnection;
  /** A socket at `[HOST:]PORT`; without an address at any port. Rejects with {@link HostError} where that can't be. */
  openDatagrams(
    address: string | undefined,
    onDatagram: (bytes: Uint8Array, host: string, port: number) => void,
  ): Promise<HostDatagrams>;
  /** The host's own name servers: `ADDRESS` or `ADDRESS:PORT`. */
  readonly nameServers: readonly string[];
}

/** A place where others can connect, until it is closed. */
export interface HostListener {
  /** Where it can be reached: a port that was 0 is the one that was found. */
  readonly address: string;
  close(): void;
}

/** All of the outside that a room may be handed: `nodeHost()` for Node, `memoryHost()` for a browser. */
export interface Host {
  readonly files: HostFiles;
  readonly processes: HostProcesses;
  /** Where reproducible downloads are kept between runs (`$XDG_CACHE_HOME/drivervm`). */
  readonly cacheDirectory: string;
  /** Absent where there is no standard input to take. */
  readonly terminal?: HostTerminal;
  /** What starts this program again, before its arguments. Absent where it can't be started. */
  readonly program?: readonly string[];
  /** How many of it can work side by side. */
  readonly parallelism?: number;
  /** Milliseconds of a clock that only goes forward. */
  nowMs(): number;
  /** Lets the host do its own work, such as reading the keyboard, for so long, or until it is woken. */
  pause(ms: number, wake?: Wake): Promise<void>;
  /** Catches what asks the process to end until it is given back. Absent where there are no signals. */
  catchSignals?(onSignal: (signal: HostSignal) => void): { close(): void };
  /**
   * Waits for connections at `[HOST:]PORT` or `unix:PATH`; without a host nobody but this machine can connect. Absent where there is
   * no network. Rejects with {@link HostError} where that can't be.
   */
  listen?(
    address: string,
    onConnection: (connection: HostConnection) => HostConnectionEvents,
  ): Promise<HostListener>;
  /** Absent where there is none that this program may use. */
  readonly network?: HostNetwork;
  /**
   * A directory that somebody else may use: the way in, from which no name leads out. Absent where the system gives no such way.
   * Throws {@link HostError}.
   */
  shareDirectory?(path: string): HostNode;
  /** Code that lies beside a description. Absent where there are no packages and no files to name in a stack trace. */
  readonly modules?: HostModules;
  /** Says on a terminal what is under way; nothing is shown where nobody watches. */
  progress(text: string): void;
}

/** Modules as the host's engine has them. */
export interface HostModules {
  /** The body of a function with these parameters; `path` is what stack traces call it. */
  compile(code: string, parameters: readonly string[], path: string): (...args: readonly unknown[]) => void;
  /** A package as the file at `from` finds it. */
  require(specifier: string, from: string): unknown;
  /** The file that a specifier names there. Throws {@link HostError} where there is none. */
  resolve(specifier: string, from: string): string;
  /** The directory of drivervm's own rooms, compiled. */
  readonly rooms: string;
}
