/** `drivervm dt convert`: a device tree from any form into a blob or source. */
import type { Command } from 'commander';
import { readDeviceTree } from '../../devicetree/index.ts';
import { type SourceOptions, sourceReading } from '../../workspace/index.ts';
import { type CommandLine, type ExitStatus, runCommand } from '../cli.ts';
import { addOutputOptions, type OutputOptions, outputForm, writeTree } from './output.ts';
import { addSourceOptions } from './source-options.ts';

interface Options extends SourceOptions, OutputOptions {
  readonly symbols?: boolean;
  readonly json?: boolean;
}

export function addConvertCommand(
  parent: Command,
  cli: CommandLine,
  done: (status: ExitStatus) => void,
): void {
  const command = parent
    .command('convert')
    .description(
      'Convert a device tree (blob, source or directory; - for standard input) to a blob or source.',
    )
    .argument('<board>', 'the device tree')
    .option('-@, --symbols', 'add __symbols__ to a tree from source, so that overlays can be applied')
    .option('--json', 'answer in JSON');
  addSourceOptions(addOutputOptions(command)).action(async (board: string, options: Options) => {
    const form = outputForm(command, options);
    const reading = { ...sourceReading(options), symbols: options.symbols === true };
    done(
      await runCommand(cli, options, (sink) => {
        const found = readDeviceTree(cli.host.files, board, reading, sink);
        return (
          found && writeTree(cli.host, found.tree, form, options, { input: board, inputForm: found.form })
        );
      }),
    );
  });
}
