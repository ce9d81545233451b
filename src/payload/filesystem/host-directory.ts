/** A directory of the host, such as a mounted root, as a filesystem. Its absolute links stay inside it. */
import type { Host } from '../../base/index.ts';
import type { FileNode, FileSystem } from './tree.ts';
import { NO_ENTRIES } from './tree.ts';

export function hostDirectory(host: Pick<Host, 'files'>, path: string): FileSystem {
  return { kind: 'directory', label: '', uuid: '', root: hostNode(host, path), ignoresCase: false };
}

function hostNode(host: Pick<Host, 'files'>, path: string): FileNode {
  const { files } = host;
  const status = files.status(path, { followSymlinks: false });
  const kind = status?.kind ?? 'other';
  let known: ReadonlyMap<string, FileNode> | undefined;
  return {
    kind,
    sizeBytes: status?.sizeBytes ?? 0,
    entries() {
      if (kind !== 'directory') return NO_ENTRIES;
      known ??= new Map(files.list(path).map((name) => [name, hostNode(host, files.join(path, name))]));
      return known;
    },
    // Opened for each read, so that thousands of files don't stay open.
    open: () => ({
      path,
      sizeBytes: status?.sizeBytes ?? 0,
      read(offsetBytes, sizeBytes) {
        const file = files.open(path);
        try {
          return file.read(offsetBytes, sizeBytes);
        } finally {
          file.close();
        }
      },
    }),
    target: () => files.readLink(path),
  };
}
