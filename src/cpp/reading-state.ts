/** What the parts of the preprocessor share of a reading: its limits, what ends it, the file that is read. */
import type { Inclusion } from './position-map.ts';

/** Where hostile input is stopped, each with a diagnostic: depths, counts, and sizes in characters. */
export interface PreprocessLimits {
  /** Files that include each other. */
  readonly includeDepth: number;
  readonly includeCount: number;
  /** All files together, each as often as it is read. */
  readonly inputChars: number;
  readonly outputChars: number;
  /** Tokens read while one use of a macro is expanded. */
  readonly expansionTokens: number;
  /** Tokens read while all of them are. */
  readonly totalExpansionTokens: number;
  /** Macro uses within the arguments of macro uses. */
  readonly argumentDepth: number;
}

/** GCC's include depth; the others are far beyond what sources of boards and systems need. */
export const DEFAULT_PREPROCESS_LIMITS: PreprocessLimits = {
  includeDepth: 200,
  includeCount: 10_000,
  inputChars: 512 * 1024 * 1024,
  outputChars: 128 * 1024 * 1024,
  expansionTokens: 1_000_000,
  totalExpansionTokens: 64_000_000,
  argumentDepth: 200,
};

/** What ends the reading of all files. */
export type StopCode = 'too-many-includes' | 'input-too-large' | 'output-too-large' | 'too-many-expansions';

/** A reading of a file under way. */
export interface FileState {
  readonly inclusion: Inclusion;
  readonly text: string;
  offset: number;
  atLineStart: boolean;
}
