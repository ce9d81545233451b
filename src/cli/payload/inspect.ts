/** `drivervm payload inspect`: what a file is, all the way in. */
import type { Command } from 'commander';
import { type Inspection, inspect, printInspection } from '../../payload/index.ts';
import { type CommandLine, type ExitStatus, reportingHostErrors, runCommand } from '../cli.ts';

export function addInspectCommand(
  parent: Command,
  cli: CommandLine,
  done: (status: ExitStatus) => void,
): void {
  parent
    .command('inspect <file...>')
    .description('Say what kernels, initial ramdisks, device trees and U-Boot images are, all the way in.')
    .option('--json', 'answer in JSON')
    .action(async (files: readonly string[], options: { readonly json?: boolean }) => {
      done(
        await runCommand(cli, options, async (sink) => {
          const found: Inspection[] = [];
          for (const path of files) {
            cli.host.progress(`looking into ${path} …`);
            // A file that cannot be opened does not keep the others from being looked into.
            await reportingHostErrors(sink, async () => {
              const file = cli.host.files.open(path);
              try {
                found.push(await inspect(file, sink));
              } finally {
                file.close();
              }
            });
          }
          return { text: found.map(printInspection).join(''), json: { files: found } };
        }),
      );
    });
}
