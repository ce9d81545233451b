/** `drivervm run`: a system on its simulated board, with its console in this terminal. */
import { type Command, Option } from 'commander';
import { createCpuCluster } from '../../aarch64/index.ts';
import type { DiagnosticSink, Host } from '../../base/index.ts';
import { type Board, readDeviceTree, resolveTree } from '../../devicetree/index.ts';
import {
  type ProtectionDomain,
  protectionDomainsOf,
  readSystemFile,
  type SystemDescription,
} from '../../microkit/index.ts';
import { bytesSource, inspect } from '../../payload/index.ts';
import {
  accountOf,
  builtInProgram,
  diagnose,
  drive,
  formatAccount,
  type GuestPayload,
  idleProgram,
  type ProgramResources,
  type RunEnd,
  runCodes,
  Session,
  standardMonitor,
  TextWatch,
} from '../../run/index.ts';
import type { KernelEvent, ProgramFactory } from '../../sel4/index.ts';
import { type Answer, type CommandLine, type ExitStatus, runCommand } from '../cli.ts';
import { type SourceOptions, sourceReading } from '../dt/source-options.ts';
import {
  addDescriptionOptions,
  type DescriptionOptions,
  descriptionReading,
} from '../microkit/description-options.ts';
import { openCapture } from './capture.ts';
import { openDisks, parseDisk } from './disks.ts';
import { ConsoleKeys } from './keys.ts';
import { loadProgram, type MonitorFactory, programFile } from './programs.ts';
import { type GuestFiles, readProject } from './project.ts';
import { describeEvent, TRACES, type TraceName } from './trace.ts';

interface Options extends DescriptionOptions, SourceOptions {
  readonly dtb?: string;
  readonly guestDtb?: readonly string[];
  readonly kernel?: readonly string[];
  readonly initrd?: readonly string[];
  readonly disk?: readonly string[];
  readonly capture?: string;
  readonly until?: string;
  readonly timeout?: string;
  readonly stats?: boolean;
  readonly trace?: readonly TraceName[];
}

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

export function addRunCommand(parent: Command, cli: CommandLine, done: (status: ExitStatus) => void): void {
  const command = parent
    .command('run')
    .description('Run a system description on a board simulated from its device tree, with the console here.')
    .argument('<project|file.system>', 'a directory that "plan" wrote, or a system description')
    .option('--dtb <tree>', "the board's device tree, from which the board is made")
    .option('--guest-dtb <[vm=]tree>', 'the device tree that a guest is given', collect)
    .option('--kernel <[vm=]image>', "a guest's kernel: an arm64 Image", collect)
    .option('--initrd <[vm=]file>', "a guest's initial ramdisk", collect)
    .option(
      '--disk <owner=file[:mode]>',
      "what is in a storage device of the board (by path, label or alias) or behind a block virtualiser's PD: read-only, copy-on-write (unless said otherwise) or write-through",
      collect,
    )
    .option(
      '--capture <file>',
      'write the frames that the network virtualiser passes on, for Wireshark and its like',
    )
    .option('--until <text>', 'end well as soon as the console has said this')
    .option('--timeout <seconds>', 'end after so long on this machine')
    .option('--stats', 'print the account at the end')
    .addOption(
      new Option('--trace <what>', 'say what happens, on standard error; may be given again')
        .choices(TRACES)
        .argParser((value: string, before: readonly string[] = []) => [...before, value]),
    )
    .option('--json', 'answer in JSON: how it ended, the console, the account, what was found');
  addDescriptionOptions(command).action(async (file: string, options: Options) => {
    done(await runCommand(cli, options, (sink) => run(cli, file, options, sink)));
  });
}

