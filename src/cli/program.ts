/** The tree of commands. Each file under `dt/`, `payload/`, … adds one command; this one adds the groups. */
import { Command, CommanderError } from 'commander';
import { addBundleCommand } from './bundle.ts';
import { type AddCommands, type CommandLine, EXIT_STATUS, type ExitStatus } from './cli.ts';
import { addDtCommands } from './dt/index.ts';
import { addLspCommand } from './lsp/lsp.ts';
import { addMicrokitCommands } from './microkit/index.ts';
import { addPayloadCommands } from './payload/index.ts';
import { addPlanCommands } from './plan/index.ts';
import { addRunCommand } from './run/run.ts';
import { addTestCommand } from './script/test.ts';
import { version } from './version.ts';

const GROUPS: readonly AddCommands[] = [
  addDtCommands,
  addPayloadCommands,
  addMicrokitCommands,
  addPlanCommands,
  addRunCommand,
  addTestCommand,
  addBundleCommand,
  addLspCommand,
];

/** Runs one command line and returns the exit status. */
export async function runCommandLine(args: readonly string[], cli: CommandLine): Promise<ExitStatus> {
  let status: ExitStatus = EXIT_STATUS.ok;
  const program = new Command('drivervm')
    .description('Plan, write, check and run Linux driver virtual machines for the seL4 Microkit.')
    .version(version())
    .configureOutput({
      writeOut: (text) => cli.stdout.write(text),
      writeErr: (text) => cli.stderr.write(text),
    })
    .showHelpAfterError('Add --help for what it takes.')
    .exitOverride();
  for (const add of GROUPS) {
    add(program, cli, (commandStatus) => {
      status = commandStatus;
    });
  }
  const unknown = unknownCommand(program, args);
  if (unknown !== undefined) {
    cli.stderr.write(`error: unknown command '${unknown}'\nAdd --help for what it takes.\n`);
    return EXIT_STATUS.misuse;
  }
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? EXIT_STATUS.ok : EXIT_STATUS.misuse;
  }
  return status;
}

/** A word in the place of a command that is none: --help behind it would hide the mistake, and leave the status at 0. */
function unknownCommand(program: Command, args: readonly string[]): string | undefined {
  let command = program;
  for (const word of args) {
    if (word.startsWith('-') || command.commands.length === 0) return undefined;
    const next = command.commands.find((each) => each.name() === word);
    if (next === undefined) return word === 'help' ? undefined : word;
    command = next;
  }
  return undefined;
}
