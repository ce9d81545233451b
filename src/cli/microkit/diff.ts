/** `drivervm diff`: the authority that one description gives and another does not. */
import type { Command } from 'commander';
import type { DiagnosticSink, Host } from '../../base/index.ts';
import {
  authorityOf,
  compareAuthority,
  printAuthorityChanges,
  readSystemFile,
} from '../../microkit/index.ts';
import { comparedDiagram, systemDiagramSvg } from '../../picture/index.ts';
import { type DescriptionOptions, descriptionReading } from '../../workspace/index.ts';
import { type Answer, type CommandLine, type ExitStatus, runCommand } from '../cli.ts';
import { boardTree } from './board-tree.ts';
import { addDescriptionOptions } from './description-options.ts';
import { writePictures } from './picture-files.ts';

interface Options extends DescriptionOptions {
  readonly json?: boolean;
  readonly dtb?: string;
  readonly svg?: string;
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
    .option(
      '--svg <file>',
      'both as one diagram with the changes marked, as an SVG document; "-" is standard output',
    )
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
  const [old, young] = [before, after].map((file) =>
    readSystemFile(file, host.files, sink, descriptionReading(options)),
  );
  if (old === undefined || young === undefined) return undefined;
  const changes = compareAuthority(authorityOf(old, { tree }), authorityOf(young, { tree }));
  const json = { before, after, changes };
  const differs = changes.length > 0;
  const { svg } = options;
  if (svg === undefined) return { text: printAuthorityChanges(changes), json, differs };
  const title = `From ${host.files.basename(before)} to ${host.files.basename(after)}`;
  const make = () => systemDiagramSvg(title, comparedDiagram(old, young, { tree }));
  const written = writePictures(host, [{ path: svg, make }], json, options.json === true);
  return { ...written, differs };
}
