/** Documents' addresses and the host's paths. What is no file (an untitled document) is known by its address. */
import { fileURLToPath, pathToFileURL } from 'node:url';

const FILE = 'file:';

/** The name by which the rooms know a document. */
export function pathOf(uri: string): string {
  if (!uri.startsWith(FILE)) return uri;
  try {
    return fileURLToPath(uri);
  } catch {
    // Of another host, or with what no path has: a name like others, under which there is no file.
    return uri;
  }
}

export function uriOf(path: string): string {
  return path.startsWith('/') || /^[A-Za-z]:[\\/]/.test(path) ? pathToFileURL(path).href : path;
}
