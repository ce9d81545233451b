/** Findings on their way to the client: some time after the last keystroke, once for each file, taken back when they are gone. */
import type { Diagnostic as ProtocolDiagnostic } from 'vscode-languageserver/node';
import type { Documents } from '../../language/index.ts';
import { protocolDiagnostic } from './protocol.ts';

/** Long enough for a word, short enough for a glance. */
const PAUSE_MS = 200;

export interface FindingsOptions {
  readonly documents: Documents;
  readonly publish: (file: string, diagnostics: readonly ProtocolDiagnostic[]) => void;
  /** Where the documentation of codes is. */
  readonly pages: string | undefined;
  /** A mistake of drivervm's own: said, and the editor goes on without these findings. */
  readonly onMistake: (error: Error) => void;
}

/** What was said of files, by the documents whose findings it is. */
export class Findings {
  readonly #options: FindingsOptions;
  /** By document: what it says of each file. */
  readonly #said = new Map<string, ReadonlyMap<string, readonly ProtocolDiagnostic[]>>();
  readonly #due = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: FindingsOptions) {
    this.#options = options;
  }

  /** They are looked for when nothing has come for a while. */
  want(files: readonly string[]): void {
    for (const file of files) this.#due.add(file);
    clearTimeout(this.#timer);
    if (this.#due.size > 0) this.#timer = setTimeout(() => this.#next(), PAUSE_MS);
  }

  /** What the document said is taken back. */
  close(file: string): void {
    this.#due.delete(file);
    this.#say(file, new Map());
    this.#said.delete(file);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#due.clear();
  }

  /** One document at a time: what the client sends in between comes first. */
  #next(): void {
    const [file] = this.#due;
    if (file === undefined) return;
    this.#due.delete(file);
    try {
      this.#look(file);
    } catch (error) {
      this.#options.onMistake(error instanceof Error ? error : new Error(String(error)));
    }
    if (this.#due.size > 0) this.#timer = setTimeout(() => this.#next(), 0);
  }

  #look(file: string): void {
    const { documents, pages } = this.#options;
    const byFile = new Map<string, ProtocolDiagnostic[]>([[file, []]]);
    for (const finding of documents.findings(file)) {
      const known = byFile.get(finding.file);
      const diagnostic = protocolDiagnostic(finding, pages);
      if (known === undefined) byFile.set(finding.file, [diagnostic]);
      else known.push(diagnostic);
    }
    this.#say(file, byFile);
  }

  /** A file that several documents are made of has the findings of all of them. */
  #say(document: string, now: ReadonlyMap<string, readonly ProtocolDiagnostic[]>): void {
    const files = new Set([...(this.#said.get(document)?.keys() ?? []), ...now.keys()]);
    this.#said.set(document, now);
    for (const file of files) {
      const all = [...this.#said.values()].flatMap((byFile) => byFile.get(file) ?? []);
      const distinct = new Map(all.map((diagnostic) => [JSON.stringify(diagnostic), diagnostic]));
      this.#options.publish(file, [...distinct.values()]);
    }
  }
}
