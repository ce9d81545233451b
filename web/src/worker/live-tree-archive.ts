/** A tar, compressed or not, of `/proc/device-tree` and nothing else: the tree's files. */
import { DiagnosticSink, Refusal } from '../../../src/base/index.ts';
import { LIVE_TREE_LIMIT_BYTES, LIVE_TREE_LIMIT_ENTRIES } from '../../../src/devicetree/index.ts';
import { bytesSource, decompressed, filesBelow, openPath, openVolumes } from '../../../src/payload/index.ts';
import type { GivenFile } from './protocol.ts';

/** Every root of a tree has it, and it is the first such on the way down. */
const ROOT_PROPERTY = '/#address-cells';
const WALK = { depth: 64, files: LIVE_TREE_LIMIT_ENTRIES };

/** The files below a tree's root in an archive; `undefined` where it holds no tree. */
export async function liveTreeIn({ path, content }: GivenFile): Promise<readonly GivenFile[] | undefined> {
  const sink = new DiagnosticSink();
  try {
    const { source } = await decompressed(bytesSource(path, content), LIVE_TREE_LIMIT_BYTES);
    for (const { system } of await openVolumes(source, sink)) {
      const files = [...filesBelow(system, '/', WALK)];
      const [first] = files
        .filter((file) => file.endsWith(ROOT_PROPERTY))
        .sort((one, other) => one.length - other.length);
      const root = first?.slice(0, -ROOT_PROPERTY.length);
      if (root === undefined) continue;
      return files
        .filter((file) => file.startsWith(`${root}/`))
        .map((file) => ({ path: file.slice(root.length + 1), content: bytesOf(openPath(system, file)) }));
    }
  } catch (error) {
    // Whatever else it is, others read it.
    if (!(error instanceof Refusal)) throw error;
  }
  return undefined;
}

function bytesOf(file: ReturnType<typeof openPath>): Uint8Array {
  return file === undefined ? new Uint8Array(0) : file.read(0, file.sizeBytes).slice();
}
