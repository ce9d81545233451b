/** What the workbench offers of a payload that `drivervm payload debian` made: its boards by name, its kernel, its ramdisk. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DiagnosticSink } from '../../src/base/index.ts';
import { readDtb, stringProperty, stringsProperty } from '../../src/devicetree/index.ts';
import type { PayloadBoard, PayloadIndex } from '../src/worker/protocol.ts';

const TREES = 'dtbs';
const KERNEL = 'Image';
const INITRD = 'initrd.cpio';

/** `undefined` where the directory has no boards. */
export function payloadIndex(directory: string): PayloadIndex | undefined {
  const trees = join(directory, TREES);
  if (!existsSync(trees)) return undefined;
  const boards = readdirSync(trees, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.dtb'))
    .sort()
    .map((name) => boardAt(directory, `${TREES}/${name.replaceAll('\\', '/')}`));
  const sizeOf = (name: string) => {
    const path = join(directory, name);
    return existsSync(path) ? { path: name, sizeBytes: statSync(path).size } : undefined;
  };
  const [kernel, initrd] = [sizeOf(KERNEL), sizeOf(INITRD)];
  return {
    boards,
    ...(kernel === undefined ? {} : { kernel }),
    ...(initrd === undefined ? {} : { initrd }),
  };
}

function boardAt(directory: string, path: string): PayloadBoard {
  const root = readDtb(readFileSync(join(directory, path)), path, new DiagnosticSink())?.root;
  const model = root === undefined ? undefined : stringProperty(root, 'model');
  const compatible = (root === undefined ? undefined : stringsProperty(root, 'compatible')) ?? [];
  return { path, ...(model === undefined ? {} : { model }), compatible };
}
