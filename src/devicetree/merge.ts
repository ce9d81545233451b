/**
 * Lays overlays over a base, in order, each in the form that it has: a compiled overlay is applied; a source that says
 * `/plugin/` is compiled first; any other source is read as if it stood behind the base's own (LionsOS's way, where a
 * second `/ { … }` and `&label { … }` change what is there). Bases and overlays may be mixed: where a source is laid over
 * a tree that has none, that tree is printed first, with the labels of its symbols.
 */
import type { DiagnosticSink } from '../base/index.ts';
import { type MappedText, PlainText } from '../cpp/index.ts';
import { applyOverlay } from './overlay/index.ts';
import {
  type DeviceTreeFiles,
  type DeviceTreeInput,
  type ReadDeviceTreeOptions,
  readDeviceTreeInput,
} from './read.ts';
import { printDts } from './source/print.ts';
import { readDts } from './source/read.ts';
import type { DeviceTree } from './tree.ts';

const SYMBOLS = '__symbols__';
/** What may stand before `/plugin/`: blanks, line markers, `/dts-v1/;`, and comments, whose ends are looked for. */
const BEFORE_PLUGIN = /\s+|#[^\n]*|\/dts-v1\/|;|\/\/[^\n]*|(\/\*)/y;
const COMMENT_END = '*/';
const PLUGIN = '/plugin/';

/** What has been merged so far: a tree, or sources that are still to be read as one. */
type Merged =
  | { readonly tree: DeviceTree }
  | { readonly texts: readonly MappedText[]; readonly bootCpuidPhys?: number; readonly symbols: boolean };

/**
 * The base with the overlays, in order. Reports what is wrong to `sink`; `undefined` where there were errors.
 * `options.symbols` gives a base from source its `__symbols__`; so does any overlay that needs them.
 * @throws HostError where the system refuses
 */
export function mergeDeviceTrees(
  files: DeviceTreeFiles,
  base: string,
  overlays: readonly string[],
  options: ReadDeviceTreeOptions,
  sink: DiagnosticSink,
): DeviceTree | undefined {
  const read = (path: string) => readDeviceTreeInput(files, path, options, sink);
  const inputs = overlays.map((path) => ({ path, input: read(path) }));
  const baseInput = read(base);
  if (baseInput === undefined || inputs.some(({ input }) => input === undefined)) return undefined;

  const needsSymbols = inputs.some(({ input }) => input !== undefined && isCompiledOrPlugin(input));
  const symbols = options.symbols === true || needsSymbols;
  const settle = (merged: Merged | undefined): DeviceTree | undefined => {
    if (merged === undefined || 'tree' in merged) return merged?.tree;
    const tree = readDts(merged.texts, { files, ...options, symbols: merged.symbols }, sink);
    const { bootCpuidPhys } = merged;
    return tree && (bootCpuidPhys === undefined ? tree : { ...tree, bootCpuidPhys });
  };

  let merged: Merged | undefined =
    baseInput.form === 'dts' ? { texts: [baseInput.text], symbols } : { tree: baseInput.tree };
  for (const { input } of inputs) {
    if (input === undefined || merged === undefined) return undefined;
    if (input.form === 'dts' && !isPlugin(input.text)) {
      const sources: Exclude<Merged, { tree: DeviceTree }> =
        'tree' in merged ? printed(merged.tree, base) : merged;
      merged = { ...sources, texts: [...sources.texts, input.text] };
      continue;
    }
    const tree = settle(merged);
    const overlay = input.form === 'dts' ? readDts([input.text], { files, ...options }, sink) : input.tree;
    const result = tree && overlay && applyOverlay(tree, overlay, sink);
    merged = result && { tree: result };
  }
  return settle(merged);
}

function isCompiledOrPlugin(input: DeviceTreeInput): boolean {
  return input.form !== 'dts' || isPlugin(input.text);
}

/** Whether a source is one of an overlay to be compiled: it says so before its first node. */
function isPlugin({ text }: MappedText): boolean {
  let at = 0;
  for (;;) {
    BEFORE_PLUGIN.lastIndex = at;
    const match = BEFORE_PLUGIN.exec(text);
    if (match === null) return text.startsWith(PLUGIN, at);
    at = BEFORE_PLUGIN.lastIndex;
    if (match[1] === undefined) continue;
    const end = text.indexOf(COMMENT_END, at);
    if (end < 0) return false;
    at = end + COMMENT_END.length;
  }
}

/** A tree as source, for sources to be laid over it. New labels become symbols where it has symbols. */
function printed(tree: DeviceTree, name: string) {
  const text = printDts(tree, { symbolLabels: true });
  return {
    texts: [new PlainText(`${name} (as source)`, text, { encoding: 'bytes' })],
    bootCpuidPhys: tree.bootCpuidPhys,
    symbols: tree.root.children.has(SYMBOLS),
  };
}
