/** Everything that a run is made of, read and looked at: the board, the description, the guests' images, the disks. */
import type { DiagnosticSink, Host } from '../base/index.ts';
import type { Board } from '../devicetree/index.ts';
import { protectionDomainsOf, readSystemFile, type SystemDescription } from '../microkit/index.ts';
import type { Plan } from '../plan/index.ts';
import { projectDirectory, readProject } from '../project/index.ts';
import { descriptionWithVcpus, type GuestSymbols, type PlannedGuest, runCodes } from '../run/index.ts';
import { type OpenDisks, openDisks, parseDisk } from './disks.ts';
import { type EnginePrograms, enginePrograms } from './engine-programs.ts';
import { checkNames, guestPayloads, type RunPayload, readBoardTree } from './guest-payloads.ts';
import { kernelSymbols } from './kernel-symbols.ts';
import { loadMonitors, type Programs, programTexts } from './programs.ts';
import { descriptionReading } from './reading.ts';
import { readRegisterSeeds } from './register-seeds.ts';
import type { MonitorLibrary, RunRequest } from './run-request.ts';
import { NO_OPTIONS, type SharedOptions, sharedOptionsOf } from './shared-options.ts';
import { type OpenShare, openShares } from './shares.ts';

const NO_MONITORS: Programs['monitors'] = new Map();

/** Everything that a run is made of, read and checked. */
export interface RunInputs {
  readonly board: Board;
  readonly description: SystemDescription;
  readonly payloads: ReadonlyMap<string, RunPayload>;
  readonly monitors: Programs['monitors'];
  /** The programs that run in an engine of their own, none of which is among the monitors. */
  readonly engine?: EnginePrograms;
  /** The texts of the programs that lie beside the description, by their file's name. */
  readonly programTexts: ReadonlyMap<string, Uint8Array>;
  /** The library that monitors are written with in this run. */
  readonly library: MonitorLibrary;
  readonly disks: OpenDisks;
  /** Directories of the host's that guests have; whoever read the inputs closes their roots. */
  readonly shares: readonly OpenShare[];
  /** What the plan says of clients of shared devices. */
  readonly shared: SharedOptions;
  /** What the plan said of each guest, where there is one. */
  readonly planned?: ReadonlyMap<string, PlannedGuest>;
  /** The symbols of each guest's kernel, read when they are first wanted. */
  readonly symbolsOf: (vm: string) => GuestSymbols | undefined;
  /** What registers begin with, by address. */
  readonly registerSeeds?: ReadonlyMap<number, number>;
}

/** `misuse` where the command was called wrongly; `undefined` where something is amiss, which the sink says. */
export async function readInputs(
  host: Host,
  path: string,
  options: RunRequest,
  sink: DiagnosticSink,
): Promise<RunInputs | 'misuse' | undefined> {
  const directory = projectDirectory(host.files, path);
  const project = directory === undefined ? undefined : readProject(host.files, directory, sink);
  if (sink.hasErrors) return undefined;
  const system = project?.system ?? path;
  const read = readSystemFile(system, host.files, sink, descriptionReading(options));
  const boardPath = options.dtb ?? project?.boardTree;
  if (boardPath === undefined) {
    sink.report(runCodes['no-board-tree'].at(undefined, {}));
    return 'misuse';
  }
  const board = readBoardTree(host, boardPath, options, sink);
  if (board === undefined || read === undefined) return undefined;
  const description =
    options.vcpus === undefined ? read.description : descriptionWithVcpus(read.description, options.vcpus);
  if (!checkNames(description, options, sink)) return 'misuse';
  if (machinesOf(description).length === 0) {
    sink.report(runCodes['no-machine'].at({ file: system }, {}));
    return undefined;
  }
  const planned = project?.guests ?? [];
  const shares = openShares(host, options.share ?? [], machinesOf(description), sink);
  const payloads = await guestPayloads(host, { board, description, options, planned, shares }, sink);
  const library = options.monitor ?? 'architecture';
  const directoryOfPrograms = host.files.dirname(system);
  const isInEngine = options.engine === 'quickjs';
  const engine = isInEngine
    ? await enginePrograms(
        host,
        description,
        { directory: directoryOfPrograms, library, hasShares: shares.length > 0 },
        sink,
      )
    : undefined;
  const monitors = isInEngine
    ? NO_MONITORS
    : loadMonitors(host, description, { directory: directoryOfPrograms, library }, sink);
  const given = (options.disk ?? []).map(parseDisk);
  const disks = openDisks(host, [...given, ...(project?.disks ?? [])], { board, description }, sink);
  const symbolsOf = kernelSymbols(host, payloads, options, sink);
  const registerSeeds = readRegisterSeeds(host, { board, boardPath }, options, sink);
  if (sink.hasErrors) {
    for (const { root } of shares) root.close();
    return undefined;
  }
  return {
    board,
    description,
    payloads,
    monitors,
    ...(engine === undefined ? {} : { engine }),
    programTexts: programTexts(host.files, directoryOfPrograms),
    library,
    disks,
    shares,
    shared: project === undefined ? NO_OPTIONS : sharedOptionsOf(project.plan),
    ...(project === undefined ? {} : { planned: plannedGuests(project.plan) }),
    symbolsOf,
    ...(registerSeeds === undefined ? {} : { registerSeeds }),
  };
}

function machinesOf(description: SystemDescription): readonly string[] {
  return [...protectionDomainsOf(description)].flatMap(({ virtualMachine: vm }) =>
    vm === undefined ? [] : [vm.name],
  );
}

function plannedGuests({ guests }: Plan): ReadonlyMap<string, PlannedGuest> {
  return new Map(
    guests.map(({ vm, name, leftOut }) => [
      vm.name,
      { name, leftOut: new Map(leftOut.map(({ path, reason }) => [path, reason])) },
    ]),
  );
}
