/** `drivervm explain`: who may touch which device, where each interrupt goes, and what lies where. */
import { type Command, Option } from 'commander';
import type { DiagnosticSink, Host } from '../../base/index.ts';
import {
  authorityOf,
  explainAuthority,
  explanationPage,
  MICROKIT_BOARDS,
  memoryMapSvg,
  readSystemFile,
} from '../../microkit/index.ts';
import { type DescriptionOptions, descriptionReading } from '../../workspace/index.ts';
import { type Answer, type CommandLine, type ExitStatus, runCommand } from '../cli.ts';
import { boardTree } from './board-tree.ts';
import { addDescriptionOptions, boardOption } from './description-options.ts';

interface Options extends DescriptionOptions {
  readonly json?: boolean;
  readonly svg?: boolean;
  readonly html?: boolean;
  readonly board?: string;
  readonly dtb?: string;
}

const HELP = `
  drivervm explain system.system --dtb board.dtb --svg > memory.svg      # for a review
  drivervm explain system.system --dtb board.dtb --html > system.html`;

export function addExplainCommand(
  parent: Command,
  cli: CommandLine,
  done: (status: ExitStatus) => void,
): void {
  const command = parent
    .command('explain')
    .description('Show who may touch which device and memory, page by page, and where each interrupt goes.')
    .argument('<file.system>', 'the system description')
    .addOption(boardOption())
    .option('--dtb <tree>', "the board's device tree: it names devices and interrupts")
    .addOption(new Option('--svg', 'draw the memory map, as an SVG document').conflicts(['html', 'json']))
    .addOption(new Option('--html', 'the memory map and the rest as a page of HTML').conflicts(['json']))
    .option('--json', 'answer in JSON')
    .addHelpText('after', HELP);
  addDescriptionOptions(command).action(async (file: string, options: Options) => {
    done(await runCommand(cli, options, (sink) => explain(cli.host, file, options, sink)));
  });
}

function explain(host: Host, file: string, options: Options, sink: DiagnosticSink): Answer | undefined {
  const tree = options.dtb === undefined ? undefined : boardTree(host, options.dtb, options, sink);
  const read = readSystemFile(file, host.files, sink, descriptionReading(options));
  if (read === undefined) return undefined;
  const board = options.board === undefined ? undefined : MICROKIT_BOARDS.get(options.board);
  const authority = authorityOf(read, { tree, board });
  const title = host.files.basename(file);
  if (options.svg === true) return { text: memoryMapSvg(title, authority) };
  if (options.html === true) return { text: explanationPage(title, authority) };
  return { text: explainAuthority(authority), json: { file, authority } };
}
