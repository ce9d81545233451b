/** The host's files with what is open in an editor in place of what is on the disk. */
import { HostError, type HostFiles } from '../base/index.ts';

/**
 * Reads go to `contentOf` first, by the plain path; `onRead` hears of each file that is looked at. Pipes, terminals and devices are not
 * read: a name in a file that was opened would otherwise take the editor's own input, or never end.
 */
export function overlaidFiles(
  files: HostFiles,
  contentOf: (path: string) => Uint8Array | undefined,
  onRead: (path: string) => void = () => {},
): HostFiles {
  const overlaid = (path: string) => contentOf(files.join(path));
  const refuseStreams = (path: string): void => {
    const status = path === STANDARD_INPUT ? { kind: 'other' } : files.status(path);
    if (status?.kind === 'other') throw new HostError('EINVAL', path, 'it is no file that can be read twice');
  };
  return {
    status: (path, options) => {
      onRead(path);
      const content = overlaid(path);
      return content === undefined
        ? files.status(path, options)
        : { kind: 'file', sizeBytes: content.length };
    },
    read: (path) => {
      onRead(path);
      const content = overlaid(path);
      if (content !== undefined) return content;
      refuseStreams(path);
      return files.read(path);
    },
    open: (path) => {
      refuseStreams(path);
      return files.open(path);
    },
    openForUpdate: (path) => {
      refuseStreams(path);
      return files.openForUpdate(path);
    },
    list: (path) => files.list(path),
    readLink: (path) => files.readLink(path),
    makeDirectory: (path) => files.makeDirectory(path),
    writeAtomically: (path, content) => files.writeAtomically(path, content),
    create: (path) => files.create(path),
    rename: (from, to) => files.rename(from, to),
    makeTemporaryDirectory: (prefix) => files.makeTemporaryDirectory(prefix),
    withLock: (path, work) => files.withLock(path, work),
    remove: (path) => files.remove(path),
    join: (...parts) => files.join(...parts),
    relative: (directory, path) => files.relative(directory, path),
    dirname: (path) => files.dirname(path),
    basename: (path) => files.basename(path),
  };
}

const STANDARD_INPUT = '-';
