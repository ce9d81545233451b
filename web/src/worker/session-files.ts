/** A session's files in the worker's memory: what was given, what was fetched of a payload, what was written. */
import { unzipSync, type Zippable, zipSync } from 'fflate';
import { type Host, Refusal } from '../../../src/base/index.ts';
import type { GivenFile } from './protocol.ts';

/** All that a session has is below. */
const SESSION = '/session';
/** What was fetched of a payload, as requests name it. */
export const PAYLOAD = 'payload';
/** Where a planned project is written. */
export const PROJECT = 'project';

/** What may be unpacked of one archive. */
const UNZIPPED_LIMIT_BYTES = 1 << 30;

/** A path below the session, as its files name it. */
export function inSession(path: string): string {
  return path === '' ? SESSION : `${SESSION}/${path}`;
}

/** As people know it: without where the session lies. */
export function sessionName(path: string): string {
  return path.startsWith(`${SESSION}/`) ? path.slice(SESSION.length + 1) : path;
}

export function writeFile({ files }: Host, path: string, content: Uint8Array | string): void {
  files.makeDirectory(files.dirname(path));
  files.writeAtomically(path, content);
}

/** The files below a directory, as paths from it. */
export function filesBelow({ files }: Host, directory: string, from = ''): readonly string[] {
  const at = from === '' ? directory : files.join(directory, from);
  if (files.status(at)?.kind !== 'directory') return [];
  return files.list(at).flatMap((name) => {
    const path = from === '' ? name : `${from}/${name}`;
    return files.status(files.join(directory, path))?.kind === 'directory'
      ? filesBelow({ files } as Host, directory, path)
      : [path];
  });
}

/** Begins a session anew; what was fetched stays. */
export function clearSession(host: Host): void {
  const { files } = host;
  files.makeDirectory(SESSION);
  for (const name of files.list(SESSION)) if (name !== PAYLOAD) files.remove(inSession(name));
}

/** What a zip holds; a zip that is a folder gives what is in the folder. */
export function unzipped({ path, content }: GivenFile): readonly GivenFile[] {
  let sizeBytes = 0;
  let entries: Record<string, Uint8Array>;
  try {
    entries = unzipSync(content, {
      filter: ({ originalSize }) => {
        sizeBytes += originalSize;
        return sizeBytes <= UNZIPPED_LIMIT_BYTES;
      },
    });
  } catch (error) {
    throw new Refusal(
      `${path} is no zip that can be read: ${error instanceof Error ? error.message : error}`,
    );
  }
  if (sizeBytes > UNZIPPED_LIMIT_BYTES) throw new Refusal(`${path} holds more than 1 GiB`);
  return Object.entries(entries)
    .filter(([name]) => !name.endsWith('/'))
    .map(([name, bytes]) => ({ path: name, content: bytes }));
}

/** A zip of some of a directory's files. */
export function zipped(host: Host, directory: string, paths: readonly string[]): Uint8Array {
  const { files } = host;
  const entries: Zippable = {};
  for (const path of paths) entries[path] = files.read(files.join(directory, path));
  return zipSync(entries, { level: 6 });
}
