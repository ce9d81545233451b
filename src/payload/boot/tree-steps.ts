/** What loaders do to a device tree (`entry.ts`, TreeStep), done. The tree that is given is changed, and given back. */
import type { DiagnosticSink } from '../../base/index.ts';
import {
  applyOverlay,
  applyParameters,
  type DeviceTree,
  DtNode,
  encodeCells,
  encodeStrings,
  nodeAtPath,
  parseParameters,
  stringProperty,
} from '../../devicetree/index.ts';
import type { BootFile, TreeStep } from './entry.ts';

/** The tree after one step; `undefined` where it can't be done, which the sink explains for overlays and parameters. */
export function applyTreeStep(
  tree: DeviceTree,
  step: TreeStep,
  overlayAt: (file: BootFile) => DeviceTree | undefined,
  sink: DiagnosticSink,
): DeviceTree | undefined {
  switch (step.kind) {
    case 'overlay': {
      const overlay = overlayAt(step.file);
      const parameters = step.parameters === undefined ? undefined : parseParameters(step.parameters);
      return overlay && applyOverlay(tree, overlay, sink, parameters);
    }
    case 'parameters':
      return applyParameters(tree, parseParameters(step.parameters), sink);
    case 'set': {
      const node = nodeAt(tree, step.path);
      const value = fdtValue(step.words);
      if (node === undefined || value === undefined) return undefined;
      node.setProperty({ name: step.property, value });
      return tree;
    }
    case 'make': {
      const node = nodeAt(tree, step.path);
      if (node === undefined || !/^[\w,.+@-]+$/.test(step.name)) return undefined;
      if (!node.children.has(step.name)) node.addChild(new DtNode(step.name));
      return tree;
    }
    case 'remove': {
      const node = nodeAt(tree, step.path);
      if (node === undefined) return undefined;
      if (step.property !== undefined) return node.properties.delete(step.property) ? tree : undefined;
      node.parent?.removeChild(node.name);
      return tree;
    }
  }
}

/** A path, or an alias of `/aliases`, as `fdt` takes it. */
function nodeAt(tree: DeviceTree, path: string): DtNode | undefined {
  if (path.startsWith('/')) return nodeAtPath(tree.root, path);
  const [alias = '', ...rest] = path.split('/');
  const aliases = tree.root.children.get('aliases');
  const start = aliases && stringProperty(aliases, alias);
  return start?.startsWith('/') === true ? nodeAtPath(tree.root, [start, ...rest].join('/')) : undefined;
}

/** `<1 0x2>` is cells, `[00 1f]` bytes, anything else texts (U-Boot, cmd/fdt.c, fdt_parse_prop). */
function fdtValue(words: readonly string[]): Uint8Array | undefined {
  const text = words.join(' ').trim();
  if (text === '') return new Uint8Array(0);
  if (text.startsWith('<')) {
    const numbers = text.replace(/[<>]/g, ' ').trim().split(/\s+/).filter(Boolean).map(numberOf);
    return numbers.every((number) => number !== undefined)
      ? encodeCells(numbers.map((number) => number % 2 ** 32))
      : undefined;
  }
  if (text.startsWith('[')) {
    const digits = text.replace(/[[\]\s]/g, '');
    if (!/^(?:[0-9a-f]{2})*$/i.test(digits)) return undefined;
    return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  }
  return encodeStrings(words);
}

/** As C's `strtoul` with base 0 takes it: a `0` in front makes it octal. */
function numberOf(text: string): number | undefined {
  const isOctal = /^0[0-7]+$/.test(text);
  if (!isOctal && !/^(?:0x[0-9a-f]+|0|[1-9]\d*)$/i.test(text)) return undefined;
  const number = isOctal ? Number.parseInt(text, 8) : Number(text);
  return Number.isSafeInteger(number) ? number : undefined;
}
