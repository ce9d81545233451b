/** A place in preprocessed text, and what it is in the files that a person edits. */
import type { DiagnosticNote, SourcePosition } from '../../base/index.ts';
import type { MappedText } from '../../cpp/index.ts';

/** A place in one of the texts being read; positions are worked out only where they are needed. */
export interface TextPlace {
  readonly text: MappedText;
  readonly offset: number;
}

export function positionOf({ text, offset }: TextPlace): SourcePosition {
  return text.positionAt(offset);
}

export function notesOf({ text, offset }: TextPlace): readonly DiagnosticNote[] {
  return text.notesAt(offset);
}
