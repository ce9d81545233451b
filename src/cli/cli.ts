/** What a command is given, and the one way in which commands end: diagnostics, text or JSON, exit status. */
import type { Command } from 'commander';
import {
  type Diagnostic,
  DiagnosticSink,
  formatDiagnostic,
  type Host,
  HostError,
  type HostSignal,
} from '../base/index.ts';
import { hostCodes } from '../workspace/index.ts';
import { githubAnnotations, type ReportFormat, sarifOf } from './annotations.ts';

export interface Output {
  write(text: string | Uint8Array): unknown;
  readonly isTTY?: boolean;
  /** False once its reader has gone away. */
  readonly writable?: boolean;
  /** Whether its terminal shows colours, and the person wants them (NO_COLOR, TERM). */
  hasColors?(): boolean;
}

export interface CommandLine {
  readonly host: Host;
  readonly stdout: Output;
  readonly stderr: Output;
}

/**
 * 0: done; 1: done, with errors found in the input, or differences between two; 2: the command was called wrongly; 3: a run
 * ended with its guest still waiting; 124: the time given was over, as timeout(1) says it.
 */
export const EXIT_STATUS = { ok: 0, findings: 1, misuse: 2, waiting: 3, timeout: 124 } as const;
/** One of these, or what shells give for a process that a signal ended. */
export type ExitStatus = (typeof EXIT_STATUS)[keyof typeof EXIT_STATUS] | HostSignal['exitStatus'];

/** What a command has to say: the same facts for people and for programs. */
export interface Answer {
  /** Ends with a newline where it is not empty. */
  readonly text: string | Uint8Array;
  /** What `--json` prints, next to the diagnostics. Must survive `JSON.stringify`. */
  readonly json?: Readonly<Record<string, unknown>>;
  /** What was found is that the command was called wrongly. */
  readonly misuse?: boolean;
  /** Two things were compared and are not the same, which is a finding, as with diff(1). */
  readonly differs?: boolean;
  /** Where nothing worse was found. */
  readonly status?: ExitStatus;
  /** A signal ended the work before its time. */
  readonly signal?: HostSignal;
}

/**
 * Runs a command's work and prints what came of it. A `HostError` becomes a diagnostic; anything else that is thrown is
 * our own bug and passes through.
 */
export async function runCommand(
  cli: CommandLine,
  options: { readonly json?: boolean | undefined; readonly format?: ReportFormat | undefined },
  work: (sink: DiagnosticSink) => Answer | undefined | Promise<Answer | undefined>,
): Promise<ExitStatus> {
  const sink = new DiagnosticSink();
  let answer: Answer | undefined;
  try {
    await reportingHostErrors(sink, async () => {
      answer = await work(sink);
    });
  } finally {
    cli.host.progress('');
  }
  if (options.json === true) printJson(cli, sink, answer);
  else if (options.format === 'github') cli.stdout.write(githubAnnotations(sink.sorted()));
  else if (options.format === 'sarif') cli.stdout.write(sarifOf(sink.sorted()));
  else printText(cli, sink, answer);
  if (answer?.misuse === true) return EXIT_STATUS.misuse;
  if (answer?.signal !== undefined) return answer.signal.exitStatus;
  if (sink.hasErrors || answer?.differs === true) return EXIT_STATUS.findings;
  return answer?.status ?? EXIT_STATUS.ok;
}

/** Runs `work`; a `HostError` that it throws becomes a diagnostic, anything else passes through. */
export async function reportingHostErrors(sink: DiagnosticSink, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    sink.report(
      hostCodes['cannot-access'].at(undefined, { path: error.path, reason: error.message, code: error.code }),
    );
  }
}

function printJson(cli: CommandLine, sink: DiagnosticSink, answer: Answer | undefined): void {
  const diagnostics: readonly Diagnostic[] = sink.sorted();
  cli.stdout.write(`${JSON.stringify({ diagnostics, ...answer?.json }, null, 2)}\n`);
}

function printText(cli: CommandLine, sink: DiagnosticSink, answer: Answer | undefined): void {
  if (answer !== undefined && answer.text.length > 0) cli.stdout.write(answer.text);
  for (const found of sink.sorted()) cli.stderr.write(`${formatDiagnostic(found)}\n`);
  if (sink.droppedCount > 0) cli.stderr.write(`and ${sink.droppedCount} more\n`);
}

/** Adds commands to `parent`; each command's action passes its exit status to `done`. */
export type AddCommands = (parent: Command, cli: CommandLine, done: (status: ExitStatus) => void) => void;
