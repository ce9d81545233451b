/** What a description is checked against, read from the files that flags, settings or a plan name. */
import type { DiagnosticSink, HostFiles } from '../base/index.ts';
import { type Board, readDeviceTree, resolveTree } from '../devicetree/index.ts';
import { boardFromSdk, type CheckOptions, MICROKIT_BOARDS, type MicrokitBoard } from '../microkit/index.ts';
import { type DescriptionOptions, type SourceOptions, sourceReading } from './reading.ts';

/** What `check` is given beside the description: names and paths, nothing read yet. */
export interface CheckGiven extends DescriptionOptions {
  /** Microkit's name of the board. */
  readonly board?: string;
  readonly config?: string;
  readonly sdk?: string;
  readonly dtb?: string;
  /** Without a virtual machine's name where there is only one. */
  readonly guestTrees?: readonly { readonly vm?: string; readonly file: string }[];
  readonly searchPath?: readonly string[];
}

/** Reads a device tree and resolves it; `undefined` after a report. */
export type ReadBoard = (path: string, options: SourceOptions, sink: DiagnosticSink) => Board | undefined;

/** A board's device tree in any form: a blob, source or a directory. */
export function boardReader(files: HostFiles): ReadBoard {
  return (path, options, sink) => {
    const found = readDeviceTree(files, path, sourceReading(options), sink);
    return found === undefined ? undefined : resolveTree(found.tree);
  };
}

/** Everything that was given, read. What can't be read is reported, and left out. */
export function readCheckOptions(
  files: HostFiles,
  given: CheckGiven,
  sink: DiagnosticSink,
  readBoard: ReadBoard = boardReader(files),
): CheckOptions {
  const { dtb, guestTrees = [], searchPath } = given;
  const board = microkitBoard(files, given, sink);
  return {
    board,
    cores: coresOf(board, given.config),
    tree: dtb === undefined ? undefined : readBoard(dtb, given, sink),
    guests: guestTrees.flatMap(({ vm, file }) => {
      const tree = readBoard(file, given, sink);
      return tree === undefined ? [] : { vm, file, tree };
    }),
    prefillSizeBytes: searchPath && fromFirst(searchPath, files, (_, sizeBytes) => sizeBytes),
    programImage: searchPath && fromFirst(searchPath, files, (file) => files.read(file)),
  };
}

const DEFAULT_CONFIG = 'debug';

/** As many as the board has in the `smp-` configurations, and one in the others. */
function coresOf(board: MicrokitBoard | undefined, config: string | undefined): number | undefined {
  if (config === undefined) return undefined;
  return config.startsWith('smp-') ? board?.smpCores : 1;
}

function microkitBoard(
  files: HostFiles,
  { board, sdk, config }: CheckGiven,
  sink: DiagnosticSink,
): MicrokitBoard | undefined {
  const known = board === undefined ? undefined : MICROKIT_BOARDS.get(board);
  if (known === undefined || sdk === undefined) return known;
  // x86 has no list of memory: the machine says it at boot.
  if (known.arch === 'x86_64') return known;
  return boardFromSdk(sdk, known, config ?? DEFAULT_CONFIG, files, sink);
}

/** Something of the file in the first of the directories that has it. */
function fromFirst<T>(
  directories: readonly string[],
  files: HostFiles,
  take: (file: string, sizeBytes: number) => T,
): (path: string) => T | undefined {
  return (path) => {
    for (const directory of directories) {
      const file = files.join(directory, path);
      const status = files.status(file);
      if (status?.kind === 'file') return take(file, status.sizeBytes);
    }
    return undefined;
  };
}
