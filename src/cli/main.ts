/** The `drivervm` command: arguments in, a room's function called, text or JSON out. */
import { nodeHost } from './node/host.ts';
import { runCommandLine } from './program.ts';

process.exitCode = await runCommandLine(process.argv.slice(2), {
  host: nodeHost(),
  stdout: process.stdout,
  stderr: process.stderr,
});
