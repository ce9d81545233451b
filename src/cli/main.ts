/** The `drivervm` command: arguments in, a room's function called, text or JSON out. */
import { nodeHost } from './node/host.ts';
import { runCommandLine } from './program.ts';

// Whoever reads our output may stop early (`| head`), or a terminal goes away; that is no error.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
  });
}

/** What only our own mistakes can make: sysexits' EX_SOFTWARE, which no finding and no wrong call has. */
const INTERNAL_ERROR = 70;

try {
  process.exitCode = await runCommandLine(process.argv.slice(2), {
    host: nodeHost(),
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