async function run(
  cli: CommandLine,
  file: string,
  options: Options,
  sink: DiagnosticSink,
): Promise<Answer | undefined> {
  const { host } = cli;
  const project = readProject(host, file, sink);
  if (sink.hasErrors) return undefined;
  const system = project?.system ?? file;
  const boardPath = options.dtb ?? project?.boardTree;
  if (boardPath === undefined) {
    sink.report(runCodes['no-board-tree'].at(undefined, {}));
    return { text: '', misuse: true };
  }
  const board = readBoardTree(host, boardPath, options, sink);
  const read = readSystemFile(system, host.files, sink, descriptionReading(options));
  if (board === undefined || read === undefined) return undefined;
  const { description } = read;
  const payloads = await guestPayloads(host, description, options, project?.guests ?? [], sink);
  const monitors = loadMonitors(host, description, host.files.dirname(system), sink);
  const given = (options.disk ?? []).map(parseDisk);
  const disks = openDisks(host, [...given, ...(project?.disks ?? [])], { board, description }, sink);
  if (sink.hasErrors) return undefined;
  const capture = options.capture === undefined ? undefined : openCapture(host, options.capture);
  const resources = { stores: disks.served, ...(capture === undefined ? {} : { frames: capture.frames }) };
  const watch = options.until === undefined ? undefined : new TextWatch(options.until);
  const output: number[] = [];
  let lastByte = NEWLINE;
  const session = new Session({
    board,
    description,
    programOf: (pd) => programOf(pd, description, { payloads, monitors, resources }),
    createCluster: createCpuCluster,
    machine: { disks: disks.inDevices },
    onConsole: (byte) => {
      watch?.add(byte);
      output.push(byte);
      lastByte = byte;
      if (options.json !== true && byte === NEWLINE) flush(cli, output);
    },
    onEvent: (event) => tell(cli, event, options.trace ?? []),
  });
  if (capture !== undefined) capture.nowNs = () => session.machine.time.nowNs;
  const startMs = host.nowMs();
  const seconds = () => (host.nowMs() - startMs) / 1000;
  const keys = new ConsoleKeys({
    type: (bytes) => session.type(bytes),
    account: () => cli.stderr.write(`\n${formatAccount(accountOf(session, seconds()))}`),
  });
  const interactive = host.terminal?.isInteractive === true && options.json !== true;
  // Bytes from a pipe wait until the guest has nothing to do: one line at a time, as a person would type them.
  const piped: number[] = [];
  const terminal = host.terminal?.open((bytes) => {
    if (interactive) keys.take(bytes);
    else piped.push(...bytes);
  });
  let end: RunEnd;
  try {
    end = await drive(session, pausing(cli, host, output, options), watch, {
      ...(options.timeout === undefined ? {} : { timeoutSeconds: Number(options.timeout) }),
      pace: interactive,
      onQuiet: () => {
        const line = piped.splice(0, piped.indexOf(NEWLINE) < 0 ? piped.length : piped.indexOf(NEWLINE) + 1);
        session.type(line);
        return line.length > 0;
      },
      leave: () => keys.leaving,
    });
  } finally {
    terminal?.close();
    capture?.finish();
  }
  const console = new TextDecoder().decode(Uint8Array.from(output));
  if (options.json !== true) flush(cli, output);
  conclude(end, { board, description, payloads, session }, options, sink);
  const account = accountOf(session, seconds());
  // What the guest left unfinished on its last line is not to run into what is said next.
  const lineEnd = lastByte === NEWLINE ? '' : '\n';
  const text = options.stats === true ? `${lineEnd}\n${formatAccount(account)}` : lineEnd;
  return { text, json: { end, console, account } };
}

const NEWLINE = 0x0a;

/** While the host rests, what the guest has written so far is shown. */
function pausing(
  cli: CommandLine,
  host: Host,
  output: number[],
  options: Options,
): Pick<Host, 'nowMs' | 'pause'> {
  return {
    nowMs: () => host.nowMs(),
    pause: (ms) => {
      if (options.json !== true) flush(cli, output);
      return host.pause(ms);
    },
  };
}

function flush(cli: CommandLine, output: number[]): void {
  if (output.length === 0) return;
  cli.stdout.write(Uint8Array.from(output));
  output.length = 0;
}

function tell(cli: CommandLine, event: KernelEvent, traces: readonly TraceName[]): void {
  const line = describeEvent(event, traces);
  if (line !== undefined) cli.stderr.write(`${line}\n`);
}

interface Ran {
  readonly board: Board;
  readonly description: SystemDescription;
  readonly payloads: ReadonlyMap<string, GuestPayload>;
  readonly session: Session;
}

