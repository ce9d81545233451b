/** The `drivervm` command: arguments in, a room's function called, text or JSON out. */
import { nodeHost } from './node/host.ts';
import { runCommandLine } from './program.ts';

// Whoever reads our output may stop early (`| head`); that is no error.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

process.exitCode = await runCommandLine(process.argv.slice(2), {
  host: nodeHost(),
  stdout: process.stdout,
  stderr: process.stderr,
});
