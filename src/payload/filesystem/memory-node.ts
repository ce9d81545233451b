/** Nodes that are made, not read: a tree of directories in memory, whose files' contents stay where they are. */
import type { ByteSource } from '../bytes/source.ts';
import { type FileAttributes, type FileNode, NO_ENTRIES } from './tree.ts';

export const DIRECTORY_ATTRIBUTES: FileAttributes = {
  permissions: 0o755,
  uid: 0,
  gid: 0,
  modifiedSeconds: 0,
};

export class MemoryNode implements FileNode {
  readonly kind: FileNode['kind'];
  readonly sizeBytes: number;
  readonly children = new Map<string, FileNode>();
  attributes: FileAttributes;
  readonly #content: ByteSource | undefined;
  readonly #target: string;

  constructor(kind: FileNode['kind'], attributes: FileAttributes, content?: ByteSource, target = '') {
    this.kind = kind;
    this.attributes = attributes;
    this.sizeBytes = content?.sizeBytes ?? 0;
    this.#content = content;
    this.#target = target;
  }

  entries(): ReadonlyMap<string, FileNode> {
    return this.kind === 'directory' ? this.children : NO_ENTRIES;
  }

  open(): ByteSource {
    if (this.#content === undefined) throw new Error('only a file is opened');
    return this.#content;
  }

  target(): string {
    return this.#target;
  }

  /** The directory at a path below this one, made where it is missing. What is there and no directory gives way. */
  directoryAt(parts: readonly string[]): MemoryNode {
    let directory: MemoryNode = this;
    for (const part of parts) {
      const next = directory.children.get(part);
      if (next instanceof MemoryNode && next.kind === 'directory') {
        directory = next;
        continue;
      }
      const made = new MemoryNode('directory', DIRECTORY_ATTRIBUTES);
      directory.children.set(part, made);
      directory = made;
    }
    return directory;
  }
}
