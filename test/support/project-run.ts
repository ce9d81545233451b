/**
 * A project that `plan` wrote, run in this process with a script: its guests under their own `vmm.ts`, the virtualisers and
 * native drivers that come with drivervm, and whatever stores and watchers the caller gives them.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DiagnosticSink, formatDiagnostic } from '../../src/base/index.ts';
import { type Board, readDeviceTree, resolveTree } from '../../src/devicetree/index.ts';
import { plainSource, protectionDomainsOf, readDescription } from '../../src/microkit/index.ts';
import { nodeHost } from '../../src/node/host.ts';
import { readProject } from '../../src/project/read-project.ts';
import { diagnose, idleProgram, type SessionOptions } from '../../src/run/index.ts';
import { builtInProgram, type ProgramResources } from '../../src/sddf/index.ts';
import type { ProgramFactory } from '../../src/sel4/index.ts';
import { loadProgram, type SharedOptions, sharedOptionsOf } from '../../src/workspace/index.ts';
import { ConsoleRun } from './console-run.ts';

/** What a run needs of a project, read once. */
export interface LoadedProject {
  readonly board: Board;
  readonly description: NonNullable<ReturnType<typeof readDescription>>['description'];
  readonly guestTrees: ReadonlyMap<string, Board>;
  readonly shared: SharedOptions;
  /** The programs of domains with guests. */
  readonly monitors: ReadonlyMap<string, ProgramFactory>;
}

export function loadProject(directory: string): LoadedProject {
  const host = nodeHost();
  const sink = new DiagnosticSink();
  const project = readProject(host.files, directory, sink);
  assert.ok(project?.boardTree !== undefined, sink.sorted().map(formatDiagnostic).join('\n'));
  const treeAt = (path: string): Board => {
    const read = readDeviceTree(host.files, path, {}, sink);
    assert.ok(read !== undefined, path);
    return resolveTree(read.tree);
  };
  const source = plainSource(project.system, readFileSync(project.system, 'utf8'));
  const read = readDescription(source, sink);
  assert.ok(read !== undefined);
  const guestTrees = new Map<string, Board>();
  const monitors = new Map<string, ProgramFactory>();
  for (const pd of protectionDomainsOf(read.description)) {
    const guest = project.guests.find(({ vm }) => vm === pd.virtualMachine?.name);
    if (guest === undefined) continue;
    const images = {
      kernel: readFileSync(guest.kernel),
      dtb: readFileSync(guest.dtb),
      ...(guest.initrd === undefined ? {} : { initrd: readFileSync(guest.initrd) }),
    };
    const name = pd.programImage?.path.replace(/elf$/, 'ts') ?? '';
    const monitor = loadProgram(host, join(directory, name));
    monitors.set(pd.name, (microkit) => monitor(microkit, images));
    guestTrees.set(guest.vm, treeAt(guest.dtb));
  }
  return {
    board: treeAt(project.boardTree),
    description: read.description,
    shared: sharedOptionsOf(project.plan),
    guestTrees,
    monitors,
  };
}

export class ProjectRun extends ConsoleRun {
  readonly #project: LoadedProject;

  constructor(
    project: LoadedProject,
    resources: ProgramResources = {},
    more: Pick<SessionOptions, 'onFrame' | 'machine'> = {},
  ) {
    const { board, description, monitors, shared } = project;
    super({
      board,
      description,
      programOf: (pd, wire) =>
        monitors.get(pd.name) ??
        builtInProgram(pd.programImage?.path ?? '', pd.name, { ...shared, ...resources, wire }) ??
        idleProgram,
      ...more,
    });
    this.#project = project;
  }

  diagnosis(): readonly string[] {
    const sink = new DiagnosticSink();
    const { board, description, guestTrees } = this.#project;
    const instructions = new Map([...guestTrees.keys()].map((vm) => [vm, this.instructions]));
    diagnose({ board, description, guestTrees, record: this.session.record, instructions }, sink);
    return sink.sorted().map(formatDiagnostic);
  }
}
