/** `drivervm format`: system descriptions laid out anew, their comments where they were. */
import type { Command } from 'commander';
import type { DiagnosticSink, Host } from '../../base/index.ts';
import {
  sdfWriteCodes as codes,
  decodeText,
  formatDescription,
  needsPreprocessor,
  readSystemBytes,
} from '../../microkit/index.ts';
import { type Answer, type CommandLine, type ExitStatus, runCommand } from '../cli.ts';

interface Options {
  readonly write?: boolean;
  readonly check?: boolean;
  readonly json?: boolean;
}

const HELP = `
"-" is standard input. What has errors is left as it is, and so is what goes through the C preprocessor.

  drivervm format system.system                     # prints it
  drivervm format --write *.system                  # lays the files out
  drivervm format --check *.system                  # status 1 where one is not`;

/** As the host's files have it. */
const STANDARD_INPUT = '-';

export function addFormatCommand(
  parent: Command,
  cli: CommandLine,
  done: (status: ExitStatus) => void,
): void {
  parent
    .command('format')
    .description('Lay a system description out: one order, one spelling of numbers, its comments kept.')
    .argument('<file.system...>', 'the system descriptions')
    .option('--write', 'into the files themselves, instead of printing')
    .option('--check', 'change nothing, and say which files are laid out otherwise')
    .option('--json', 'answer in JSON')
    .addHelpText('after', HELP)
    .action(async (files: readonly string[], options: Options) => {
      done(await runCommand(cli, options, (sink) => format(cli.host, files, options, sink)));
    });
}

function format(host: Host, files: readonly string[], options: Options, sink: DiagnosticSink): Answer {
  if (files.length > 1 && options.write !== true && options.check !== true)
    return {
      text: 'several files are not printed one after the other; add --write or --check\n',
      misuse: true,
    };
  if (options.write === true && files.includes(STANDARD_INPUT))
    return { text: 'standard input can be printed alone; leave --write away\n', misuse: true };
  const results = files.flatMap((file) => {
    const result = formatted(host, file, sink);
    return result === undefined ? [] : [{ file, ...result, isSame: result.before === result.after }];
  });
  const others = results.filter(({ isSame }) => !isSame);
  const json = {
    files: results.map(({ file, isSame, after }) => ({ file, isFormatted: isSame, text: after })),
  };
  if (options.check === true) {
    for (const { file, before, after } of others)
      sink.report(codes['not-formatted'].at({ file, line: firstDifference(before, after), column: 1 }, {}));
    return { text: '', json };
  }
  if (options.write !== true) return { text: results[0]?.after ?? '', json };
  for (const { file, after } of others) host.files.writeAtomically(file, after);
  return { text: others.map(({ file }) => `wrote ${file}\n`).join(''), json };
}

/** A file as it is, and as it is laid out; nothing where it has errors. */
function formatted(
  host: Host,
  file: string,
  sink: DiagnosticSink,
): { readonly before: string; readonly after: string } | undefined {
  const bytes = host.files.read(file);
  const before = decodeText(file, bytes, sink);
  if (before === undefined) return undefined;
  if (needsPreprocessor(before)) {
    sink.report(codes['format-preprocessed'].at({ file }, {}));
    return undefined;
  }
  const errors = sink.count('error');
  const read = readSystemBytes(file, bytes, host.files, sink, { preprocess: false });
  return read === undefined || sink.count('error') > errors
    ? undefined
    : { before, after: formatDescription(read) };
}

/** The number of the first line that differs, from 1; the last where one text goes on. */
function firstDifference(before: string, after: string): number {
  const [lines, others] = [before.split('\n'), after.split('\n')];
  const index = lines.findIndex((line, at) => line !== others[at]);
  return index < 0 ? lines.length : index + 1;
}
