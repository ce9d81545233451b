/** The independent programs that tests compare with. A missing one fails the test and says how to get it. */
import { spawn, spawnSync } from 'node:child_process';

export interface OracleOutcome {
  readonly status: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

function cannotRun(command: string, error: Error): Error {
  return new Error(
    `${command} can't be run (${error.message}); "npm run oracles" installs what the tests need`,
  );
}

/** Runs an oracle, `dtc` for example, to its end. */
export function runOracle(command: string, args: readonly string[], input?: Uint8Array): OracleOutcome {
  const outcome = spawnSync(command, args, { input, maxBuffer: 1 << 30 });
  if (outcome.error !== undefined) throw cannotRun(command, outcome.error);
  return { status: outcome.status ?? -1, stdout: outcome.stdout, stderr: outcome.stderr.toString() };
}

/** The same without waiting, so that a few can run at once. */
export function startOracle(
  command: string,
  args: readonly string[],
  input?: Uint8Array,
): Promise<OracleOutcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args);
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.on('error', (error) => reject(cannotRun(command, error)));
    child.on('close', (status) =>
      resolve({
        status: status ?? -1,
        stdout: Buffer.concat(stdout),
        stderr: Buffer.concat(stderr).toString(),
      }),
    );
    // An oracle that refuses its input may close the pipe before it has read it all; its exit status says so.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}
