/** Results as `drivervm test --json` prints them, read back. */
import type { DiagnosticSink, HostFiles } from '../../base/index.ts';
import { type CaseResult, scriptCodes } from '../../script/index.ts';

/** Those of all files, in order; a file that holds none is reported. */
export function readResults(
  files: Pick<HostFiles, 'read'>,
  paths: readonly string[],
  sink: DiagnosticSink,
): readonly CaseResult[] {
  return paths.flatMap((path) => {
    const results = resultsIn(new TextDecoder().decode(files.read(path)));
    if (results === undefined) sink.report(scriptCodes['not-results'].at({ file: path }, {}));
    return results ?? [];
  });
}

/** `undefined` where the text is none of ours. */
export function resultsIn(text: string): readonly CaseResult[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { results } = (value ?? {}) as { readonly results?: unknown };
  return Array.isArray(results) && results.every(isResult) ? results : undefined;
}

function isResult(value: unknown): value is CaseResult {
  if (typeof value !== 'object' || value === null) return false;
  const { script, name, ok, hostSeconds, guestSeconds, consoles, message, at } = value as Record<
    string,
    unknown
  >;
  return (
    [script, name].every((each) => typeof each === 'string') &&
    [message, at].every((each) => each === undefined || typeof each === 'string') &&
    typeof ok === 'boolean' &&
    [hostSeconds, guestSeconds].every((each) => typeof each === 'number') &&
    typeof consoles === 'object' &&
    consoles !== null &&
    Object.values(consoles).every((each) => typeof each === 'string')
  );
}
