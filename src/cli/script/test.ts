/** `drivervm test`: the scripts of a project, each case a run of its own, side by side on the machine's cores. */
import { type Command, InvalidArgumentError } from 'commander';
import type { DiagnosticSink } from '../../base/index.ts';
import { projectDirectory } from '../../project/index.ts';
import {
  type CaseResult,
  formatResults,
  junitOf,
  readCases,
  SCRIPT_ENDING,
  type ScriptCase,
  scriptCodes,
  scriptsOf,
} from '../../script/index.ts';
import { collect, seconds } from '../arguments.ts';
import { type Answer, type CommandLine, type ExitStatus, runCommand } from '../cli.ts';
import { readResults } from './read-results.ts';
import { type CasesOptions, runCases } from './run-cases.ts';

interface TestOptions extends CasesOptions {
  readonly case?: readonly string[];
  readonly shard?: { readonly index: number; readonly count: number };
  readonly junit?: string;
  readonly merge?: boolean;
  readonly json?: boolean;
}

const DEFAULT_TIMEOUT_SECONDS = 600;

export function addTestCommand(parent: Command, cli: CommandLine, done: (status: ExitStatus) => void): void {
  parent
    .command('test')
    .description('Run scripts: what a guest is to say and do, as TypeScript, each case from power-on.')
    .argument('[project|file.system]', 'what is run; with --merge a file of results', '.')
    .argument(
      '[scripts...]',
      `files that end in ${SCRIPT_ENDING}; those beside the description if none is named`,
    )
    .option('--case <name>', 'only this exported function; may be given again', collect)
    .option('--jobs <number>', "how many runs side by side; the machine's cores unless said", count)
    .option('--shard <k/n>', 'only the k-th of n shares, for n machines', shard)
    .option(
      '--timeout <seconds>',
      "a case fails after so long on this machine; scripts count the guest's time",
      seconds,
      DEFAULT_TIMEOUT_SECONDS,
    )
    .option('--output <dir>', 'where files go that scripts write: beside the scripts unless said')
    .option('--junit <file>', "write the results as JUnit's XML too")
    .option('--merge', 'run nothing: put the results of several runs with --json together')
    .option('--json', 'answer in JSON: the results, with the end of what each console said')
    .addHelpText('after', HELP)
    .action(async (project: string, scripts: readonly string[], options: TestOptions) => {
      done(await runCommand(cli, options, (sink) => test(cli, project, scripts, options, sink)));
    });
}

const HELP = `
A script:

    import type { Script } from 'drivervm/script';

    export async function boots(script: Script) {
      const console = script.console();
      await console.waitFor('the guest is up', { seconds: 30 });
      const { output } = await console.command('cat /proc/device-tree/model');
      if (!output.includes('ODROID-C4')) throw new Error(\`a board called \${output}\`);
      if (script.touched('/soc/bus@ff800000/serial@3000') === 0) throw new Error('the UART was not used');
    }

Exit status: 0 where every case passed, 1 where one failed or there is none.`;

async function test(
  cli: CommandLine,
  project: string,
  scripts: readonly string[],
  options: TestOptions,
  sink: DiagnosticSink,
): Promise<Answer | undefined> {
  const { host } = cli;
  if (options.merge === true)
    return answerOf(cli, readResults(host.files, [project, ...scripts], sink), options);
  const directory = projectDirectory(host.files, project) ?? host.files.dirname(project);
  const paths = scripts.length > 0 ? scripts : scriptsOf(host, directory);
  if (paths.length === 0)
    sink.report(scriptCodes['no-scripts'].at({ file: directory }, { ending: SCRIPT_ENDING }));
  const all = paths.flatMap((path) => readCases(host, path, sink));
  const wanted = chosen(all, options, sink);
  if (sink.hasErrors) return undefined;
  return answerOf(cli, await runCases(cli, project, wanted, options), options);
}

function chosen(
  all: readonly ScriptCase[],
  { case: names, shard: share }: TestOptions,
  sink: DiagnosticSink,
): readonly ScriptCase[] {
  for (const name of names ?? [])
    if (!all.some((each) => each.name === name))
      sink.report(scriptCodes['no-such-case'].at(undefined, { name, names: all.map((each) => each.name) }));
  return all
    .filter(({ name }) => names === undefined || names.includes(name))
    .filter((_, index) => share === undefined || index % share.count === share.index - 1);
}

function answerOf(cli: CommandLine, results: readonly CaseResult[], { junit }: TestOptions): Answer {
  if (junit !== undefined) cli.host.files.writeAtomically(junit, junitOf(results));
  return {
    text: formatResults(results),
    json: { results },
    ...(results.every(({ ok }) => ok) ? {} : { differs: true }),
  };
}

function count(value: string): number {
  const number = /^\d+$/.test(value) ? Number(value) : 0;
  if (number < 1) throw new InvalidArgumentError('It is a number from 1 on.');
  return number;
}

function shard(value: string): { readonly index: number; readonly count: number } {
  const [, index = '', count = ''] = /^(\d+)\/(\d+)$/.exec(value) ?? [];
  const share = { index: Number(index), count: Number(count) };
  if (share.index < 1 || share.index > share.count)
    throw new InvalidArgumentError('It is K/N, K from 1 to N, such as 2/8.');
  return share;
}
