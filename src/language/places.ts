/** Answers that are places, changes and choices: what an editor goes to, shows in its outline, offers and does. */
import type { TextEdit, TextRange } from '../base/index.ts';

/** A stretch of a file. */
export interface FilePlace {
  readonly file: string;
  readonly range: TextRange;
}

/** A part of a document, for its outline. */
export interface DocumentSymbol {
  readonly name: string;
  /** Beside the name, in few words. */
  readonly detail: string;
  readonly kind: 'memory region' | 'protection domain' | 'virtual machine' | 'channel' | 'interrupt' | 'key';
  /** The whole of it. */
  readonly range: TextRange;
  /** Its name, or its beginning. */
  readonly selection: TextRange;
  readonly children: readonly DocumentSymbol[];
}

/** Something that may stand at a place. */
export interface Completion {
  readonly label: string;
  readonly kind: 'element' | 'attribute' | 'value' | 'name' | 'device' | 'key' | 'file' | 'directory';
  /** In few words, beside the label. */
  readonly detail?: string;
  /** Markdown. */
  readonly documentation?: string;
  /** What takes the place of `range`; with `$1`, `$0` where the cursor goes. */
  readonly snippet: string;
  readonly range: TextRange;
}

/** Something that an editor offers to do. */
export interface CodeAction {
  readonly title: string;
  readonly edits: readonly TextEdit[];
  /** The finding that it does away with, by its place in the document's findings. */
  readonly finding: number;
}

/** A snippet's text that stands for itself. */
export function plainSnippet(text: string): string {
  return text.replaceAll(/[\\$}]/g, '\\$&');
}
