/** `drivervm dt convert`: a device tree from any form into a blob or source. */
import type { Command } from 'commander';
import { type DiagnosticSink, formatSize, type Host } from '../../base/index.ts';
import { printDts, readDeviceTree, STDIN_PATH, writeDtb } from '../../devicetree/index.ts';
import { type Answer, type CommandLine, type ExitStatus, runCommand } from '../cli.ts';
import { addSourceOptions, type SourceOptions, sourceReading } from './source-options.ts';

interface Options extends SourceOptions {
  readonly output: string;
  readonly outFormat?: string;
  readonly symbols?: boolean;
  readonly json?: boolean;
}

const FORMS = ['dtb', 'dts'] as const;
type Form = (typeof FORMS)[number];

/** The output's form by the ending of its name. */
const ENDINGS: readonly (readonly [string, Form])[] = [
  ['.dtb', 'dtb'],
  ['.dtbo', 'dtb'],
  ['.dts', 'dts'],
  ['.dtso', 'dts'],
  ['.dtsi', 'dts'],
];

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
    .requiredOption('-o, --output <file>', 'where to write, by ending .dtb or .dts; - for standard output')
    .option('-O, --out-format <form>', 'dtb or dts, whatever the ending')
    .option('-@, --symbols', 'add __symbols__ to a tree from source, so that overlays can be applied')
    .option('--json', 'answer in JSON');
  addSourceOptions(command).action(async (board: string, options: Options) => {
    const form = outputForm(options);
    if (form === undefined) {
      return command.error(`error: -O dtb or -O dts is needed: ${options.output} does not tell which`, {
        exitCode: 2,
      });
    }
    done(await runCommand(cli, options, (sink) => convert(cli.host, board, form, options, sink)));
  });
}

function outputForm({ output, outFormat }: Options): Form | undefined {
  if (outFormat !== undefined) return FORMS.find((form) => form === outFormat);
  return ENDINGS.find(([ending]) => output.endsWith(ending))?.[1];
}

function convert(
  host: Host,
  board: string,
  form: Form,
  options: Options,
  sink: DiagnosticSink,
): Answer | undefined {
  const reading = { ...sourceReading(options), symbols: options.symbols === true };
  const found = readDeviceTree(host.files, board, reading, sink);
  if (found === undefined) return undefined;
  const content =
    form === 'dtb'
      ? writeDtb(found.tree)
      : new TextEncoder().encode(printDts(found.tree, { symbolLabels: true }));
  if (options.output === STDIN_PATH) return { text: content };
  host.files.writeAtomically(options.output, content);
  return {
    text: `${options.output}: ${form}, ${formatSize(content.length)}\n`,
    json: {
      input: board,
      inputForm: found.form,
      output: options.output,
      outputForm: form,
      sizeBytes: content.length,
    },
  };
}
