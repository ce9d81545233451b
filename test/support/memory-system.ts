/** A filesystem that a test writes down. */
import { bytesSource, type FileNode, type FileSystem, type Volume } from '../../src/payload/index.ts';

export type MemoryLayout = Readonly<Record<string, Uint8Array | string>>;

/** A volume with these files; directories come by themselves. */
export function memoryVolume(name: string, layout: MemoryLayout, uuid = ''): Volume {
  const root = directory();
  for (const [path, content] of Object.entries(layout)) {
    const parts = path.split('/');
    const last = parts.pop() ?? '';
    let at = root;
    for (const part of parts) {
      const next = at.get(part) ?? directoryNode();
      at.set(part, next);
      at = next.entries() as Map<string, FileNode>;
    }
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    const source = bytesSource(path, bytes);
    at.set(last, {
      kind: 'file',
      sizeBytes: bytes.length,
      entries: directory,
      open: () => source,
      target: () => '',
    });
  }
  const system: FileSystem = { kind: 'ext4', label: '', uuid, root: directoryNode(root), ignoresCase: false };
  return { name, partition: undefined, system };
}

function directory(): Map<string, FileNode> {
  return new Map();
}

function directoryNode(entries = directory()): FileNode {
  return {
    kind: 'directory',
    sizeBytes: 0,
    entries: () => entries,
    open: () => bytesSource('', new Uint8Array(0)),
    target: () => '',
  };
}
