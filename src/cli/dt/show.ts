/** `drivervm dt show`: a device tree, or a part of it, as source. */
import type { Command } from 'commander';
import { type DiagnosticSink, hex } from '../../base/index.ts';
import {
  cellsOf,
  type DtNode,
  type DtProperty,
  findNodes,
  guessKind,
  labelsOf,
  nodesUnder,
  pathForMessage,
  phandleFinder,
  printDts,
  printDtsNode,
  readDeviceTree,
  resolveTree,
  stringsOf,
} from '../../devicetree/index.ts';
import { type SourceOptions, sourceReading } from '../../workspace/index.ts';
import { type Answer, type CommandLine, type ExitStatus, runCommand } from '../cli.ts';
import { addSourceOptions } from './source-options.ts';

interface Options extends SourceOptions {
  readonly plain?: boolean;
  readonly json?: boolean;
}

export function addShowCommand(parent: Command, cli: CommandLine, done: (status: ExitStatus) => void): void {
  const command = parent
    .command('show')
    .description(
      'Print a device tree, or a node and all below it, as source. Phandles become references where the node has a label, and are named in comments where it has none.',
    )
    .argument('<board>', 'the device tree: blob, source or directory; - for standard input')
    .argument('[node]', 'a node, by path, alias or label')
    .option('--plain', 'phandles as numbers, no labels from __symbols__, no comments')
    .option('--json', 'answer in JSON: a list of nodes, each with the place of its parent in the list');
  addSourceOptions(command).action(async (board: string, node: string | undefined, options: Options) => {
    done(await runCommand(cli, options, (sink) => show(cli, board, node, options, sink)));
  });
}

function show(
  cli: CommandLine,
  file: string,
  name: string | undefined,
  options: Options,
  sink: DiagnosticSink,
): Answer | undefined {
  const found = readDeviceTree(cli.host.files, file, sourceReading(options), sink);
  if (found === undefined) return undefined;
  const { tree } = found;
  const [node] = name === undefined ? [tree.root] : findNodes(resolveTree(tree), file, [name], sink);
  if (node === undefined) return undefined;
  if (options.json === true) {
    const { memoryReservations, bootCpuidPhys } = tree;
    const ofTree = {
      memoryReservations: memoryReservations.map(({ address, sizeBytes }) => ({
        address: hex(address),
        sizeBytes: hex(sizeBytes),
      })),
      bootCpuidPhys,
    };
    const json = { form: found.form, ...(name === undefined ? ofTree : {}), ...nodesJson(tree.root, node) };
    return { text: '', json };
  }
  const printing = options.plain === true ? {} : { symbolLabels: true, phandles: phandleFinder(tree) };
  if (name === undefined) return { text: printDts(tree, printing) };
  return { text: `// ${pathForMessage(node)}\n${printDtsNode(tree.root, node, printing)}` };
}

/** A flat list: nested objects as deep as a tree may be are more than JSON's readers take. */
function nodesJson(root: DtNode, top: DtNode): Readonly<Record<string, unknown>> {
  const labels = labelsOf(root, true);
  const places = new Map<DtNode, number>();
  const nodes = [...nodesUnder(top)].map((node, place) => {
    places.set(node, place);
    const parent = node === top ? undefined : node.parent;
    return {
      name: node.name,
      parent: parent === undefined ? null : (places.get(parent) ?? null),
      labels: labels.get(node) ?? [],
      properties: [...node.properties.values()].map(propertyJson),
    };
  });
  return { path: pathForMessage(top), nodes };
}

function propertyJson({ name, value }: DtProperty): Readonly<Record<string, unknown>> {
  const bytes = Array.from(value, (byte) => byte.toString(16).padStart(2, '0')).join('');
  if (value.length === 0) return { name, bytes };
  const kind = guessKind(value);
  if (kind === 'string') return { name, bytes, strings: stringsOf(value) };
  return kind === 'cells32' ? { name, bytes, cells: cellsOf(value) } : { name, bytes };
}
