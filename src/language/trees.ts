/**
 * Device trees that were read, kept from one keystroke to the next. A kept tree holds as long as every file that it was made of has the
 * same bytes: no clock and no watcher is trusted. A directory such as `/proc/device-tree` is kept until it is said to have changed.
 */
import { type Diagnostic, DiagnosticSink, HostError, type HostFiles } from '../base/index.ts';
import { type Board, bytesEqual } from '../devicetree/index.ts';
import { boardReader, type ReadBoard, type SourceOptions } from '../workspace/index.ts';
import { overlaidFiles } from './files.ts';

interface KeptTree {
  readonly board: Board | undefined;
  readonly found: readonly Diagnostic[];
  /** By path, as they were; `undefined` where there was no such file. */
  readonly madeOf: ReadonlyMap<string, Uint8Array | undefined>;
}

/** More boards than a workspace has open at once. */
const TREES_MAX = 16;

/** Reads trees over some files, each once while nothing changes. */
export class TreeCache {
  readonly #files: HostFiles;
  readonly #kept = new Map<string, KeptTree>();

  constructor(files: HostFiles) {
    this.#files = files;
  }

  /** As {@link boardReader} reads, with the same findings each time. */
  readonly read: ReadBoard = (path, options, sink) => {
    const key = JSON.stringify([path, options.include, options.define]);
    let kept = this.#kept.get(key);
    if (kept === undefined || !this.#isTrue(kept)) {
      kept = this.#read(path, options);
      this.#kept.delete(key);
      const [oldest] = this.#kept.keys();
      if (this.#kept.size >= TREES_MAX && oldest !== undefined) this.#kept.delete(oldest);
      this.#kept.set(key, kept);
    }
    for (const diagnostic of kept.found) sink.report(diagnostic);
    return kept.board;
  };

  #read(path: string, options: SourceOptions): KeptTree {
    const paths = new Set<string>();
    const files = overlaidFiles(
      this.#files,
      () => undefined,
      (read) => paths.add(read),
    );
    const sink = new DiagnosticSink();
    const board = boardReader(files)(path, options, sink);
    return {
      board,
      found: sink.sorted(),
      madeOf: new Map([...paths].map((each) => [each, this.#content(each)])),
    };
  }

  #isTrue({ madeOf }: KeptTree): boolean {
    for (const [path, before] of madeOf) {
      const now = this.#content(path);
      if (now === before) continue;
      if (now === undefined || before === undefined || !bytesEqual(now, before)) return false;
    }
    return true;
  }

  #content(path: string): Uint8Array | undefined {
    try {
      return this.#files.status(path)?.kind === 'file' ? this.#files.read(path) : undefined;
    } catch (error) {
      if (error instanceof HostError) return undefined;
      throw error;
    }
  }
}
