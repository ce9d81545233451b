/** Where a command writes a device tree, and in which form. */
import type { Command } from 'commander';
import { formatSize, type Host } from '../../base/index.ts';
import { type DeviceTree, printDts, STDIN_PATH, writeDtb } from '../../devicetree/index.ts';
import { type Answer, EXIT_STATUS } from '../cli.ts';

export interface OutputOptions {
  readonly output: string;
  readonly outFormat?: string;
}

const FORMS = ['dtb', 'dts'] as const;
export type OutputForm = (typeof FORMS)[number];

/** The output's form by the ending of its name. */
const ENDINGS: readonly (readonly [string, OutputForm])[] = [
  ['.dtb', 'dtb'],
  ['.dtbo', 'dtb'],
  ['.dts', 'dts'],
  ['.dtso', 'dts'],
  ['.dtsi', 'dts'],
];

/** Adds `-o` and `-O`. */
export function addOutputOptions(command: Command): Command {
  return command
    .requiredOption('-o, --output <file>', 'where to write, by ending .dtb or .dts; - for standard output')
    .option('-O, --out-format <form>', 'dtb or dts, whatever the ending');
}

/** The form to write; ends the command as misuse where it can't be told. */
export function outputForm(command: Command, { output, outFormat }: OutputOptions): OutputForm {
  const form =
    outFormat === undefined
      ? ENDINGS.find(([ending]) => output.endsWith(ending))?.[1]
      : FORMS.find((known) => known === outFormat);
  if (form !== undefined) return form;
  return command.error(`error: -O dtb or -O dts is needed: ${output} does not tell which`, {
    exitCode: EXIT_STATUS.misuse,
  });
}

/** Writes the tree; on standard output it is the answer itself. `facts` go into the JSON beside what was written. */
export function writeTree(
  host: Host,
  tree: DeviceTree,
  form: OutputForm,
  { output }: OutputOptions,
  facts: Readonly<Record<string, unknown>>,
): Answer {
  const content =
    form === 'dtb' ? writeDtb(tree) : new TextEncoder().encode(printDts(tree, { symbolLabels: true }));
  if (output === STDIN_PATH) return { text: content };
  host.files.writeAtomically(output, content);
  return {
    text: `${output}: ${form}, ${formatSize(content.length)}\n`,
    json: { ...facts, output, outputForm: form, sizeBytes: content.length },
  };
}
