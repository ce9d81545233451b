/** `drivervm dt needs`: everything that a device needs, each line with its reason, down to nodes with registers. */
import type { Command } from 'commander';
import type { DiagnosticSink } from '../../base/index.ts';
import {
  type Board,
  type DtNode,
  findNodes,
  type Need,
  type NeedEdge,
  needsOf,
  pathIn,
  REFERENCE_KINDS,
  REFERENCE_PROBLEMS,
} from '../../devicetree/index.ts';
import type { SourceOptions } from '../../workspace/index.ts';
import { type Answer, type CommandLine, type ExitStatus, runCommand } from '../cli.ts';
import { readBoard } from './board.ts';
import { addSourceOptions } from './source-options.ts';
import { deviceJson, interruptText, regText } from './texts.ts';

interface Options extends SourceOptions {
  readonly json?: boolean;
}

export function addNeedsCommand(parent: Command, cli: CommandLine, done: (status: ExitStatus) => void): void {
  const command = parent
    .command('needs')
    .description(
      'List everything that devices need, and why: clocks, power, pins, interrupts, buses, and so on.',
    )
    .argument('<board>', 'the device tree: blob, source or directory; - for standard input')
    .argument('<node...>', 'devices, each by path, alias or label')
    .option('--json', 'answer in JSON');
  addSourceOptions(command).action(async (board: string, nodes: readonly string[], options: Options) => {
    done(await runCommand(cli, options, (sink) => listNeeds(cli, board, nodes, options, sink)));
  });
}

function listNeeds(
  cli: CommandLine,
  file: string,
  names: readonly string[],
  options: Options,
  sink: DiagnosticSink,
): Answer | undefined {
  const board = readBoard(cli, file, options, sink);
  if (board === undefined) return undefined;
  const asked = findNodes(board, file, names, sink);
  if (asked.length === 0) return undefined;
  const { needs, edges, dangling } = needsOf(board, asked);
  const broken = dangling.map(
    ({ node, dependency: { property, index, problem } }) =>
      `${node.name} → ${property}[${index}] → ? (${problem === undefined ? '' : REFERENCE_PROBLEMS[problem]})\n`,
  );
  return {
    text: [...tree(board, needs), ...broken].join(''),
    json: {
      needs: needs.map((need) => needJson(board, need)),
      edges: edges.map((edge) => edgeJson(board, edge)),
      dangling: dangling.map(({ node, dependency: { property, index, problem } }) => ({
        node: pathIn(board.index, node),
        property,
        index,
        problem,
      })),
    },
  };
}

/** The needs as a tree: each node once, below the one that first asked for it. */
function tree(board: Board, needs: readonly Need[]): readonly string[] {
  const below = new Map<DtNode | undefined, Need[]>();
  for (const need of needs) {
    const from = need.because?.from;
    const list = below.get(from);
    if (list === undefined) below.set(from, [need]);
    else list.push(need);
  }
  const names = namesOf(board, needs);
  const lines: string[] = [];
  const pending = (below.get(undefined) ?? []).map((need) => ({ need, depth: 0 })).reverse();
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    const { need, depth } = at;
    lines.push(`${'  '.repeat(depth)}${line(board, need, names)}\n`);
    const children = below.get(need.node) ?? [];
    pending.push(...children.map((child) => ({ need: child, depth: depth + 1 })).reverse());
  }
  return lines;
}

type Names = ReadonlyMap<DtNode, string>;

/** The nodes' names, or their paths where several have the same name. */
function namesOf({ index }: Board, needs: readonly Need[]): Names {
  const counts = new Map<string, number>();
  for (const { node } of needs) counts.set(node.name, (counts.get(node.name) ?? 0) + 1);
  return new Map(
    needs.map(({ node }) => [node, counts.get(node.name) === 1 ? node.name : pathIn(index, node)]),
  );
}

/** `ethernet@ff3f0000 → clocks[0] stmmaceth → clock-controller (a clock) 0x…–0x…, 40 level` */
function line(board: Board, { node, because, leaf }: Need, names: Names): string {
  const device = board.deviceOf(node);
  const regs = device?.regs.filter(({ cpu }) => cpu !== undefined).map(regText) ?? [];
  const interrupts =
    leaf === undefined ? (device?.interrupts ?? []).map((found) => `INTID ${interruptText(found)}`) : [];
  const what = [...regs, ...interrupts].join(', ');
  const notes = [leafText(leaf), because === undefined ? undefined : wanted(because)].filter(
    (note) => note !== undefined,
  );
  const head =
    because === undefined
      ? pathIn(board.index, node)
      : `${names.get(because.from)} → ${via(because)}${names.get(node)}`;
  return `${head}${notes.length === 0 ? '' : ` (${notes.join('; ')})`}${what === '' ? '' : ` ${what}`}`;
}

function via({ from, holder, reason }: NeedEdge): string {
  const inside =
    holder === from || reason.kind === 'child' || reason.kind === 'part' ? '' : `${holder.name}: `;
  switch (reason.kind) {
    case 'reference': {
      const { property, index, name } = reason.dependency;
      return `${inside}${property}[${index}]${name === undefined ? '' : ` ${name}`} → `;
    }
    case 'interrupt':
      return `${inside}${reason.interrupt.property}[${reason.interrupt.index}] → `;
    case 'suspect':
      return `${inside}${reason.suspect.property} → `;
    case 'parent':
      return 'above it → ';
    case 'child':
      return 'below it → ';
    case 'part':
      return 'part of it → ';
  }
}

function wanted({ reason }: NeedEdge): string | undefined {
  if (reason.kind === 'reference') return REFERENCE_KINDS[reason.dependency.kind];
  return reason.kind === 'suspect' ? 'may be a reference: the property is not known' : undefined;
}

function leafText(leaf: Need['leaf']): string | undefined {
  if (leaf === 'not-enabled') return 'not enabled';
  return leaf === 'gic' ? 'the GIC' : undefined;
}

function needJson(board: Board, need: Need): Readonly<Record<string, unknown>> {
  const { node, because, leaf } = need;
  const device = board.deviceOf(node);
  return {
    ...(device === undefined ? { path: pathIn(board.index, node) } : deviceJson(device)),
    ...(leaf === undefined ? {} : { leaf }),
    ...(because === undefined ? {} : { because: edgeJson(board, because) }),
  };
}

function edgeJson(
  { index }: Board,
  { from, holder, to, reason }: NeedEdge,
): Readonly<Record<string, unknown>> {
  const head = {
    from: pathIn(index, from),
    holder: pathIn(index, holder),
    to: pathIn(index, to),
    kind: reason.kind,
  };
  switch (reason.kind) {
    case 'reference': {
      const { property, index: entry, name, kind, args, waits } = reason.dependency;
      return { ...head, property, index: entry, name, wants: kind, args, waits };
    }
    case 'interrupt':
      return { ...head, property: reason.interrupt.property, index: reason.interrupt.index };
    case 'suspect':
      return { ...head, property: reason.suspect.property, certainty: reason.suspect.certainty };
    default:
      return head;
  }
}
