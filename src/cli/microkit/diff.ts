/** `drivervm diff`: the authority that one description gives and another does not. */
import type { Command } from 'commander';
import type { DiagnosticSink, Host } from '../../base/index.ts';
import {
  type Authority,
  authorityOf,
  compareAuthority,
  printAuthorityChanges,
  readSystemFile,
} from '../../microkit/index.ts';
import { type DescriptionOptions, descriptionReading } from '../../workspace/index.ts';
import { type Answer, type CommandLine, type ExitStatus, runCommand } from '../cli.ts';
import { boardTree } from './board-tree.ts';
import { addDescriptionOptions } from './description-options.ts';

interface Options extends DescriptionOptions {
  readonly json?: boolean;
  readonly dtb?: string;
}

export function addDiffCommand(parent: Command, cli: CommandLine, done: (status: ExitStatus) => void): void {
  const command = parent
    .command('diff')
    .description(
      'Show which authority one system description gives and another does not; text does not matter.',
    )
    .argument('<before.system>', 'the one description')
    .argument('<after.system>', 'the other')
    .option('--dtb <tree>', "the board's device tree: it names devices and interrupts")
    .option('--json', 'answer in JSON');
  addDescriptionOptions(command).action(async (before: string, after: string, options: Options) => {
    done(await runCommand(cli, options, (sink) => diff(cli.host, before, after, options, sink)));
  });
}

function diff(
  host: Host,
  before: string,
  after: string,
  options: Options,
  sink: DiagnosticSink,
): Answer | undefined {
  const tree = options.dtb === undefined ? undefined : boardTree(host, options.dtb, options, sink);
  const read = (file: string): Authority | undefined => {
    const found = readSystemFile(file, host.files, sink, descriptionReading(options));
    return found === undefined ? undefined : authorityOf(found, { tree });
  };
  const [old, young] = [read(before), read(after)];
  if (old === undefined || young === undefined) return undefined;
  const changes = compareAuthority(old, young);
  return {
    text: printAuthorityChanges(changes),
    json: { before, after, changes },
    differs: changes.length > 0,
  };
}
