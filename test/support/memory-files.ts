/** A few files in memory, for readers that take the host's files. */
import { HostError, type HostFiles } from '../../src/base/index.ts';

type ReadableFiles = Pick<HostFiles, 'read' | 'status' | 'list' | 'join' | 'dirname'>;

/** Files by path; a directory is there where a file is below it. Latin-1 text stands for its bytes. */
export function memoryFiles(files: Readonly<Record<string, string | Uint8Array>>): ReadableFiles {
  const normal = (path: string): string => {
    const parts: string[] = [];
    for (const part of path.split('/')) {
      if (part === '..' && parts.length > 0) parts.pop();
      else if (part !== '.' && part !== '') parts.push(part);
    }
    return parts.join('/');
  };
  return {
    read(path) {
      const content = files[normal(path)];
      if (content === undefined) throw new HostError('ENOENT', path, 'no such file or directory');
      return typeof content === 'string' ? Uint8Array.from(content, (char) => char.charCodeAt(0)) : content;
    },
    status(path) {
      const content = files[normal(path)];
      if (content !== undefined) return { kind: 'file', sizeBytes: content.length };
      const isDirectory = Object.keys(files).some((name) => name.startsWith(`${normal(path)}/`));
      return isDirectory ? { kind: 'directory', sizeBytes: 0 } : undefined;
    },
    list(path) {
      const below = Object.keys(files).filter((name) => name.startsWith(`${normal(path)}/`));
      return [
        ...new Set(below.map((name) => name.slice(normal(path).length + 1).split('/')[0] ?? '')),
      ].sort();
    },
    join: (...parts) => normal(parts.join('/')),
    dirname: (path) => (path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.'),
  };
}
