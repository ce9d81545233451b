/** A system as it lies in the session's files, with its trees, for what is checked and drawn. */
import type { DiagnosticSink, Host } from '../../../src/base/index.ts';
import { type Board, readDeviceTree, resolveTree } from '../../../src/devicetree/index.ts';
import {
  boardOfTree,
  type CheckOptions,
  checkDescription,
  type GuestTree,
  MICROKIT_BOARDS,
  readSystemFile,
} from '../../../src/microkit/index.ts';
import type { Plan } from '../../../src/plan/index.ts';
import { readProject } from '../../../src/project/index.ts';
import type { LoadedSystem } from './pictures.ts';

function treeAt(host: Host, path: string, sink: DiagnosticSink): Board | undefined {
  const found = readDeviceTree(host.files, path, {}, sink);
  return found === undefined ? undefined : resolveTree(found.tree);
}

/** What a description is checked against, where it is there. */
interface Beside {
  readonly system: string;
  readonly boardTree: string | undefined;
  readonly guests: readonly { readonly vm: string; readonly dtb: string }[];
  readonly plan?: Plan;
}

/** The planned project in a directory, checked as `drivervm check` does; `undefined` after a report. */
export function loadProject(host: Host, directory: string, sink: DiagnosticSink): LoadedSystem | undefined {
  const project = readProject(host.files, directory, sink);
  return project === undefined ? undefined : loadDescription(host, project, sink);
}

/** A description with what lies beside it; without the board's tree it is checked, and there is nothing to draw. */
export function loadDescription(
  host: Host,
  { system, boardTree, guests: named, plan }: Beside,
  sink: DiagnosticSink,
): LoadedSystem | undefined {
  const board = boardTree === undefined ? undefined : treeAt(host, boardTree, sink);
  const read = readSystemFile(system, host.files, sink, {});
  if (read === undefined) return undefined;
  const guests = named.flatMap(({ vm, dtb }): readonly (GuestTree & { readonly vm: string })[] => {
    const tree = treeAt(host, dtb, sink);
    return tree === undefined ? [] : [{ vm, file: dtb, tree }];
  });
  const microkit =
    plan?.board.microkit ?? (board === undefined ? undefined : boardOfTree(board.compatible)?.name);
  const checking: CheckOptions = { board: MICROKIT_BOARDS.get(microkit ?? ''), tree: board, guests };
  checkDescription(read, checking, sink);
  if (board === undefined) return undefined;
  return {
    board,
    read,
    ...(checking.board === undefined ? {} : { microkit: checking.board }),
    guests: new Map(guests.map(({ vm, tree }) => [vm, tree])),
    ...(plan === undefined ? {} : { plan }),
  };
}
