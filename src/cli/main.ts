/** The `drivervm` command: arguments in, a room's function called, text or JSON out. */
import { availableParallelism } from 'node:os';
import { nodeHost } from '../node/index.ts';
import { runCommandLine } from './program.ts';

/** Whoever reads our output may stop early (`| head`), or a terminal goes away; that is no error. */
const READER_IS_GONE = new Set(['EPIPE', 'EIO', 'EBADF']);
const FINDINGS = 1;
let outputFailed = false;
process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
  if (READER_IS_GONE.has(code ?? '') || outputFailed) return;
  outputFailed = true;
  process.stderr.write(`drivervm: what was found can't be written to standard output: ${message}\n`);
});
// There is nobody left to tell.
process.stderr.on('error', () => {});

/** What only our own mistakes can make: sysexits' EX_SOFTWARE, which no finding and no wrong call has. */
const INTERNAL_ERROR = 70;

try {
  process.exitCode = await runCommandLine(process.argv.slice(2), {
    host: {
      ...nodeHost(),
      program: [process.execPath, ...process.execArgv, process.argv[1] ?? ''],
      parallelism: availableParallelism(),
    },
    stdout: process.stdout,
    stderr: process.stderr,
  });
} catch (error) {
  const wantsTrace = process.env['DRIVERVM_DEBUG'] !== undefined && error instanceof Error;
  process.stderr.write(
    `drivervm: internal error: ${wantsTrace ? error.stack : error}\n` +
      '    hint: this is a mistake of ours, not of your input; please report it with what you ran (DRIVERVM_DEBUG=1 adds where)\n',
  );
  process.exitCode = INTERNAL_ERROR;
}
process.once('exit', () => {
  if (outputFailed && process.exitCode === 0) process.exitCode = FINDINGS;
});
