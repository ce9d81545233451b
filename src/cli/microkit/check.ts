/** `drivervm check`: everything that is wrong with a system description, in one run. */
import { type Command, Option } from 'commander';
import {
  type Diagnostic,
  DiagnosticSink,
  formatPosition,
  type Host,
  type TextEdit,
  type TextPlace,
} from '../../base/index.ts';
import { editedText } from '../../language/index.ts';
import {
  type CheckOptions,
  checkDescription,
  protectionDomainsOf,
  type ReadDescription,
  readSystemFile,
} from '../../microkit/index.ts';
import {
  type CheckGiven,
  type DescriptionOptions,
  descriptionReading,
  findSettings,
  readCheckOptions,
} from '../../workspace/index.ts';
import { REPORT_FORMATS, type ReportFormat } from '../annotations.ts';
import { collect } from '../arguments.ts';
import { type Answer, type CommandLine, type ExitStatus, runCommand } from '../cli.ts';
import { addDescriptionOptions, boardOption } from './description-options.ts';

interface Options extends DescriptionOptions {
  readonly json?: boolean;
  readonly format?: ReportFormat;
  readonly board?: string;
  readonly config?: string;
  readonly sdk?: string;
  readonly dtb?: string;
  readonly guestDtb?: readonly string[];
  readonly searchPath?: readonly string[];
  readonly fix?: boolean;
}

const HELP = `
What is not said is taken from drivervm.yaml beside the description or above it, or from the plan.json of its project.`;

export function addCheckCommand(parent: Command, cli: CommandLine, done: (status: ExitStatus) => void): void {
  const command = parent
    .command('check')
    .description(
      "Find everything that is wrong with a system description: Microkit's rules, the board, the guest's tree.",
    )
    .argument('<file.system>', 'the system description')
    .addOption(boardOption())
    .option(
      '--config <name>',
      "the SDK's configuration, such as debug or smp-release: says how many cores there are",
    )
    .addOption(
      new Option('--sdk <dir>', 'a Microkit SDK, whose own list of memory is taken for the board').env(
        'MICROKIT_SDK',
      ),
    )
    .option('--dtb <tree>', "the board's device tree: regions and interrupts are checked against it")
    .option(
      '--guest-dtb <[vm=]tree>',
      "the device tree that a guest is given; with its virtual machine's name where there are several",
      collect,
    )
    .option(
      '--search-path <dir>',
      'where programs and files that fill regions are found; may be given again',
      collect,
    )
    .option('--fix', 'make the changes that findings are certain of, in the files; then say what is left')
    .addOption(
      new Option(
        '--format <form>',
        'how findings are told. github: as annotations of a workflow; sarif: for code scanning',
      )
        .choices(REPORT_FORMATS)
        .default('text'),
    )
    .addOption(new Option('--json', 'answer in JSON').conflicts('format'));
  addDescriptionOptions(command)
    .addHelpText('after', HELP)
    .action(async (file: string, options: Options) => {
      done(
        await runCommand(cli, options, (sink) =>
          (options.fix === true ? fix : check)(cli.host, file, options, sink),
        ),
      );
    });
}

function check(host: Host, file: string, options: Options, sink: DiagnosticSink): Answer | undefined {
  // A description from standard input lies nowhere.
  const found = file === STANDARD_INPUT ? undefined : findSettings(host.files, file, sink);
  const given: CheckGiven = { ...found?.given, ...givenBy(options) };
  const checking = readCheckOptions(host.files, given, sink);
  const read = readSystemFile(file, host.files, sink, descriptionReading(given));
  if (read === undefined) return undefined;
  checkDescription(read, checking, sink);
  return account(file, read, { checking, given, from: found?.from }, sink);
}

const STANDARD_INPUT = '-';
/** One fix may show what it hid. */
const FIXING_ROUNDS = 10;

/** Makes what fixes there are, until there is none, and tells of what is left. */
function fix(host: Host, file: string, options: Options, sink: DiagnosticSink): Answer | undefined {
  if (file === STANDARD_INPUT)
    return { text: 'standard input can be checked alone; leave --fix away\n', misuse: true };
  const made: string[] = [];
  for (let round = 0; ; round += 1) {
    const found = new DiagnosticSink();
    const answer = check(host, file, options, found);
    const fixes = round === FIXING_ROUNDS ? [] : makeFixes(host, found.sorted());
    made.push(...fixes);
    if (fixes.length > 0) continue;
    for (const diagnostic of found.sorted()) sink.report(diagnostic);
    return (
      answer && {
        ...answer,
        text: `${made.join('')}${answer.text}`,
        json: { ...answer.json, fixes: made.length },
      }
    );
  }
}

