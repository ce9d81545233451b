/** `drivervm run`: a system on its simulated board, with its console in this terminal. */
import type { Command } from 'commander';
import { createCpuCluster } from '../../aarch64/index.ts';
import { type DiagnosticSink, type HostSignal, hex, type Wake, wakeUp } from '../../base/index.ts';
import { RealTime } from '../../machine/index.ts';
import {
  Consoles,
  drive,
  formatAccount,
  type PcNames,
  type RunEnd,
  runCodes,
  Session,
} from '../../run/index.ts';
import { type Answer, type CommandLine, type ExitStatus, runCommand } from '../cli.ts';
import { type Capture, openCapture } from './capture.ts';
import { ConsoleFiles } from './console-files.ts';
import { type RunInputs, readInputs } from './inputs.ts';
import { Keyboard } from './keyboard.ts';
import { addRunOptions, type RunOptions } from './options.ts';
import { programOf } from './programs.ts';
import { RunReport } from './run-report.ts';
import { Screen } from './screen.ts';
import { SILENCE, SilenceNote } from './silence.ts';
import { describeEvent } from './trace.ts';

export function addRunCommand(parent: Command, cli: CommandLine, done: (status: ExitStatus) => void): void {
  const command = parent
    .command('run')
    .description('Run a system description on a board simulated from its device tree, with the console here.')
    .argument('[project|file.system]', 'a directory that "plan" wrote, or a system description', '.');
  addRunOptions(command).action(async (file: string, options: RunOptions) => {
    done(await runCommand(cli, options, (sink) => run(cli, file, options, sink)));
  });
}

async function run(
  cli: CommandLine,
  file: string,
  options: RunOptions,
  sink: DiagnosticSink,
): Promise<Answer | undefined> {
  const { host } = cli;
  const inputs = await readInputs(host, file, options, sink);
  if (inputs === undefined) return undefined;
  if (inputs === 'misuse') return { text: '', misuse: true };
  const capture = options.capture === undefined ? undefined : openCapture(host, options.capture);
  const files = options.consoleDir === undefined ? undefined : new ConsoleFiles(host, options.consoleDir);
  const json = options.json === true;
  const interactive = host.terminal?.isInteractive === true && !json;
  const startMs = host.nowMs();
  const seconds = () => (host.nowMs() - startMs) / 1000;

  const screen: Screen = new Screen(cli, () => consoles, {
    interactive,
    json,
    ...(files === undefined ? {} : { files }),
  });
  const consoles: Consoles = new Consoles({
    board: inputs.board,
    description: inputs.description,
    guestTrees: new Map([...inputs.payloads].map(([vm, { tree }]) => [vm, tree])),
    onByte: (source, byte) => screen.add(source, byte),
    type: (bytes, uart) => session.type(bytes, uart),
    ...(options.until === undefined ? {} : { until: options.until }),
  });
  // Programs' init runs before there is a session to look into.
  let names: PcNames | undefined;
  const show = (vm: string, pc: bigint) => names?.show(vm, pc) ?? hex(pc);
  const session = startSession(cli, inputs, options, { consoles, screen, capture, show });
  const conclusion = new RunReport(inputs, session, consoles, seconds);
  names = conclusion.names;
  session.record.onPoll = (poll) => screen.say(conclusion.polled(poll));
  const wake: Wake = { onWake: undefined, pending: false };
  let signal: HostSignal | undefined;
  const signals = host.catchSignals?.((caught) => {
    signal = caught;
    wakeUp(wake);
  });
  const keyboard = new Keyboard(
    host,
    { consoles, interactive, wake },
    {
      account: () => screen.say(conclusion.soFar()),
      say: (text) => screen.say(text),
    },
  );
  const silence = new SilenceNote(interactive, seconds);
  let end: RunEnd;
  try {
    const pausing = {
      nowMs: () => host.nowMs(),
      // While the host rests, what the guest has said so far is shown.
      pause: (ms: number, alarm?: Wake) => {
        screen.flush();
        if (silence.isDue(screen.isSilent)) screen.say(SILENCE);
        return host.pause(ms, alarm);
      },
    };
    end = await drive(session, pausing, {
      found: () => consoles.found,
      ...(options.timeout === undefined ? {} : { timeoutSeconds: options.timeout }),
      pace: options.clock === 'real' ? 'real' : interactive ? 'paced' : 'free',
      attended: () => keyboard.isOpen,
      wake,
      panicked: () => !interactive && consoles.panics.length >= inputs.payloads.size,
      onQuiet: () => keyboard.typeLine(),
      leave: () => keyboard.leaving || signal !== undefined || cli.stdout.writable === false,
    });
  } finally {
    keyboard.close();
    signals?.close();
    capture?.finish();
    files?.finish();
  }
  // What the guest left unfinished on its last line is not to run into what is said next.
  const lineEnd = screen.end();
  conclusion.diagnose(sink);
  if (options.until !== undefined && end !== 'until' && end !== 'left') {
    sink.report(runCodes['until-not-said'].at(undefined, { text: options.until, end }));
  }
  const account = conclusion.account();
  return {
    text: options.stats === true ? `${lineEnd}\n${formatAccount(account)}` : lineEnd,
    json: { end: signal === undefined ? end : signal.name, ...screen.answer, account },
    ...(signal === undefined ? {} : { signal }),
  };
}

interface Listeners {
  readonly consoles: Consoles;
  readonly screen: Screen;
  readonly capture: Capture | undefined;
  /** A program counter of a virtual machine, as text. */
  readonly show: (vm: string, pc: bigint) => string;
}

function startSession(
  { host }: CommandLine,
  { board, description, payloads, monitors, disks, macAddresses, registerSeeds }: RunInputs,
  { clock, trace = [] }: RunOptions,
  { consoles, screen, capture, show }: Listeners,
): Session {
  const resources = {
    stores: disks.served,
    macAddresses,
    serial: (pd: string, client: number, bytes: Uint8Array) => consoles.passed(pd, client, bytes),
  };
  const session = new Session({
    board,
    description,
    programOf: (pd, wire) =>
      programOf(pd, description, { payloads, monitors, resources: { ...resources, wire } }),
    ...(capture === undefined ? {} : { onFrame: capture.frames }),
    createCluster: createCpuCluster,
    onOutput: (uart, byte) => consoles.sent(uart, byte),
    onEvent: (event) => {
      const line = describeEvent(event, trace, show);
      if (line !== undefined) screen.say(`${line}\n`);
    },
    machine: {
      disks: disks.inDevices,
      ...(registerSeeds === undefined ? {} : { registerSeeds }),
      ...(clock === 'real'
        ? { createTime: (frequencyHz: number) => new RealTime({ frequencyHz, nowMs: () => host.nowMs() }) }
        : {}),
    },
  });
  if (capture !== undefined) capture.nowNs = () => session.machine.time.nowNs;
  return session;
}
