/** Files in memory that can be written, for tests of what writes. */
import { HostError } from '../../src/base/index.ts';
import type { ProjectDirectory } from '../../src/project/index.ts';

export interface MemoryDirectory extends ProjectDirectory {
  /** The text of every file, by path. */
  readonly texts: ReadonlyMap<string, string>;
}

export function memoryDirectory(files: Readonly<Record<string, string>>): MemoryDirectory {
  const texts = new Map(Object.entries(files));
  return {
    texts,
    join: (...parts) => parts.join('/'),
    makeDirectory: () => {},
    read: (path) => {
      const text = texts.get(path);
      if (text === undefined) throw new HostError('ENOENT', path, 'no such file or directory');
      return new TextEncoder().encode(text);
    },
    status: (path) => {
      const text = texts.get(path);
      return text === undefined ? undefined : { kind: 'file', sizeBytes: text.length };
    },
    writeAtomically: (path, content) => {
      texts.set(path, typeof content === 'string' ? content : new TextDecoder().decode(content));
    },
  };
}
