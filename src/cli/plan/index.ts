/** `drivervm plan`: from a board and a request to one consistent driver VM, as a report and as a project. */
import { relative, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { type DiagnosticSink, type Host, HostError, type HostFiles } from '../../base/index.ts';
import { readDeviceTree, resolveTree } from '../../devicetree/index.ts';
import { boardCodes, boardFromSdk, type MicrokitBoard } from '../../microkit/index.ts';
import { compatiblesOf, payloadCodes, readArm64Image } from '../../payload/index.ts';
import {
  DEFAULT_KERNEL,
  findMicrokitBoard,
  makePlan,
  microkitNameOf,
  type PayloadFacts,
  type PlanRequest,
  planCodes,
  planReport,
  readRequest,
} from '../../plan/index.ts';
import {
  type FileStep,
  type ProjectFile,
  projectCodes,
  projectFiles,
  RECORD_PATH,
  readRecord,
  recordText,
  stepsFor,
} from '../../project/index.ts';
import { type Answer, runCommand } from '../cli.ts';
import { addSourceOptions, type SourceOptions, sourceReading } from '../dt/source-options.ts';
import type { AddCommands } from '../program.ts';
import { type RequestFlags, requestText } from './flags.ts';

/** What writing a project needs of the host's files. */
export type ProjectDirectory = Pick<
  HostFiles,
  'join' | 'makeDirectory' | 'read' | 'status' | 'writeAtomically'
>;

export interface PlanOptions extends SourceOptions, RequestFlags {
  readonly output?: string;
  readonly sdk?: string;
  readonly force?: boolean;
  readonly verbose?: boolean;
  readonly json?: boolean;
}

const byComma = (list: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  ...list.split(',').filter(Boolean),
];

export const addPlanCommands: AddCommands = (parent, cli, done) => {
  const command: Command = parent
    .command('plan')
    .description(
      'Plan a driver VM and write its project: what it is given and why, one consistent set of files.',
    )
    .argument('[request.yaml]', 'the request; without one, the flags say it all')
    .option('-o, --output <dir>', 'the directory to write the project into; without it only the report')
    .option(
      '--dtb <file>',
      "the board's device tree: a blob, source, or a directory such as /proc/device-tree",
    )
    .option('--board <name>', "Microkit's name of the board; default: by the tree's compatible")
    .option('--kernel <file>', 'the kernel Image')
    .option('--initrd <file>', 'the initial ramdisk')
    .option(
      '--pass <list>',
      'devices to pass, by comma: paths, &labels, aliases, names; all or none',
      byComma,
    )
    .option('--except <list>', 'devices that stay out, by comma', byComma)
    .option('--ram <size>', 'RAM of the guest, such as "1 GiB"')
    .option('--ram-base <address>', 'where its RAM lies')
    .option('--vcpus <n>', 'virtual CPUs')
    .option('--bootargs <text>', "the kernel's command line")
    .option('--virtio <list>', 'virtio devices by comma: console, block, net', byComma)
    .option('--name <name>', "the project's name")
    .addOption(
      new Option('--sdk <dir>', 'a Microkit SDK, whose build of seL4 says what memory it hands out').env(
        'MICROKIT_SDK',
      ),
    )
    .option('--force', 'overwrite files of the project that were edited')
    .option('-v, --verbose', 'report every device and the way it came in')
    .option('--json', 'answer in JSON: the whole plan');
  addSourceOptions(command).action(async (file: string | undefined, options: PlanOptions) => {
    if (file === undefined && options.dtb === undefined) {
      return command.error('error: a request file or --dtb is needed', { exitCode: 2 });
    }
    done(await runCommand(cli, options, (sink) => plan(cli.host, file, options, sink)));
  });
};

async function plan(
  host: Host,
  file: string | undefined,
  options: PlanOptions,
  sink: DiagnosticSink,
): Promise<Answer | undefined> {
  const { files } = host;
  const source = file === undefined ? undefined : new TextDecoder().decode(files.read(file));
  const text = requestText(source, options);
  const request = readRequest(text, text === source ? file : undefined, sink);
  if (request === undefined) return undefined;
  const directory = file === undefined ? '' : files.dirname(file);
  const locate = (path: string) =>
    isAbsolute(path) || directory === '' ? path : files.join(directory, path);
  const found = readDeviceTree(files, locate(request.dtb), sourceReading(options), sink);
  if (found === undefined) return undefined;
  const board = resolveTree(found.tree);
  const named = request.microkitBoard ?? microkitNameOf(board);
  const microkit = named === undefined ? undefined : microkitBoard(host, named, options.sdk, sink);
  if (request.microkitBoard !== undefined && microkit === undefined) return undefined;
  const payloads = measurePayloads(host, request, locate, sink);
  if (sink.hasErrors) return undefined;
  const written = options.output === undefined ? request : relocated(request, locate, options.output);
  const made = makePlan(
    {
      board,
      dtbName: files.basename(request.dtb),
      ...(options.output === undefined ? {} : { dtbPath: seenFrom(options.output, locate(request.dtb)) }),
      request: written,
      ...(microkit === undefined ? {} : { microkit }),
      payloads,
    },
    sink,
  );
  if (made === undefined) return undefined;
  const report = planReport(made, { verbose: options.verbose === true });
  if (options.output === undefined) return { text: report, json: { plan: made } };
  const steps = await writeProject(host, options.output, projectFiles(made, found.tree), options, sink);
  return {
    text: `${report}\n${steps.map((step) => stepLine(options.output ?? '', step)).join('\n')}\n`,
    json: {
      plan: made,
      directory: options.output,
      files: steps.map((step) => ({ path: step.file.path, step: step.kind })),
    },
  };
}

function isAbsolute(path: string): boolean {
  return path.startsWith('/') || /^[A-Za-z]:[\\/]/.test(path);
}

/** What is known of a board: an SDK's own words where there is one, else our table. */
function microkitBoard(
  host: Host,
  name: string,
  sdk: string | undefined,
  sink: DiagnosticSink,
): MicrokitBoard | undefined {
  const known = findMicrokitBoard(name, sink);
  if (known === undefined) return undefined;
  if (sdk === undefined || sdk === '') return known;
  const answer = boardFromSdk(sdk, known, 'debug', host.files);
  if ('board' in answer) return answer.board;
  sink.report(boardCodes['sdk-file'].at(undefined, answer));
  return known;
}

/** The kernel's header and the sizes of the files. For a file that is not there room is kept, and that is said. */
export function measurePayloads(
  host: { readonly files: Pick<HostFiles, 'open' | 'status'> },
  request: PlanRequest,
  locate: (path: string) => string,
  sink: DiagnosticSink,
): ReadonlyMap<string, PayloadFacts> {
  const { files } = host;
  const measured = new Map<string, PayloadFacts>();
  for (const guest of request.guests) {
    const kernelPath = locate(guest.kernel);
    const hasKernel = files.status(kernelPath) !== undefined;
    if (!hasKernel && guest.kernel !== DEFAULT_KERNEL) {
      sink.report(
        planCodes['no-image'].at(undefined, { owner: guest.name, key: 'kernel', path: kernelPath }),
      );
    }
    const kernel = hasKernel ? measureKernel(host, kernelPath, sink) : undefined;
    const initrdPath = guest.initrd === undefined ? undefined : locate(guest.initrd);
    const initrd = initrdPath === undefined ? undefined : files.status(initrdPath);
    if (initrdPath !== undefined && initrd === undefined) {
      sink.report(
        planCodes['no-image'].at(undefined, { owner: guest.name, key: 'initrd', path: initrdPath }),
      );
    }
    const ramdisk = initrd === undefined ? undefined : initrdPath;
    const compatibles = kernel === undefined ? undefined : findCompatibles(files, kernelPath, ramdisk);
    measured.set(guest.name, {
      ...(kernel === undefined ? {} : { kernel }),
      ...(initrd === undefined ? {} : { initrdBytes: initrd.sizeBytes }),
      ...(compatibles === undefined ? {} : { compatibles }),
    });
  }
  return measured;
}

function findCompatibles(
  files: Pick<HostFiles, 'open'>,
  kernelPath: string,
  initrdPath: string | undefined,
): ReadonlySet<string> | undefined {
  const kernel = files.open(kernelPath);
  const initrd = initrdPath === undefined ? undefined : files.open(initrdPath);
  try {
    return compatiblesOf(kernel, initrd);
  } finally {
    kernel.close();
    initrd?.close();
  }
}

function measureKernel(
  host: { readonly files: Pick<HostFiles, 'open' | 'status'> },
  path: string,
  sink: DiagnosticSink,
): PayloadFacts['kernel'] {
  const file = host.files.open(path);
  try {
    const image = readArm64Image(file);
    if (image === undefined) {
      sink.report(payloadCodes['not-a-kernel'].at({ file: path }, { path, found: 'something else' }));
      return undefined;
    }
    return {
      textOffsetBytes: image.textOffsetBytes,
      imageSizeBytes: Math.max(image.imageSizeBytes, image.fileSizeBytes),
      fileBytes: image.fileSizeBytes,
    };
  } finally {
    file.close();
  }
}

function seenFrom(directory: string, path: string): string {
  return relative(resolve(directory), resolve(path));
}

/** Image paths as the project's directory sees them. */
function relocated(request: PlanRequest, locate: (path: string) => string, output: string): PlanRequest {
  const seen = (path: string) => (isAbsolute(path) ? path : seenFrom(output, locate(path)));
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

/** Writes what is new, keeps what a person edited, and says so. */
export async function writeProject(
  { files }: { readonly files: ProjectDirectory },
  directory: string,
  content: readonly ProjectFile[],
  options: { readonly force?: boolean | undefined },
  sink: DiagnosticSink,
): Promise<readonly FileStep[]> {
  files.makeDirectory(directory);
  const present = (name: string): Uint8Array | undefined => {
    const path = files.join(directory, name);
    const status = files.status(path);
    if (status === undefined) return undefined;
    if (status.kind !== 'file') throw new HostError('EISDIR', path, 'is not a file');
    return files.read(path);
  };
  const old = present(RECORD_PATH);
  const record = readRecord(old === undefined ? '' : new TextDecoder().decode(old));
  const { steps, record: next } = await stepsFor(content, record, present, options.force === true);
  for (const step of steps) {
    if (step.kind === 'write')
      files.writeAtomically(files.join(directory, step.file.path), step.file.content);
    if (step.kind !== 'keep') continue;
    files.writeAtomically(files.join(directory, step.newPath), step.file.content);
    const code = step.foreign ? projectCodes['not-ours'] : projectCodes.edited;
    sink.report(code.at(undefined, { path: files.join(directory, step.file.path), newPath: step.newPath }));
  }
  files.writeAtomically(files.join(directory, RECORD_PATH), recordText(next));
  return steps;
}

function stepLine(directory: string, step: FileStep): string {
  const words = { write: 'wrote', unchanged: 'same as before', keep: 'kept' } as const;
  return `${words[step.kind].padEnd(15)} ${directory}/${step.file.path}`;
}
