/** `drivervm payload collect`: prints the script that gathers what a running board knows of itself. */
import type { Command } from 'commander';
import { COLLECT_SCRIPT } from '../../payload/index.ts';
import { type CommandLine, type ExitStatus, runCommand } from '../cli.ts';

export function addCollectCommand(
  parent: Command,
  cli: CommandLine,
  done: (status: ExitStatus) => void,
): void {
  parent
    .command('collect')
    .description(
      'Print a shell script to run on a board under Linux. Its archive holds the live device tree, memory map, ' +
        'interrupts, clocks and registers, and /boot if asked; "payload extract" reads it.',
    )
    .option('--json', 'answer in JSON')
    .action(async (options: { readonly json?: boolean }) => {
      done(
        await runCommand(cli, options, () => ({ text: COLLECT_SCRIPT, json: { script: COLLECT_SCRIPT } })),
      );
    });
}
