/** What the commands that ask for a tree's meaning share. */
import type { DiagnosticSink } from '../../base/index.ts';
import { type Board, readDeviceTree, resolveTree } from '../../devicetree/index.ts';
import { type SourceOptions, sourceReading } from '../../workspace/index.ts';
import type { CommandLine } from '../cli.ts';

/** Reads a board in any form and resolves it; `undefined` where it can't be read. */
export function readBoard(
  cli: CommandLine,
  board: string,
  options: SourceOptions,
  sink: DiagnosticSink,
): Board | undefined {
  const found = readDeviceTree(cli.host.files, board, sourceReading(options), sink);
  return found === undefined ? undefined : resolveTree(found.tree);
}
