/**
 * The record of what was written: a hash for each file, kept in the project. A file whose hash has changed since was
 * edited by a person, and planning again does not overwrite it.
 */
import type { ProjectFile } from './project.ts';

/** Which files were written as they are, by their hashes, so that a person's edits stay. */
export const RECORD_PATH = '.drivervm.json';
const RECORD_FORMAT = 1;

/** SHA-256 by path, in hexadecimal. */
export type ProjectRecord = ReadonlyMap<string, string>;

/** SHA-256 in hexadecimal. */
export async function hashOf(content: string | Uint8Array): Promise<string> {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  const digest = await crypto.subtle.digest('SHA-256', Uint8Array.from(bytes));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The record as a file. */
export function recordText(record: ProjectRecord): string {
  const files = Object.fromEntries([...record].sort(([a], [b]) => (a < b ? -1 : 1)));
  return `${JSON.stringify({ format: RECORD_FORMAT, files }, null, 2)}\n`;
}

/** An unreadable record counts as none: then every file that is there is a person's. */
export function readRecord(text: string): ProjectRecord {
  const record = new Map<string, string>();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return record;
  }
  const files = typeof value === 'object' && value !== null && 'files' in value ? value.files : undefined;
  if (typeof files !== 'object' || files === null) return record;
  for (const [path, hash] of Object.entries(files)) if (typeof hash === 'string') record.set(path, hash);
  return record;
}

/** What is to be done with one file of a project. */
export type FileStep =
  | { readonly kind: 'write'; readonly file: ProjectFile }
  /** It is there with this content. */
  | { readonly kind: 'unchanged'; readonly file: ProjectFile }
  /** A person's: it stays, and the new one goes beside it. */
  | {
      readonly kind: 'keep';
      readonly file: ProjectFile;
      readonly newPath: string;
      readonly foreign: boolean;
    };

/**
 * Compares a project with what lies in its directory. `present` gives a file's bytes, or `undefined` where there is none;
 * with `force`, what a person edited is overwritten.
 */
export async function stepsFor(
  files: readonly ProjectFile[],
  record: ProjectRecord,
  present: (path: string) => Uint8Array | undefined,
  force: boolean,
): Promise<{ readonly steps: readonly FileStep[]; readonly record: ProjectRecord }> {
  const steps: FileStep[] = [];
  const next = new Map<string, string>();
  for (const file of files) {
    const hash = await hashOf(file.content);
    const old = present(file.path);
    const oldHash = old === undefined ? undefined : await hashOf(old);
    const written = record.get(file.path);
    if (oldHash === undefined) {
      steps.push({ kind: 'write', file });
    } else if (oldHash === hash) {
      steps.push({ kind: 'unchanged', file });
    } else if (force || oldHash === written) {
      steps.push({ kind: 'write', file });
    } else {
      steps.push({ kind: 'keep', file, newPath: `${file.path}.new`, foreign: written === undefined });
      // The record keeps what was written before, so that the file still counts as edited next time.
      if (written !== undefined) next.set(file.path, written);
      continue;
    }
    next.set(file.path, hash);
  }
  return { steps, record: next };
}
