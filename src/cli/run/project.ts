/**
 * What `run` is pointed at: a project's directory, whose plan says which files belong together, or a system description
 * and flags that name the rest. Flags win over a plan.
 */
import type { DiagnosticSink, Host } from '../../base/index.ts';
import { type PlannedGuest, runCodes } from '../../run/index.ts';
import { DISK_MODES, type Disk } from './disks.ts';
import { type PlanFiles, readPlanFiles } from './plan-files.ts';

/** The files of one guest. */
export interface GuestFiles {
  readonly vm: string;
  readonly dtb: string;
  readonly kernel: string;
  readonly initrd?: string;
  readonly placement?: { readonly dtb: number; readonly initrd?: number };
}

export interface RunTarget {
  /** What the plan said of each guest, by its virtual machine. */
  readonly planned: ReadonlyMap<string, PlannedGuest>;
  readonly system: string;
  readonly boardTree: string | undefined;
  readonly guests: readonly GuestFiles[];
  readonly disks: readonly Disk[];
  readonly macAddresses: PlanFiles['macAddresses'];
}

const PLAN_FILE = 'plan.json';

/** The project in a directory, or of a plan's file; `undefined` where the path is neither, with a diagnostic where its plan is no plan. */
export function readProject(host: Host, target: string, sink: DiagnosticSink): RunTarget | undefined {
  const { files } = host;
  const path = files.basename(target) === PLAN_FILE ? files.dirname(target) : target;
  if (files.status(path)?.kind !== 'directory') return undefined;
  const plan = readPlan(host, files.join(path, PLAN_FILE), sink);
  if (plan === undefined) return undefined;
  const near = (name: string, places: readonly string[]) =>
    places
      .map((place) => files.join(place, name))
      .find((candidate) => files.status(candidate)?.kind === 'file');
  /** A path of the plan: from the project's directory, as its Makefile has it, or as it stands. */
  const given = (name: string) => near(name, [path, '']) ?? name;
  const kernels = plan.guests.map(({ kernel }) => files.dirname(given(kernel)));
  const boards = [
    path,
    ...kernels,
    ...kernels.flatMap((directory) => subdirectories(host, files.join(directory, 'dtbs'))),
  ];
  return {
    system: files.join(path, `${plan.name}.system`),
    planned: new Map(plan.guests.map(({ vm, name, leftOut }) => [vm, { name, leftOut }])),
    macAddresses: plan.macAddresses,
    disks: plan.disks.map(({ owner, image, mode }) => ({
      owner,
      path: given(image),
      mode: DISK_MODES.find((known) => known === mode) ?? 'copy-on-write',
    })),
    boardTree: near(plan.boardTreePath ?? plan.boardTree, [path]) ?? near(plan.boardTree, boards),
    guests: plan.guests.map(({ name, vm, kernel, dtbBase, initrd }) => ({
      vm,
      dtb: files.join(path, `${name}.dtb`),
      kernel: given(kernel),
      ...(initrd === undefined ? {} : { initrd: given(initrd.path) }),
      placement: { dtb: dtbBase, ...(initrd === undefined ? {} : { initrd: initrd.base }) },
    })),
  };
}

function readPlan({ files }: Host, path: string, sink: DiagnosticSink): PlanFiles | undefined {
  if (files.status(path)?.kind === 'file') {
    const plan = readPlanFiles(new TextDecoder().decode(files.read(path)));
    if (plan !== undefined) return plan;
  }
  sink.report(runCodes['no-plan'].at({ file: path }, {}));
  return undefined;
}

function subdirectories({ files }: Host, path: string): readonly string[] {
  if (files.status(path)?.kind !== 'directory') return [];
  return [path, ...files.list(path).map((name) => files.join(path, name))];
}
