/** `drivervm dt merge`: overlays, compiled or as source, laid over a device tree. */
import type { Command } from 'commander';
import { mergeDeviceTrees } from '../../devicetree/index.ts';
import { type SourceOptions, sourceReading } from '../../workspace/index.ts';
import { type CommandLine, EXIT_STATUS, type ExitStatus, runCommand } from '../cli.ts';
import { addOutputOptions, type OutputOptions, outputForm, writeTree } from './output.ts';
import { addSourceOptions } from './source-options.ts';

interface Options extends SourceOptions, OutputOptions {
  readonly symbols?: boolean;
  readonly json?: boolean;
}

export function addMergeCommand(parent: Command, cli: CommandLine, done: (status: ExitStatus) => void): void {
  const command = parent
    .command('merge')
    .description(
      'Lay overlays over a device tree, in order: compiled ones (.dtbo), sources of such (/plugin/), and sources that are read as if they stood behind the base.',
    )
    .argument(
      '<base>',
      'the device tree: blob, source or directory; - for standard input; BASE:PARAMETER=VALUE,… sets its own parameters',
    )
    .argument(
      '[overlay...]',
      'what to lay over it; OVERLAY:PARAMETER=VALUE,… as in dtoverlay= of a Raspberry Pi',
    )
    .option('-@, --symbols', 'add __symbols__ to a base from source, even where no overlay needs them')
    .option('--json', 'answer in JSON');
  addSourceOptions(addOutputOptions(command)).action(
    async (base: string, overlays: readonly string[], options: Options) => {
      const form = outputForm(command, options);
      if (overlays.length === 0 && !base.includes(':')) {
        command.error("error: missing required argument 'overlay'", { exitCode: EXIT_STATUS.misuse });
      }
      const reading = { ...sourceReading(options), symbols: options.symbols === true };
      done(
        await runCommand(cli, options, (sink) => {
          const merged = mergeDeviceTrees(cli.host.files, base, overlays, reading, sink);
          return merged && writeTree(cli.host, merged, form, options, { base, overlays });
        }),
      );
    },
  );
}
