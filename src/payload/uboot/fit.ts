/**
 * U-Boot's flattened image tree: a device tree whose /images hold kernels, ramdisks and device trees, with hashes
 * (U-Boot, doc/usage/fit/source_file_format.rst). Signatures are not verified.
 */
import { crc32 } from '../../base/index.ts';
import {
  type DeviceTree,
  type DtNode,
  nodeAtPath,
  stringsProperty,
  u32Property,
} from '../../devicetree/index.ts';
import { type ByteSource, bytesSource, equalBytes, sliceSource } from '../bytes/source.ts';
import { payloadCodes } from '../diagnostics.ts';
import { refuse } from '../refusal.ts';

export interface FitImage {
  readonly name: string;
  readonly description: string | undefined;
  /** `kernel`, `ramdisk`, `flat_dt`, … as written. */
  readonly type: string | undefined;
  readonly architecture: string | undefined;
  readonly compression: string | undefined;
  readonly data: ByteSource;
  readonly isEncrypted: boolean;
  /** Algorithms whose value was compared, and those that are not computed here. */
  readonly checked: readonly string[];
  readonly unchecked: readonly string[];
}

export interface FitConfiguration {
  readonly name: string;
  readonly isDefault: boolean;
  readonly kernel: string | undefined;
  /** The boards that it is for, where that is said. */
  readonly compatible: readonly string[];
  readonly ramdisks: readonly string[];
  /** The tree, and overlays for it. */
  readonly fdt: readonly string[];
}

export interface Fit {
  readonly images: readonly FitImage[];
  readonly configurations: readonly FitConfiguration[];
  /** The configuration that is named as the default, whether it is there or not. */
  readonly chosen: string | undefined;
}

/** Whether a tree is a FIT: it has /images with something in it. */
export function isFit(tree: DeviceTree): boolean {
  return (tree.root.children.get('images')?.children.size ?? 0) > 0;
}

/**
 * @param source the whole file, for images whose data lies behind the tree
 * @param treeBytes the tree's length, `totalsize` of its header
 */
export async function readFit(tree: DeviceTree, source: ByteSource, treeBytes: number): Promise<Fit> {
  const images: FitImage[] = [];
  for (const node of tree.root.children.get('images')?.children.values() ?? []) {
    images.push(await readImage(node, source, treeBytes));
  }
  const configurations = nodeAtPath(tree.root, '/configurations');
  const chosen = configurations === undefined ? undefined : stringsProperty(configurations, 'default')?.[0];
  return {
    images,
    chosen,
    configurations: [...(configurations?.children.values() ?? [])].map((node) => ({
      name: node.name,
      isDefault: node.name === chosen,
      kernel: stringsProperty(node, 'kernel')?.[0],
      compatible: stringsProperty(node, 'compatible') ?? [],
      ramdisks: stringsProperty(node, 'ramdisk') ?? [],
      fdt: stringsProperty(node, 'fdt') ?? [],
    })),
  };
}

async function readImage(node: DtNode, source: ByteSource, treeBytes: number): Promise<FitImage> {
  const text = (name: string): string | undefined => stringsProperty(node, name)?.[0];
  const data = dataOf(node, source, treeBytes);
  const [checked, unchecked]: [string[], string[]] = [[], []];
  for (const hash of node.children.values()) {
    if (hash.baseName !== 'hash' && !hash.name.startsWith('hash-')) continue;
    const algorithm = stringsProperty(hash, 'algo')?.[0] ?? 'none';
    const value = hash.properties.get('value')?.value;
    const actual = value === undefined ? undefined : await digest(algorithm, data.read(0, data.sizeBytes));
    (actual === undefined ? unchecked : checked).push(algorithm);
    if (value !== undefined && actual !== undefined && !equalBytes(value, actual)) {
      const what = `FIT image ${node.name}`;
      const reason = `its ${algorithm} does not agree with the content`;
      refuse(payloadCodes['corrupt'].at({ file: source.path }, { what, reason }));
    }
  }
  return {
    name: node.name,
    description: text('description'),
    type: text('type'),
    architecture: text('arch'),
    compression: text('compression'),
    data,
    isEncrypted: [...node.children.keys()].some((name) => /^cipher(?:$|[-@])/.test(name)),
    checked,
    unchecked,
  };
}

function dataOf(node: DtNode, source: ByteSource, treeBytes: number): ByteSource {
  const path = `${source.path}: ${node.name}`;
  const inTree = node.properties.get('data')?.value;
  if (inTree !== undefined) return bytesSource(path, inTree);
  const size = u32Property(node, 'data-size') ?? 0;
  const offset = u32Property(node, 'data-offset');
  const base =
    offset === undefined ? u32Property(node, 'data-position') : Math.ceil(treeBytes / 4) * 4 + offset;
  if (base === undefined) return bytesSource(path, new Uint8Array(0));
  const missingBytes = base + size - source.sizeBytes;
  if (missingBytes > 0) {
    const what = `FIT image ${node.name}`;
    refuse(payloadCodes['cut-short'].at({ file: source.path, offsetBytes: base }, { what, missingBytes }));
  }
  return sliceSource(source, { base, size }, path);
}

const SUBTLE_NAMES: Readonly<Record<string, string>> = {
  sha1: 'SHA-1',
  sha256: 'SHA-256',
  sha384: 'SHA-384',
  sha512: 'SHA-512',
};

/** `undefined` for what neither we nor the Web Cryptography API compute: md5 and crc16. */
async function digest(algorithm: string, content: Uint8Array): Promise<Uint8Array | undefined> {
  if (algorithm === 'crc32') {
    const value = new Uint8Array(4);
    new DataView(value.buffer).setUint32(0, crc32(content));
    return value;
  }
  const name = SUBTLE_NAMES[algorithm];
  if (name === undefined) return undefined;
  return new Uint8Array(await globalThis.crypto.subtle.digest(name, content.slice()));
}
