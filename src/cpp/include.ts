/** Finding and reading included files. */
import { attempt, HostError, type HostFiles } from '../base/index.ts';
import { Inclusion, type Place } from './position-map.ts';
import { decodeSource, displayText, type SourceEncoding, SourceText } from './source-text.ts';

/** What `#include` names: `"…"` is looked for beside the including file first. */
export interface IncludeName {
  readonly name: string;
  readonly quoted: boolean;
  /** `#include_next`: go on after the directory where the including file was found. */
  readonly next?: boolean;
}

/** Finds included files, and reads each of them once. */
export class IncludeFinder {
  readonly #files: Pick<HostFiles, 'read' | 'status' | 'join' | 'dirname'>;
  readonly #directories: readonly string[];
  readonly #encoding: SourceEncoding;
  readonly #sources = new Map<string, SourceText>();
  readonly #foundIn = new Map<string, number>();
  readonly #once = new Set<string>();
  /** How many files were included so far. */
  count = 0;

  constructor(
    files: Pick<HostFiles, 'read' | 'status' | 'join' | 'dirname'>,
    directories: readonly string[],
    encoding: SourceEncoding,
  ) {
    this.#files = files;
    this.#directories = directories;
    this.#encoding = encoding;
  }

  /** The path of an included file, or `undefined`. */
  find({ name, quoted, next }: IncludeName, from: Inclusion): string | undefined {
    const shown = displayText(name, this.#encoding);
    if (shown === '' || shown.includes('\0')) return undefined;
    if (shown.startsWith('/')) return this.#isFile(shown) ? shown : undefined;
    if (quoted && next !== true) {
      const beside = this.#join(this.#files.dirname(from.path), shown);
      if (this.#isFile(beside)) return beside;
    }
    const first = next === true ? (this.#foundIn.get(from.path) ?? -1) + 1 : 0;
    for (const [index, directory] of this.#directories.entries()) {
      if (index < first) continue;
      const path = this.#join(directory, shown);
      if (!this.#isFile(path)) continue;
      this.#foundIn.set(path, index);
      return path;
    }
    return undefined;
  }

  /** Opens a file that {@link find} found. Throws {@link HostError}. */
  open(path: string, includedFrom: Place): Inclusion {
    let source = this.#sources.get(path);
    if (source === undefined) {
      const text = decodeSource(this.#files.read(path), this.#encoding);
      source = new SourceText(path, text, { encoding: this.#encoding, clean: true });
      this.#sources.set(path, source);
    }
    this.count += 1;
    return new Inclusion(source, path, includedFrom);
  }

  /** `#pragma once`. */
  readOnlyOnce(path: string): void {
    this.#once.add(path);
  }

  wasReadOnce(path: string): boolean {
    return this.#once.has(path);
  }

  #join(directory: string, name: string): string {
    return directory === '.' ? name : this.#files.join(directory, name);
  }

  #isFile(path: string): boolean {
    const status = attempt(() => this.#files.status(path), HostError);
    return status !== undefined && !(status instanceof HostError) && status.kind !== 'directory';
  }
}
