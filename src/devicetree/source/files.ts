/** The files that device tree source names: `/include/` and `/incbin/`, and how much of them may be read. */
import { type DiagnosticSink, HostError, type HostFiles } from '../../base/index.ts';
import { dtsCodes } from './diagnostics.ts';
import { notesOf, positionOf, type TextPlace } from './text-place.ts';

export type ReadableFiles = Pick<HostFiles, 'read' | 'status' | 'join' | 'dirname'>;

/** What a tree's sources, values and generated paths may add up to. */
export const SOURCE_LIMIT_BYTES = 256 * 1024 * 1024;

export class SourceFiles {
  readonly #files: ReadableFiles;
  readonly #directories: readonly string[];
  readonly #sink: DiagnosticSink;
  readonly #mainDirectory: string;
  readonly #limitBytes: number;
  readonly #read = new Map<string, Uint8Array>();
  #bytesLeft: number;

  constructor(
    files: ReadableFiles,
    options: {
      readonly mainFile: string;
      readonly directories: readonly string[];
      readonly limitBytes: number;
    },
    sink: DiagnosticSink,
  ) {
    this.#files = files;
    this.#directories = options.directories;
    this.#mainDirectory = files.dirname(options.mainFile);
    this.#limitBytes = options.limitBytes;
    this.#bytesLeft = options.limitBytes;
    this.#sink = sink;
  }

  /** Whether so many more may be read or made. Says once that they may not. */
  countChars(count: number): boolean {
    const before = this.#bytesLeft;
    this.#bytesLeft -= count;
    if (this.#bytesLeft >= 0) return true;
    if (before >= 0) this.#sink.report(dtsCodes['too-large'].at(undefined, { limit: this.#limitBytes }));
    return false;
  }

  get isExhausted(): boolean {
    return this.#bytesLeft < 0;
  }

  /**
   * The file of that name: looked for beside the file that names it, beside the main one, and in the search
   * directories. Reports why there is none.
   */
  read(name: string, from: TextPlace): { readonly path: string; readonly content: Uint8Array } | undefined {
    const path = this.#find(name, this.#files.dirname(positionOf(from).file));
    if (path === undefined) {
      this.#sink.report(dtsCodes['include-not-found'].at(positionOf(from), { name }, notesOf(from)));
      return undefined;
    }
    try {
      const content = this.#read.get(path) ?? this.#files.read(path);
      this.#read.set(path, content);
      return { path, content };
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      const reason = error.message;
      this.#sink.report(dtsCodes['include-unreadable'].at(positionOf(from), { path, reason }, notesOf(from)));
      return undefined;
    }
  }

  #find(name: string, beside: string): string | undefined {
    if (name === '' || name.includes('\0')) return undefined;
    if (name.startsWith('/')) return this.#isFile(name) ? name : undefined;
    for (const directory of [beside, this.#mainDirectory, ...this.#directories]) {
      const path = directory === '.' ? name : this.#files.join(directory, name);
      if (this.#isFile(path)) return path;
    }
    return undefined;
  }

  #isFile(path: string): boolean {
    try {
      const status = this.#files.status(path);
      return status !== undefined && status.kind !== 'directory';
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      return false;
    }
  }
}
