/**
 * Reads device tree source, preprocessed or not, to the tree that dtc 1.8.1 makes of it: the same nodes and properties in
 * the same order, the same phandles. After DTSpec 0.4 §6 and dtc's own behaviour where that leaves room.
 *
 * Stricter than dtc nowhere; where dtc stops at its first error, this goes on. Left out: dtc's warnings, and its options
 * other than -@ and -i.
 */
import type { DiagnosticSink } from '../../base/index.ts';
import type { MappedText } from '../../cpp/index.ts';
import { type DeviceTree, type DtMarker, DtNode } from '../tree.ts';
import { checkTree } from './checks.ts';
import { dtsCodes } from './diagnostics.ts';
import { type ReadableFiles, SOURCE_LIMIT_BYTES, SourceFiles } from './files.ts';
import { notesOf, positionOf } from './lexer.ts';
import { type ParsedSource, parseDts } from './parser.ts';
import { omitUnused, Phandles, resolveReferences } from './resolve-references.ts';
import { addFixups, addSymbols, labelsFromSymbols } from './symbols.ts';
import { liveNodesUnder, type SourceNode, type SourceProperty } from './syntax.ts';

/**
 * Directories for `/include/` and `/incbin/`, whether symbols are made (dtc's `-@`), and the host's files.
 */
export interface ReadDtsOptions {
  readonly files: ReadableFiles;
  /** Where `/include/` and `/incbin/` look after the directory of the file itself. */
  readonly includeDirectories?: readonly string[];
  /** Write `__symbols__`, so that overlays can be applied (dtc's -@). */
  readonly symbols?: boolean;
  /** Read it as an overlay, though it does not say `/plugin/`. */
  readonly plugin?: boolean;
  readonly limitBytes?: number;
}

/**
 * The tree that the texts, joined in order, describe; `undefined` where they have errors. Each text may begin with
 * `/dts-v1/`, so that sources meant to be joined can be whole ones.
 */
export function readDts(
  texts: readonly MappedText[],
  options: ReadDtsOptions,
  sink: DiagnosticSink,
): DeviceTree | undefined {
  const errors = sink.count('error');
  const [main] = texts;
  const { includeDirectories = [], limitBytes = SOURCE_LIMIT_BYTES } = options;
  const mainFile = main?.positionAt(0).file ?? '';
  const files = new SourceFiles(
    options.files,
    { mainFile, directories: includeDirectories, limitBytes },
    sink,
  );
  const parsed = parseDts(texts, files, sink, options.plugin === true);
  const { tree } = parsed;
  if (tree === undefined) return undefined;
  const bootCpuidPhys = guessBootCpuid(tree.root);
  checkTree(tree, sink);
  const phandles = new Phandles(tree);
  resolveReferences(tree, phandles, { isPlugin: parsed.isPlugin, files }, sink);
  const symbols = options.symbols === true;
  omitUnused(tree, symbols);
  if (tree.root.isDeleted && tree.rootDeletion !== undefined) {
    const place = tree.rootDeletion;
    sink.report(dtsCodes['root-deleted'].at(positionOf(place), undefined, notesOf(place)));
  }
  labelsFromSymbols(tree);
  if (symbols) addSymbols(tree, phandles, files, sink);
  if (parsed.isPlugin) addFixups(tree, files, sink);
  if (sink.count('error') > errors) return undefined;
  return { root: finished(tree.root), memoryReservations: reservationsOf(parsed), bootCpuidPhys };
}

function reservationsOf({ reservations }: ParsedSource): DeviceTree['memoryReservations'] {
  return reservations.map(({ address, sizeBytes, labels }) => ({
    address,
    sizeBytes,
    ...(labels.length === 0 ? {} : { labels }),
  }));
}

/** The `reg` of the first CPU where that is a single cell: dtc's guess at the boot CPU. */
function guessBootCpuid(root: SourceNode): number {
  const cpus = root.children.find(({ name, isDeleted }) => name === 'cpus' && !isDeleted);
  const reg = cpus?.children[0]?.property('reg')?.value.bytes;
  if (reg === undefined || reg.length !== 4) return 0;
  return new DataView(reg.buffer, reg.byteOffset).getUint32(0);
}

function finished(root: SourceNode): DtNode {
  const made = new Map<SourceNode, DtNode>();
  for (const node of liveNodesUnder(root)) {
    const result = new DtNode(node.name);
    result.position = positionOf(node.place);
    result.labels = liveLabels(node);
    for (const property of node.properties) {
      if (property.isDeleted) continue;
      const { name, place, value } = property;
      const labels = liveLabels(property);
      const markers = finishedMarkers(property);
      result.setProperty({
        name,
        value: value.bytes,
        position: positionOf(place),
        ...(labels.length === 0 ? {} : { labels }),
        ...(markers.length === 0 ? {} : { markers }),
      });
    }
    made.set(node, result);
    if (node.parent !== undefined) made.get(node.parent)?.addChild(result);
  }
  return made.get(root) ?? new DtNode('');
}

function finishedMarkers({ value }: SourceProperty): readonly DtMarker[] {
  return value.markers.map(({ offsetBytes, kind, text }) => ({
    offsetBytes,
    kind,
    ...(text === undefined ? {} : { text }),
  }));
}

const NO_LABELS: readonly string[] = [];

function liveLabels({ labels }: SourceNode | SourceProperty): readonly string[] {
  if (labels.length === 0) return NO_LABELS;
  return labels.filter(({ isDeleted }) => !isDeleted).map(({ name }) => name);
}
