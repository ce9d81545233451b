/**
 * Script files: TypeScript, each exported function a case that has a run of its own, from power-on. Whatever a script throws is its
 * failure.
 */
import { type DiagnosticSink, type Host, Refusal } from '../base/index.ts';
import { ProgramModules, type RunRequest } from '../workspace/index.ts';
import { scriptCodes } from './diagnostics.ts';
import type { Script } from './script.ts';

/** An exported function of a script, which has a run of its own. */
export interface ScriptCase {
  readonly script: string;
  readonly name: string;
  readonly body: (script: Script) => unknown;
  /** What the file says of its runs, by `export const request`. */
  readonly request: RunRequest;
}

/** What the name of a file with scripts ends in. */
export const SCRIPT_ENDING = '.script.ts';

/** The scripts of a project: those beside its description, by name. */
export function scriptsOf({ files }: Pick<Host, 'files'>, directory: string): readonly string[] {
  return files
    .list(directory)
    .filter((name) => name.endsWith(SCRIPT_ENDING))
    .map((name) => files.join(directory, name));
}

/** The cases of a file, in its order; none where the sink was told why. */
export function readCases(
  host: Pick<Host, 'files' | 'modules'>,
  path: string,
  sink: DiagnosticSink,
): readonly ScriptCase[] {
  let exports: Readonly<Record<string, unknown>>;
  try {
    exports = new ProgramModules(host).load(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    sink.report(scriptCodes['not-loaded'].at({ file: path }, { reason }));
    return [];
  }
  const { request = {} } = exports as { readonly request?: RunRequest };
  const cases = Object.entries(exports).flatMap(([name, value]) =>
    typeof value === 'function' ? [{ script: path, name, body: value as ScriptCase['body'], request }] : [],
  );
  if (cases.length === 0) sink.report(scriptCodes['no-case'].at({ file: path }, {}));
  return cases;
}

/** Where in a script something was thrown, by its stack. */
export function placeOf(error: unknown, script: string): string | undefined {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const at = stack.indexOf(`${script}:`);
  return at < 0 ? undefined : /^[^\s)]+:\d+:\d+/.exec(stack.slice(at))?.[0];
}

/** What went wrong, in a sentence. */
export function messageOf(error: unknown): string {
  if (error instanceof Refusal || error instanceof Error) return error.message;
  return String(error);
}
