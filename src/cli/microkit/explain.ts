/** `drivervm explain`: who may touch which device, where each interrupt goes, and what lies where; in words and in pictures. */
import type { Command } from 'commander';
import type { DiagnosticSink, Host } from '../../base/index.ts';
import {
  authorityOf,
  boardOfTree,
  explainAuthority,
  MICROKIT_BOARDS,
  readSystemFile,
} from '../../microkit/index.ts';
import { type Pictures, picturesOf, picturesPage, picturesSvg } from '../../picture/index.ts';
import { guestNetworks } from '../../sharing/index.ts';
import { type DescriptionOptions, descriptionReading, readPlan } from '../../workspace/index.ts';
import { type Answer, type CommandLine, type ExitStatus, runCommand } from '../cli.ts';
import { boardTree } from './board-tree.ts';
import { addDescriptionOptions, boardOption } from './description-options.ts';
import { type PictureFile, writePictures } from './picture-files.ts';

interface Options extends DescriptionOptions {
  readonly json?: boolean;
  readonly svg?: string;
  readonly html?: string;
  readonly board?: string;
  readonly dtb?: string;
  readonly plan?: string;
}

const HELP = `
The pictures are the system's diagram, physical memory beside what each guest sees of it, and interrupts. "-" is standard output.

  drivervm explain system.system --dtb board.dtb --html system.html      # for a review
  drivervm explain project/system.system --dtb board.dtb --plan project/plan.json --svg system.svg`;

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
    .option('--plan <plan.json>', "the plan: it says where kernel, tree and ramdisk lie in guests' RAM")
    .option('--svg <file>', 'the pictures, as an SVG document')
    .option('--html <file>', 'the pictures and the rest, as a page of HTML')
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
  const { svg, html } = options;
  if (svg === undefined && html === undefined) {
    const authority = authorityOf(read, { tree, board });
    const networks = guestNetworks(read.description);
    return { text: explainAuthority(authority, networks), json: { file, authority, networks } };
  }
  const plan =
    options.plan === undefined
      ? undefined
      : readPlan(new TextDecoder().decode(host.files.read(options.plan)), options.plan, sink);
  const known = board ?? (tree === undefined ? undefined : boardOfTree(tree.compatible));
  const pictures = picturesOf(read, { tree, board: known, plan });
  const title = host.files.basename(file);
  const asked = (path: string | undefined, draw: (title: string, pictures: Pictures) => string) =>
    path === undefined ? [] : [{ path, make: () => draw(title, pictures) } satisfies PictureFile];
  const files = [...asked(svg, picturesSvg), ...asked(html, picturesPage)];
  return writePictures(
    host,
    files,
    { file, authority: pictures.authority, networks: pictures.networks },
    options.json === true,
  );
}