/** Writes the files anew that fixes change; gives a line for each fix. */
function makeFixes(host: Host, found: readonly Diagnostic[]): readonly string[] {
  const edits: TextEdit[] = [];
  const made: string[] = [];
  for (const { fix, position, code } of found) {
    // Two findings may ask for the same; the second is looked at in the next round.
    if (fix === undefined || position === undefined || fix.edits.some((edit) => edits.some(overlaps(edit))))
      continue;
    edits.push(...fix.edits);
    made.push(`${formatPosition(position)}: fixed[${code}]: ${fix.title}\n`);
  }
  for (const file of new Set(edits.map((edit) => edit.file))) {
    const text = new TextDecoder().decode(host.files.read(file));
    host.files.writeAtomically(
      file,
      editedText(
        text,
        edits.filter((edit) => edit.file === file),
      ),
    );
  }
  return made;
}

function overlaps(a: TextEdit): (b: TextEdit) => boolean {
  const isBefore = (end: TextPlace, start: TextPlace) =>
    end.line < start.line || (end.line === start.line && end.column < start.column);
  return (b) =>
    a.file === b.file && !isBefore(a.range.end, b.range.start) && !isBefore(b.range.end, a.range.start);
}

/** What flags say; what they don't say is left to the settings. */
function givenBy({ guestDtb, json: _json, format: _format, fix: _fix, ...given }: Options): CheckGiven {
  return guestDtb === undefined ? given : { ...given, guestTrees: guestDtb.map(guestTree) };
}

/** `linux=guest.dtb`, or a path alone. */
function guestTree(given: string): NonNullable<CheckGiven['guestTrees']>[number] {
  const [, vm, file] = /^([^=/]+)=(.+)$/.exec(given) ?? [];
  return vm === undefined || file === undefined ? { file: given } : { vm, file };
}

interface Checked {
  readonly checking: CheckOptions;
  readonly given: CheckGiven;
  /** The file of settings, or the plan, where one was found. */
  readonly from: string | undefined;
}

/** What was looked at, and what could not be. */
function account(
  file: string,
  { description, dialect }: ReadDescription,
  { checking, given, from }: Checked,
  sink: DiagnosticSink,
): Answer {
  const pds = [...protectionDomainsOf(description)];
  const counts = {
    protectionDomains: pds.length,
    virtualMachines: pds.filter(({ virtualMachine }) => virtualMachine !== undefined).length,
    memoryRegions: description.memoryRegions.length,
    interrupts: pds.reduce((sum, { irqs }) => sum + irqs.length, 0),
    channels: description.channels.length,
  };
  const paths = pds.flatMap(({ programImage }) => programImage?.path ?? []);
  const notChecked = notCheckedOf(checking, paths, given);
  const words = [
    counted(counts.protectionDomains, 'protection domain'),
    counted(counts.virtualMachines, 'virtual machine'),
    counted(counts.memoryRegions, 'memory region'),
    counted(counts.interrupts, 'interrupt'),
    counted(counts.channels, 'channel'),
  ];
  const found = `${counted(sink.count('error'), 'error')}, ${counted(sink.count('warning'), 'warning')}`;
  const lines = [
    `${file}: ${words.join(', ')}`,
    ...(from === undefined ? [] : [`board, trees and options by ${from}`]),
    ...notChecked.map((what) => `not checked: ${what}`),
    `found: ${found}`,
  ];
  return {
    text: `${lines.join('\n')}\n`,
    json: { file, dialect, counts, notChecked, ...(from === undefined ? {} : { settings: from }) },
  };
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function notCheckedOf(
  { board, tree, guests, programImage }: CheckOptions,
  paths: readonly string[],
  given: CheckGiven,
): readonly string[] {
  const missing: string[] = [];
  if (board === undefined) missing.push('memory and interrupts against what seL4 hands out (give --board)');
  else if (board.ram === undefined) {
    const why =
      board.arch === 'x86_64'
        ? 'the machine says at boot what there is'
        : `give --sdk: no table for ${board.name}`;
    missing.push(`memory against what seL4 hands out (${why})`);
  }
  if (tree === undefined)
    missing.push("regions, interrupts and providers against the board's devices (give --dtb)");
  if (guests === undefined || guests.length === 0) {
    missing.push("maps and interrupts against the guest's device tree (give --guest-dtb)");
  }
  if (given.config === undefined)
    missing.push('cpu against the number of cores of a configuration (give --config)');
  if (given.searchPath === undefined)
    missing.push('programs and files that fill regions (give --search-path)');
  else if (paths.length > 0 && paths.every((path) => programImage?.(path) === undefined))
    missing.push(`programs: none of them is in ${given.searchPath.join(', ')} (build the project first)`);
  return missing;
}
