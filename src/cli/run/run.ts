/** `drivervm run`: a system on its simulated board, with its console in this terminal. */
import type { Command } from 'commander';
import {
  type Diagnostic,
  type DiagnosticSink,
  type HostSignal,
  type Wake,
  wakeUp,
} from '../../base/index.ts';
import {
  type DriveOptions,
  drive,
  formatAccount,
  Profile,
  QUIET_SECONDS,
  type RunEnd,
  runCodes,
  stopsVcpus,
} from '../../run/index.ts';
import { CoverageFile, openCapture, Run, RunCommands, readInputs } from '../../workspace/index.ts';
import { type Answer, type CommandLine, EXIT_STATUS, type ExitStatus, runCommand } from '../cli.ts';
import { ConsoleFiles } from './console-files.ts';
import { GdbServer } from './gdb-server.ts';
import { Keyboard } from './keyboard.ts';
import { addRunOptions, type RunOptions } from './options.ts';
import { openOutsideNetwork } from './outside-network.ts';
import { PlayedScript } from './played-script.ts';
import { Prompt } from './prompt.ts';
import { RunSnapshots } from './run-snapshots.ts';
import { RunTranslations } from './run-translations.ts';
import { Screen } from './screen.ts';
import { SILENCE, SilenceNote } from './silence.ts';
import { beginTrace } from './trace.ts';

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
  const files = options.consoleDir === undefined ? undefined : new ConsoleFiles(host, options.consoleDir);
  const json = options.json === true;
  const interactive = host.terminal?.isInteractive === true && !json;
  const startMs = host.nowMs();

  const coverage = options.coverage === undefined ? undefined : CoverageFile.of(host, inputs, options, sink);
  if (sink.hasErrors) return undefined;
  const translations = RunTranslations.of(host, inputs, options);
  const run = new Run(host, inputs, { ...options, ...translations?.given });
  const { session, consoles, report } = run;
  const screen = new Screen(cli, consoles, { interactive, json, ...(files === undefined ? {} : { files }) });
  run.onByte = (source, byte) => {
    screen.add(source, byte);
    snapshots.heard(byte);
    translations?.heard(byte);
    played?.heard(source, byte);
  };
  run.onEvent = (event) => {
    if (event.kind === 'print') screen.say(`${event.pd}: ${event.text.trimEnd()}\n`);
  };
  session.record.onPoll = (poll) => screen.say(report.polled(poll));
  const snapshots = RunSnapshots.of(host, run, inputs, options, (text) => screen.say(text));
  // Before the terminal and a capture are taken: what is refused leaves nothing to give back.
  if (!snapshots.begin(sink)) return undefined;
  const played =
    options.script === undefined ? undefined : new PlayedScript(host, run, inputs, options, sink);
  if (sink.hasErrors) return undefined;
  const stops = options.gdb !== undefined || options.waitGdb === true || options.profile !== undefined;
  if (stops && options.trace?.some(stopsVcpus) === true) {
    sink.report(runCodes['trace-needs-stops'].at(undefined, undefined));
    return { text: '', misuse: true };
  }
  const wake: Wake = { onWake: undefined, pending: false };
  const profile = options.profile === undefined ? undefined : new Profile(session, report.names);
  const outside = await openOutsideNetwork(host, session, options, wake, (text) => screen.say(text));
  const gdb = await GdbServer.of(host, run, inputs, options, wake, (text) => screen.say(text)).catch(
    (error: unknown) => {
      outside?.close();
      throw error;
    },
  );
  run.isStopped = gdb !== undefined || profile !== undefined;
  const trace = beginTrace(host, run, options, (text) => screen.say(text));
  const capture = options.capture === undefined ? undefined : openCapture(host, options.capture);
  if (capture !== undefined) run.onFrame = (frame) => capture.add(session.machine.time.nowNs, frame);
  let signal: HostSignal | undefined;
  const signals = host.catchSignals?.((caught) => {
    signal = caught;
    wakeUp(wake);
  });
  const leaving = { isWanted: false };
  const commands = new RunCommands(run, [
    {
      usage: 'save',
      about: 'writes the run as it is to the file of --save',
      run: () => snapshots.saveNow(),
    },
    {
      usage: 'quit',
      about: 'ends the run',
      run: () => {
        leaving.isWanted = true;
        return '';
      },
    },
  ]);
  const prompt = new Prompt({
    say: (text) => screen.say(text),
    echo: (text) => cli.stderr.write(text),
    run: (line) => commands.run(line),
  });
  const keyboard = new Keyboard(
    host,
    { consoles, interactive, wake },
    {
      account: () => screen.say(report.soFar()),
      save: () => screen.say(snapshots.saveNow()),
      prompt,
      say: (text) => screen.say(text),
    },
  );
  const silence = new SilenceNote(interactive, () => (host.nowMs() - startMs) / 1000);
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
    const driving: DriveOptions = {
      found: () => {
        if (!session.kernel.isWithinSlice) snapshots.step();
        translations?.step(run);
        return consoles.found;
      },
      ...(options.timeout === undefined ? {} : { timeoutSeconds: options.timeout }),
      pace: options.clock === 'real' ? 'real' : interactive ? 'paced' : 'free',
      attended: () => keyboard.isOpen || gdb !== undefined,
      ...(outside === undefined ? {} : { awaitsOutside: () => outside.isAwaiting }),
      wake,
      isHeld: () => prompt.isOpen && keyboard.isOpen,
      panicked: () => !interactive && consoles.panics.length >= inputs.payloads.size,
      ...(options.idleLimit === undefined ? {} : { quietSeconds: options.idleLimit }),
      onQuiet: () => keyboard.typeLine(),
      ...(gdb === undefined ? {} : { debugger: gdb.debugger }),
      ...(profile === undefined ? {} : { profile }),
      tracer: run.tracer,
      leave: () =>
        keyboard.leaving ||
        leaving.isWanted ||
        gdb?.isLeaving === true ||
        signal !== undefined ||
        cli.stdout.writable === false,
    };
    end = await (played === undefined
      ? drive(session, pausing, driving)
      : played.play(pausing, driving, sink));
  } finally {
    gdb?.close();
    outside?.close();
    for (const { root } of inputs.shares) root.close();
    keyboard.close();
    signals?.close();
    capture?.finish();
    trace?.finish();
    files?.finish();
    if (profile !== undefined) host.files.writeAtomically(options.profile ?? '', profile.folded);
  }
  // What the guest left unfinished on its last line is not to run into what is said next.
  const lineEnd = screen.end();
  snapshots.atEnd();
  translations?.keep(run);
  if (coverage !== undefined) host.files.writeAtomically(options.coverage ?? '', coverage.text(run, sink));
  // A debugger that ends a run may have left it at any moment of its past.
  if (gdb?.isLeaving !== true) report.diagnose(sink);
  if (options.until !== undefined && end !== 'until' && end !== 'left') {
    sink.report(runCodes['until-not-said'].at(undefined, { text: options.until, end }));
  }
  const early = options.until === undefined ? earlyEnd(end, options) : undefined;
  if (early !== undefined) sink.report(early.said);
  // Nobody waits for names of addresses that are not shown.
  const account = json || options.stats === true ? report.account() : undefined;
  return {
    text: options.stats === true && account !== undefined ? `${lineEnd}\n${formatAccount(account)}` : lineEnd,
    ...(json ? { json: { end: signal === undefined ? end : signal.name, ...screen.answer, account } } : {}),
    ...(early === undefined ? {} : { status: early.status }),
    ...(signal === undefined ? {} : { signal }),
  };
}

/** An end that is none of the guest's: what is said of it, and the status by which a script tells it from the others. */
function earlyEnd(
  end: RunEnd,
  { timeout = 0, idleLimit = QUIET_SECONDS }: RunOptions,
): { readonly said: Diagnostic; readonly status: ExitStatus } | undefined {
  switch (end) {
    case 'timeout':
      return { said: runCodes['timed-out'].at(undefined, { seconds: timeout }), status: EXIT_STATUS.timeout };
    case 'dead':
      return { said: runCodes['never-wakes'].at(undefined, {}), status: EXIT_STATUS.waiting };
    case 'quiet':
      return {
        said: runCodes['still-waits'].at(undefined, { seconds: idleLimit }),
        status: EXIT_STATUS.waiting,
      };
    default:
      return undefined;
  }
}
