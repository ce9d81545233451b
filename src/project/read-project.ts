/** A project read back from its directory: its plan, and where the files are that the plan names. */
import type { DiagnosticSink, HostFiles } from '../base/index.ts';
import { DEFAULT_DISK_MODE, type DiskMode, type Plan, servedDevices } from '../plan/index.ts';
import { projectCodes as codes } from './diagnostics.ts';
import { guestTreeFile, PLAN_FILE, runSystemFile } from './file-names.ts';
import { readPlan } from './read-plan.ts';

/** The files of one guest, and where the plan puts them in its RAM. */
export interface ProjectGuest {
  readonly vm: string;
  readonly dtb: string;
  readonly kernel: string;
  /** What the kernel's Image was made from, where that was no Image. */
  readonly madeFrom?: string;
  readonly initrd?: string;
  readonly placement: { readonly dtb: number; readonly initrd?: number };
}

/** A file that is a disk: of a device of the board's, by its path, or of a virtualiser, by its protection domain. */
export interface ProjectDisk {
  readonly owner: string;
  readonly path: string;
  readonly mode: DiskMode;
}

/** A project as it was read: paths as the host has them, and the plan where there is one. */
export interface Project {
  readonly directory: string;
  readonly plan: Plan;
  /** The system description that a run goes by. */
  readonly system: string;
  /** The board's tree, where it was found. */
  readonly boardTree: string | undefined;
  readonly guests: readonly ProjectGuest[];
  readonly disks: readonly ProjectDisk[];
}

type ProjectFiles = Pick<HostFiles, 'status' | 'read' | 'list' | 'join' | 'dirname' | 'basename'>;

/** The directory that is meant by a path that names a project or its plan; `undefined` where it is neither. */
export function projectDirectory(files: ProjectFiles, target: string): string | undefined {
  const path = files.basename(target) === PLAN_FILE ? files.dirname(target) : target;
  return files.status(path)?.kind === 'directory' ? path : undefined;
}

/** The project in a directory; `undefined` after a report where it has no plan, or none that can be read. */
export function readProject(
  files: ProjectFiles,
  directory: string,
  sink: DiagnosticSink,
): Project | undefined {
  const planPath = files.join(directory, PLAN_FILE);
  if (files.status(planPath)?.kind !== 'file') {
    sink.report(codes['no-plan'].at({ file: planPath }, {}));
    return undefined;
  }
  const plan = readPlan(new TextDecoder().decode(files.read(planPath)), planPath, sink);
  if (plan === undefined) return undefined;
  const near = (name: string, places: readonly string[]) =>
    places
      .map((place) => files.join(place, name))
      .find((candidate) => files.status(candidate)?.kind === 'file');
  /** A path of the plan: from the project's directory, as its Makefile has it, or as it stands. */
  const given = (name: string) => near(name, [directory, '']) ?? name;
  const { board } = plan;
  const kernels = plan.guests.map(({ kernel }) => files.dirname(given(kernel.path)));
  const boards = [
    directory,
    ...kernels,
    ...kernels.flatMap((place) => subdirectories(files, files.join(place, 'dtbs'))),
  ];
  const disks = [
    ...servedDevices(plan).map(({ server, device }) => ({ ...device, owner: server.pd })),
    ...plan.disks.map(({ device, ...disk }) => ({ owner: device, ...disk })),
  ];
  return {
    directory,
    plan,
    system: files.join(directory, runSystemFile(plan)),
    boardTree: near(board.dtbPath ?? board.dtb, [directory]) ?? near(board.dtb, boards),
    disks: disks.flatMap(({ owner, image, mode }) =>
      image === undefined ? [] : [{ owner, path: given(image), mode: mode ?? DEFAULT_DISK_MODE }],
    ),
    guests: plan.guests.map((guest) => ({
      vm: guest.vm.name,
      dtb: files.join(directory, guestTreeFile(guest, 'dtb')),
      kernel: given(guest.kernel.path),
      ...(guest.kernel.madeFrom === undefined ? {} : { madeFrom: given(guest.kernel.madeFrom) }),
      ...(guest.initrd === undefined ? {} : { initrd: given(guest.initrd.path) }),
      placement: {
        dtb: guest.dtb.base,
        ...(guest.initrd === undefined ? {} : { initrd: guest.initrd.base }),
      },
    })),
  };
}

function subdirectories(files: ProjectFiles, path: string): readonly string[] {
  if (files.status(path)?.kind !== 'directory') return [];
  return [path, ...files.list(path).map((name) => files.join(path, name))];
}
