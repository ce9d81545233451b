/** From a request, in a file or said otherwise, to its plan and the files of its project: everything is read through the host. */
import type { DiagnosticSink, Host, HostFiles } from '../base/index.ts';
import type { Board } from '../devicetree/index.ts';
import { boardFromSdk, type MicrokitBoard } from '../microkit/index.ts';
import {
  findMicrokitBoard,
  makePlan,
  microkitNameOf,
  type PayloadFacts,
  type Plan,
  type PlanRequest,
  type RequestOverrides,
  readRequest,
} from '../plan/index.ts';
import { madeImageFile, type ProjectFile, projectFiles } from '../project/index.ts';
import { boardReader, type ReadBoard } from './check-inputs.ts';
import { measurePayloads } from './measure-payloads.ts';
import type { SourceOptions } from './reading.ts';

/** A request's file, what is laid over it, and where the project goes. */
export interface PlanningOptions extends SourceOptions {
  /** The request's file; without one, `overrides` say it all. */
  readonly file?: string;
  readonly overrides?: RequestOverrides;
  /** The directory that the project is going to be in, from which the plan's paths are seen. */
  readonly output?: string;
  /** A Microkit SDK, whose build of seL4 says what memory it hands out. */
  readonly sdk?: string;
}

/** A plan and its files, not yet written. */
export interface PlannedProject {
  readonly plan: Plan;
  readonly files: readonly ProjectFile[];
}

/** The plan and its project, not written yet; `undefined` after a report. */
export function planRequest(
  host: { readonly files: HostFiles },
  options: PlanningOptions,
  sink: DiagnosticSink,
): PlannedProject | undefined {
  const planned = planOf(host, options, sink);
  if (planned === undefined) return undefined;
  const { plan, board, made } = planned;
  const images = [...made].map(([name, content]) => ({ path: madeImageFile({ name }), content }));
  return { plan, files: [...projectFiles(plan, board.tree), ...images] };
}

/** How a plan's inputs are read: whoever plans the same again and again keeps what did not change. */
export interface PlanReaders {
  readonly readBoard: ReadBoard;
  readonly measure: typeof measurePayloads;
}

/** A plan, the board that it is for, and the Images that were made of kernels that are none, by guest. */
export interface MadePlan {
  readonly plan: Plan;
  readonly board: Board;
  readonly made: ReadonlyMap<string, Uint8Array>;
}

/** The plan alone; `undefined` after a report. */
export function planOf(
  host: { readonly files: HostFiles },
  { file, overrides = {}, output, sdk, ...source }: PlanningOptions,
  sink: DiagnosticSink,
  readers: PlanReaders = { readBoard: boardReader(host.files), measure: measurePayloads },
): MadePlan | undefined {
  const { files } = host;
  const text = file === undefined ? '{}' : new TextDecoder().decode(files.read(file));
  const request = readRequest(text, file, sink, overrides);
  if (request === undefined) return undefined;
  const directory = file === undefined ? '' : files.dirname(file);
  const locate = (path: string) =>
    isAbsolute(path) || directory === '' ? path : files.join(directory, path);
  const board = readers.readBoard(locate(request.dtb), source, sink);
  if (board === undefined) return undefined;
  const named = request.microkitBoard ?? microkitNameOf(board);
  const microkit = named === undefined ? undefined : microkitBoard(host, named, sdk, sink);
  if (request.microkitBoard !== undefined && microkit === undefined) return undefined;
  const measured = readers.measure(host, request, locate, sink);
  if (sink.hasErrors) return undefined;
  const seen = output === undefined ? request : relocated(files, request, locate, output);
  const payloads = new Map(
    [...measured.facts].map(([owner, facts]) => [owner, madeOf(facts, seen, owner)] as const),
  );
  const plan = makePlan(
    {
      board,
      dtbName: files.basename(request.dtb),
      ...(output === undefined ? {} : { dtbPath: files.relative(output, locate(request.dtb)) }),
      request: atTheirPlaces(withMadeImages(seen, measured.made), payloads),
      ...(microkit === undefined ? {} : { microkit }),
      payloads,
    },
    sink,
  );
  return plan && { plan, board, made: measured.made };
}

function isAbsolute(path: string): boolean {
  return path.startsWith('/') || /^[A-Za-z]:[\\/]/.test(path);
}

/** What is known of a board: an SDK's own words where there is one, else our table. */
function microkitBoard(
  host: Pick<Host, 'files'>,
  name: string,
  sdk: string | undefined,
  sink: DiagnosticSink,
): MicrokitBoard | undefined {
  const known = findMicrokitBoard(name, sink);
  if (known === undefined) return undefined;
  if (sdk === undefined || sdk === '') return known;
  return boardFromSdk(sdk, known, 'debug', host.files, sink);
}

/** Image paths as the project's directory sees them. */
function relocated(
  files: Pick<HostFiles, 'relative'>,
  request: PlanRequest,
  locate: (path: string) => string,
  output: string,
): PlanRequest {
  const seen = (path: string) => (isAbsolute(path) ? path : files.relative(output, locate(path)));
  return {
    ...request,
    guests: request.guests.map((guest) => ({
      ...guest,
      kernel: seen(guest.kernel),
      ...(guest.initrd === undefined ? {} : { initrd: seen(guest.initrd) }),
      virtio: guest.virtio.map((device) =>
        device.image === undefined ? device : { ...device, image: seen(device.image) },
      ),
    })),
    disks: request.disks.map((disk) => ({ ...disk, image: seen(disk.image) })),
  };
}

/** What the kernel's file is called from the project's directory. */
function madeOf(facts: PayloadFacts, seen: PlanRequest, owner: string): PayloadFacts {
  const madeFrom = seen.guests.find(({ name }) => name === owner)?.kernel;
  if (facts.kernel?.madeFrom === undefined || madeFrom === undefined) return facts;
  return { ...facts, kernel: { ...facts.kernel, madeFrom } };
}

/** The project has the Images that were made of other kernels. */
function withMadeImages(request: PlanRequest, made: ReadonlyMap<string, Uint8Array>): PlanRequest {
  const guests = request.guests.map((guest) =>
    made.has(guest.name) ? { ...guest, kernel: madeImageFile(guest) } : guest,
  );
  return { ...request, guests };
}

/** A kernel that can't run elsewhere decides where its guest's RAM begins, unless the request does. */
function atTheirPlaces(request: PlanRequest, payloads: ReadonlyMap<string, PayloadFacts>): PlanRequest {
  const guests = request.guests.map((guest) => {
    const ramBase = guest.ramBase ?? payloads.get(guest.name)?.kernel?.ramBase;
    return ramBase === undefined ? guest : { ...guest, ramBase };
  });
  return { ...request, guests };
}
