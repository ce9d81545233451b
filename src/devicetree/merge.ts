/**
 * Lays overlays over a base, in order, each in the form that it has: a compiled overlay is applied; a source that says
 * `/plugin/` is compiled first; any other source is read as if it stood behind the base's own (LionsOS's way, where a
 * second `/ { … }` and `&label { … }` change what is there). Bases and overlays may be mixed: where a source is laid over
 * a tree that has none, that tree is printed first, with the labels of its symbols. A source that has fragments but not
 * the word `/plugin/`, as dtc before 1.7.1 prints overlays, is compiled as one, with a warning.
 */
import type { DiagnosticSink } from '../base/index.ts';
import { type MappedText, PlainText } from '../cpp/index.ts';
import {
  applyOverlay,
  applyParameters,
  type OverlayParameter,
  overlayCodes,
  parseParameters,
} from './overlay/index.ts';
import { type DeviceTreeFiles, type ReadDeviceTreeOptions, readDeviceTreeInput, STDIN_PATH } from './read.ts';
import { printDts } from './source/print.ts';
import { readDts } from './source/read.ts';
import type { DeviceTree } from './tree.ts';

const SYMBOLS = '__symbols__';
/** What may stand before `/plugin/`: blanks, line markers, `/dts-v1/;`, and comments, whose ends are looked for. */
const BEFORE_PLUGIN = /\s+|#[^\n]*|\/dts-v1\/|;|\/\/[^\n]*|(\/\*)/y;
const COMMENT_END = '*/';
const PLUGIN = '/plugin/';
/** Comments and strings, which are passed over, or a fragment's content. */
const FRAGMENT =
  /\/\/[^\n]*|\/\*.*?(?:\*\/|$)|"(?:[^"\\]|\\.)*"|(?<![\w,.+?*#@-])(__overlay__|__dormant__)\s*\{/gs;
/** Behind a file's name: `sensor.dtbo:bus1,rate=5`. */
const PARAMETERS_AT = ':';

/** What has been merged so far: a tree, or sources that are still to be read as one. */
type Merged =
  | { readonly tree: DeviceTree }
  | { readonly texts: readonly MappedText[]; readonly bootCpuidPhys?: number; readonly symbols: boolean };

/**
 * The base with the overlays, in order. Reports what is wrong to `sink`; `undefined` where there were errors.
 * A name may have parameters behind it, `base.dtb:i2c_arm=on` or `sensor.dtbo:bus1,rate=5` (`overlay/parameters.ts`).
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
  const read = (argument: string) => {
    const { path, parameters } = withParameters(files, argument);
    const input = readDeviceTreeInput(files, path, options, sink);
    const isOverlay = input?.form !== 'dts' || isPlugin(input.text) || hasFragments(input.text);
    return { path, input, parameters, isOverlay };
  };
  const inputs = overlays.map(read);
  const { path: basePath, input: baseInput, parameters: baseParameters } = read(base);
  if (baseInput === undefined || inputs.some(({ input }) => input === undefined)) return undefined;

  const needsSymbols = inputs.some(({ isOverlay }) => isOverlay);
  const symbols = options.symbols === true || needsSymbols;
  const settle = (merged: Merged | undefined): DeviceTree | undefined => {
    if (merged === undefined || 'tree' in merged) return merged?.tree;
    const tree = readDts(merged.texts, { files, ...options, symbols: merged.symbols }, sink);
    const { bootCpuidPhys } = merged;
    return tree && (bootCpuidPhys === undefined ? tree : { ...tree, bootCpuidPhys });
  };

  let merged: Merged | undefined =
    baseInput.form === 'dts' ? { texts: [baseInput.text], symbols } : { tree: baseInput.tree };
  if (baseParameters !== undefined) {
    const tree = settle(merged);
    const result = tree && applyParameters(tree, baseParameters, sink);
    merged = result && { tree: result };
  }
  for (const { input, parameters, isOverlay } of inputs) {
    if (input === undefined || merged === undefined) return undefined;
    if (input.form === 'dts' && !isOverlay) {
      const sources: Exclude<Merged, { tree: DeviceTree }> =
        'tree' in merged ? printed(merged.tree, basePath) : merged;
      merged = { ...sources, texts: [...sources.texts, input.text] };
      continue;
    }
    const tree = settle(merged);
    if (input.form === 'dts' && !isPlugin(input.text)) {
      sink.report(overlayCodes['plugin-missing'].at({ file: input.text.positionAt(0).file }, undefined));
    }
    const overlay =
      input.form === 'dts' ? readDts([input.text], { files, ...options, plugin: true }, sink) : input.tree;
    const result = tree && overlay && applyOverlay(tree, overlay, sink, parameters);
    merged = result && { tree: result };
  }
  return settle(merged);
}

/** A file, and the parameters behind it where the whole is no file's name. */
function withParameters(
  files: DeviceTreeFiles,
  argument: string,
): { readonly path: string; readonly parameters: readonly OverlayParameter[] | undefined } {
  const whole = { path: argument, parameters: undefined };
  if (argument === STDIN_PATH || files.status(argument) !== undefined) return whole;
  for (let at = argument.indexOf(PARAMETERS_AT); at >= 0; at = argument.indexOf(PARAMETERS_AT, at + 1)) {
    const path = argument.slice(0, at);
    if (path === STDIN_PATH || files.status(path)?.kind === 'file') {
      return { path, parameters: parseParameters(argument.slice(at + 1)) };
    }
  }
  return whole;
}

/** Whether a source has a fragment's content, outside comments and strings. */
function hasFragments({ text }: MappedText): boolean {
  for (const match of text.matchAll(FRAGMENT)) if (match[1] !== undefined) return true;
  return false;
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