function conclude(
  end: RunEnd,
  { board, description, payloads, session }: Ran,
  options: Options,
  sink: DiagnosticSink,
): void {
  const instructions = new Map<string, number>();
  for (const { vm, cpu } of session.kernel.vcpus()) {
    instructions.set(vm, (instructions.get(vm) ?? 0) + cpu.retired);
  }
  const guestTrees = new Map([...payloads].map(([vm, { tree }]) => [vm, tree]));
  diagnose({ board, description, guestTrees, record: session.record, instructions }, sink);
  if (options.until !== undefined && end !== 'until' && end !== 'left') {
    sink.report(runCodes['until-not-said'].at(undefined, { text: options.until, end }));
  }
}

/** Where the programs of protection domains come from. */
interface Programs {
  readonly payloads: ReadonlyMap<string, GuestPayload>;
  readonly monitors: ReadonlyMap<string, MonitorFactory>;
  readonly resources: ProgramResources;
}

function programOf(
  pd: ProtectionDomain,
  description: SystemDescription,
  { payloads, monitors, resources }: Programs,
): ProgramFactory {
  const payload = pd.virtualMachine === undefined ? undefined : payloads.get(pd.virtualMachine.name);
  if (payload === undefined) {
    return builtInProgram(pd.programImage?.path ?? '', pd.name, resources) ?? idleProgram;
  }
  const monitor = monitors.get(pd.name);
  if (monitor !== undefined) return (microkit) => monitor(microkit, payload.images);
  const sizes = new Map(description.memoryRegions.map(({ name, sizeBytes }) => [name, sizeBytes ?? 0]));
  return standardMonitor(pd, payload, (region) => sizes.get(region) ?? 0);
}

/** The programs that lie beside the description, by protection domain. */
function loadMonitors(
  host: Host,
  description: SystemDescription,
  directory: string,
  sink: DiagnosticSink,
): ReadonlyMap<string, MonitorFactory> {
  const monitors = new Map<string, MonitorFactory>();
  for (const pd of protectionDomainsOf(description)) {
    const path = pd.virtualMachine === undefined ? undefined : programFile(host, pd, directory);
    if (path === undefined) continue;
    const loaded = loadProgram(host, path);
    if (typeof loaded === 'string') {
      sink.report(runCodes['program-not-loaded'].at(undefined, { path, reason: loaded }));
    } else {
      monitors.set(pd.name, loaded);
    }
  }
  return monitors;
}

function readBoardTree(host: Host, path: string, options: Options, sink: DiagnosticSink): Board | undefined {
  const found = readDeviceTree(host.files, path, sourceReading(options), sink);
  return found === undefined ? undefined : resolveTree(found.tree);
}

/** Each virtual machine's images: `linux=guest.dtb` names one, a path alone is for those that are not named. */
async function guestPayloads(
  host: Host,
  description: SystemDescription,
  options: Options,
  planned: readonly GuestFiles[],
  sink: DiagnosticSink,
): Promise<ReadonlyMap<string, GuestPayload>> {
  const payloads = new Map<string, GuestPayload>();
  for (const { virtualMachine: vm } of protectionDomainsOf(description)) {
    if (vm === undefined) continue;
    const plan = planned.find((guest) => guest.vm === vm.name);
    const dtb = chosenFor(vm.name, options.guestDtb) ?? plan?.dtb;
    const kernel = chosenFor(vm.name, options.kernel) ?? plan?.kernel;
    const initrd = chosenFor(vm.name, options.initrd) ?? plan?.initrd;
    if (dtb === undefined || kernel === undefined) {
      sink.report(runCodes['no-images'].at(undefined, { vm: vm.name }));
      continue;
    }
    const tree = readBoardTree(host, dtb, options, sink);
    if (tree === undefined) continue;
    const images = {
      kernel: host.files.read(kernel),
      dtb: host.files.read(dtb),
      ...(initrd === undefined ? {} : { initrd: host.files.read(initrd) }),
    };
    // A ramdisk that is damaged would only show as a panic of the guest, seconds later.
    if (initrd !== undefined && images.initrd !== undefined) {
      await inspect(bytesSource(initrd, images.initrd), sink);
    }
    payloads.set(vm.name, {
      images,
      tree,
      ...(plan?.placement === undefined ? {} : { placement: plan.placement }),
    });
  }
  return payloads;
}

function chosenFor(vm: string, given: readonly string[] | undefined): string | undefined {
  const named = given?.find((value) => value.startsWith(`${vm}=`));
  return named?.slice(vm.length + 1) ?? given?.find((value) => !/^[^=/]+=/.test(value));
}
