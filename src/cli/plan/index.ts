/** `drivervm plan`: from a board and a request to one consistent driver VM, as a report and as a project. */
import { type Command, Option } from 'commander';
import type { DiagnosticSink, Host } from '../../base/index.ts';
import { planReport, type RequestOverrides } from '../../plan/index.ts';
import type { FileStep } from '../../project/index.ts';
import { VIRTIO_KINDS } from '../../sharing/index.ts';
import { planRequest, type SourceOptions, writeProject } from '../../workspace/index.ts';
import type { AddCommands } from '../cli.ts';
import { type Answer, runCommand } from '../cli.ts';
import { addSourceOptions } from '../dt/source-options.ts';

export interface PlanOptions extends SourceOptions, RequestOverrides {
  readonly output?: string;
  readonly sdk?: string;
  readonly force?: boolean;
  readonly verbose?: boolean;
  readonly json?: boolean;
}

const byComma = (list: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  ...list.split(',').filter(Boolean),
];

export const addPlanCommands: AddCommands = (parent, cli, done) => {
  const command: Command = parent
    .command('plan')
    .description(
      'Plan a driver VM and write its project: what it is given and why, one consistent set of files.',
    )
    .argument('[request.yaml]', 'the request; without one, the flags say it all')
    .option('-o, --output <dir>', 'the directory to write the project into; without it only the report')
    .option(
      '--dtb <file>',
      "the board's device tree: a blob, source, or a directory such as /proc/device-tree",
    )
    .option('--board <name>', "Microkit's name of the board; default: by the tree's compatible")
    .option('--kernel <file>', 'the kernel Image')
    .option('--initrd <file>', 'the initial ramdisk')
    .option(
      '--pass <list>',
      'devices to pass, by comma: paths, &labels, aliases, names; all or none',
      byComma,
    )
    .option('--except <list>', 'devices that stay out, by comma', byComma)
    .option('--ram <size>', 'RAM of the guest, such as "1 GiB"')
    .option('--ram-base <address>', 'where its RAM lies')
    .option('--vcpus <n>', 'virtual CPUs')
    .option('--bootargs <text>', "the kernel's command line")
    .option('--virtio <list>', `virtio devices by comma: ${VIRTIO_KINDS.join(', ')}`, byComma)
    .option('--name <name>', "the project's name")
    .addOption(
      new Option('--sdk <dir>', 'a Microkit SDK, whose build of seL4 says what memory it hands out').env(
        'MICROKIT_SDK',
      ),
    )
    .option('--force', 'overwrite files of the project that were edited')
    .option('-v, --verbose', 'report every device and the way it came in')
    .option('--json', 'answer in JSON: the whole plan');
  addSourceOptions(command).action(async (file: string | undefined, options: PlanOptions) => {
    if (file === undefined && options.dtb === undefined) {
      return command.error('error: a request file or --dtb is needed', { exitCode: 2 });
    }
    done(await runCommand(cli, options, (sink) => plan(cli.host, file, options, sink)));
  });
};

async function plan(
  host: Host,
  file: string | undefined,
  options: PlanOptions,
  sink: DiagnosticSink,
): Promise<Answer | undefined> {
  const { output } = options;
  const planned = planRequest(
    host,
    { ...options, ...(file === undefined ? {} : { file }), overrides: options },
    sink,
  );
  if (planned === undefined) return undefined;
  const { plan: made, files } = planned;
  const report = planReport(made, { verbose: options.verbose === true });
  if (output === undefined) return { text: report, json: { plan: made } };
  const steps = await writeProject(host.files, output, files, options, sink);
  return {
    text: `${report}\n${steps.map((step) => stepLine(output, step)).join('\n')}\n`,
    json: {
      plan: made,
      directory: output,
      files: steps.map((step) => ({ path: step.file.path, step: step.kind })),
    },
  };
}

function stepLine(directory: string, step: FileStep): string {
  const words = { write: 'wrote', unchanged: 'same as before', keep: 'kept' } as const;
  return `${words[step.kind].padEnd(15)} ${directory}/${step.file.path}`;
}
