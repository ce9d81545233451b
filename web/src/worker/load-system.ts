/** A system as it lies in the session's files, with its trees, for what is checked and drawn. */
import type { DiagnosticSink, Host } from '../../../src/base/index.ts';
import { type Board, readDeviceTree, resolveTree } from '../../../src/devicetree/index.ts';
import {
  type CheckOptions,
  checkDescription,
  MICROKIT_BOARDS,
  readSystemFile,
} from '../../../src/microkit/index.ts';
import { readProject } from '../../../src/project/index.ts';
import type { LoadedSystem } from './pictures.ts';

function treeAt(host: Host, path: string, sink: DiagnosticSink): Board | undefined {
  const found = readDeviceTree(host.files, path, {}, sink);
  return found === undefined ? undefined : resolveTree(found.tree);
}

/** The planned project in a directory, checked as `drivervm check` does; `undefined` after a report. */
export function loadProject(host: Host, directory: string, sink: DiagnosticSink): LoadedSystem | undefined {
  const project = readProject(host.files, directory, sink);
  const { boardTree } = project ?? {};
  if (project === undefined || boardTree === undefined) return undefined;
  const board = treeAt(host, boardTree, sink);
  const read = readSystemFile(project.system, host.files, sink, {});
  if (board === undefined || read === undefined) return undefined;
  const guests = project.guests.flatMap(({ vm, dtb }) => {
    const tree = treeAt(host, dtb, sink);
    return tree === undefined ? [] : [{ vm, file: dtb, tree }];
  });
  const { plan } = project;
  const checking: CheckOptions = {
    board: MICROKIT_BOARDS.get(plan.board.microkit ?? ''),
    tree: board,
    guests,
  };
  checkDescription(read, checking, sink);
  return {
    board,
    description: read.description,
    guests: new Map(guests.map(({ vm, tree }) => [vm, tree])),
    plan,
  };
}
