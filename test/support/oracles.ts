/** The independent programs that tests compare with. A missing one fails the test and says how to get it. */
import { spawnSync } from 'node:child_process';

export interface OracleOutcome {
  readonly status: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Runs an oracle, `dtc` for example, to its end. */
export function runOracle(command: string, args: readonly string[], input?: Uint8Array): OracleOutcome {
  const outcome = spawnSync(command, args, { input, maxBuffer: 1 << 30 });
  if (outcome.error !== undefined) {
    throw new Error(
      `${command} can't be run (${outcome.error.message}); "npm run oracles" installs what the tests need`,
    );
  }
  return { status: outcome.status ?? -1, stdout: outcome.stdout, stderr: outcome.stderr.toString() };
}
