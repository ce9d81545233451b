/** Cases side by side: each in a process of its own where there are several, for a run takes a whole core. */
import type { Host } from '../../base/index.ts';
import { type CaseResult, runCase, type ScriptCase } from '../../script/index.ts';
import type { CommandLine } from '../cli.ts';
import { build } from '../version.ts';
import { resultsIn } from './read-results.ts';

export interface CasesOptions {
  readonly jobs?: number;
  /** Of this machine's time, for each case. */
  readonly timeout: number;
  readonly output?: string;
}

export async function runCases(
  { host }: CommandLine,
  project: string,
  cases: readonly ScriptCase[],
  options: CasesOptions,
): Promise<readonly CaseResult[]> {
  const jobs = Math.min(options.jobs ?? host.parallelism ?? 1, cases.length);
  const results = new Map<ScriptCase, CaseResult>();
  const waiting = [...cases];
  const work = async (): Promise<void> => {
    for (let each = waiting.shift(); each !== undefined; each = waiting.shift()) {
      host.progress(`${results.size} of ${cases.length}: ${each.script} ${each.name}`);
      results.set(each, await runOne(host, project, each, { ...options, isAlone: jobs <= 1 }));
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, jobs) }, work));
  return cases.flatMap((each) => results.get(each) ?? []);
}

async function runOne(
  host: Host,
  project: string,
  each: ScriptCase,
  { isAlone, timeout, output }: CasesOptions & { readonly isAlone: boolean },
): Promise<CaseResult> {
  const outputDirectory = output ?? host.files.dirname(each.script);
  const [command, ...before] = host.program ?? [];
  if (isAlone || command === undefined)
    return runCase(host, project, each, {
      program: build(),
      request: {},
      outputDirectory,
      timeoutSeconds: timeout,
    });
  const args = [...before, 'test', project, each.script, '--case', each.name, '--jobs', '1', '--json'];
  const more = ['--timeout', `${timeout}`, '--output', outputDirectory];
  const { stdout, stderr } = await host.processes.run(command, [...args, ...more]);
  const [result] = resultsIn(new TextDecoder().decode(stdout)) ?? [];
  if (result !== undefined) return result;
  const message = `the run ended without a result: ${new TextDecoder().decode(stderr).trim()}`;
  const { script, name } = each;
  return { script, name, ok: false, message, hostSeconds: 0, guestSeconds: 0, consoles: {} };
}
