/** Files of one kind in the cache directory, of which so many are kept. */
import { HostError, type HostFiles } from '../base/index.ts';

/**
 * Has a file written in a directory, and removes others of its ending where there are more than `limit`. A directory that can't be written
 * to is no reason to fail.
 */
export function keepFile(
  files: HostFiles,
  directory: string,
  path: string,
  limit: number,
  write: () => void,
): void {
  try {
    files.makeDirectory(directory);
    write();
    const name = files.basename(path);
    const ending = name.slice(name.lastIndexOf('.'));
    const kept = files.list(directory).filter((each) => each.endsWith(ending));
    const others = kept.filter((each) => each !== name);
    for (const each of others.slice(0, Math.max(0, kept.length - limit)))
      files.remove(files.join(directory, each));
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
  }
}
