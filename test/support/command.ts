/** Commands as a user gives them, in this process: what they print, what is typed to them, how they end. */
import assert from 'node:assert/strict';
import type { Diagnostic, DiagnosticSink } from '../../src/base/index.ts';
import { runCommandLine } from '../../src/cli/program.ts';
import { nodeHost } from '../../src/node/host.ts';

export interface CommandOptions {
  /** What comes on standard input, as from a pipe. */
  readonly input?: string;
  /** The exit status that is expected; 0 where it isn't said. */
  readonly status?: number;
}

export interface CommandOutput {
  readonly out: string;
  readonly err: string;
}

export async function drivervm(
  args: readonly string[],
  { input = '', status = 0 }: CommandOptions = {},
): Promise<CommandOutput> {
  const ended = await outcomeOf(args, input);
  assert.equal(ended.status, status, `${args.join(' ')}\n${ended.err}\n${ended.out.slice(-3000)}`);
  return ended;
}

/** The same, however it ends. */
export async function outcomeOf(
  args: readonly string[],
  input = '',
): Promise<CommandOutput & { readonly status: number }> {
  let [out, err] = ['', ''];
  const decoder = new TextDecoder();
  const text = (chunk: string | Uint8Array) => (typeof chunk === 'string' ? chunk : decoder.decode(chunk));
  const terminal = {
    isInteractive: false,
    open(onBytes: (bytes: Uint8Array) => void, onEnd: () => void) {
      onBytes(new TextEncoder().encode(input));
      onEnd();
      return { close() {} };
    },
  };
  const status = await runCommandLine(args, {
    host: { ...nodeHost(), terminal },
    stdout: { write: (chunk: string | Uint8Array) => (out += text(chunk)) },
    stderr: { write: (chunk: string | Uint8Array) => (err += text(chunk)) },
  });
  return { status, out, err };
}

/** Reports what a command finds, as its JSON has it. */
export async function reportCommand(args: readonly string[], sink: DiagnosticSink): Promise<void> {
  const { out } = await outcomeOf([...args, '--json']);
  const { diagnostics }: { readonly diagnostics: readonly Diagnostic[] } = JSON.parse(out);
  for (const found of diagnostics) sink.report(found);
}
