/** What came of scripts: for people, for programs, and as JUnit's XML, which continuous integration reads. */
import { escapeXmlAttribute, escapeXmlText } from '../microkit/index.ts';

/** What came of one case: passed, or why not and where; its times in seconds. */
export interface CaseResult {
  readonly script: string;
  /** The function's name. */
  readonly name: string;
  readonly ok: boolean;
  /** Why not. */
  readonly message?: string;
  /** Where in the script: `FILE:LINE:COLUMN`. */
  readonly at?: string;
  readonly hostSeconds: number;
  readonly guestSeconds: number;
  /** The end of what each console said. */
  readonly consoles: Readonly<Record<string, string>>;
}

/** Results as lines for people, with a count at the end. */
export function formatResults(results: readonly CaseResult[]): string {
  const lines = results.map(({ ok, script, name, hostSeconds, guestSeconds, message, at }) => {
    const time = `${hostSeconds.toFixed(1)} s, ${guestSeconds.toFixed(3)} s of the guests'`;
    const failure = ok ? '' : `\n    ${message ?? ''}${at === undefined ? '' : `\n    at ${at}`}`;
    return `${ok ? 'ok  ' : 'FAIL'} ${script} ${name} (${time})${failure}`;
  });
  const failed = results.filter(({ ok }) => !ok).length;
  const passed = results.length - failed;
  return `${lines.join('\n')}\n${passed} passed, ${failed} failed\n`;
}

/** As Jenkins', GitLab's and GitHub's readers take it: a suite for each script. */
export function junitOf(results: readonly CaseResult[]): string {
  const scripts = [...new Set(results.map(({ script }) => script))];
  const suites = scripts.map((script) =>
    suiteOf(
      script,
      results.filter((each) => each.script === script),
    ),
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ${counts(results)}>\n${suites.join('')}</testsuites>\n`;
}

function suiteOf(script: string, results: readonly CaseResult[]): string {
  const cases = results.map(({ name, ok, message = '', at = '', hostSeconds, consoles }) => {
    const said = Object.entries(consoles)
      // A terminal's lines end by both.
      .map(([console, text]) => `${console}:\n${text.replaceAll('\r', '')}\n`)
      .join('');
    const failure = ok
      ? ''
      : `      <failure message="${escapeXmlAttribute(message)}">${escapeXmlText(at)}</failure>\n`;
    return (
      `    <testcase classname="${escapeXmlAttribute(script)}" name="${escapeXmlAttribute(name)}" time="${hostSeconds.toFixed(3)}">\n` +
      `${failure}      <system-out>${escapeXmlText(said)}</system-out>\n    </testcase>\n`
    );
  });
  return `  <testsuite name="${escapeXmlAttribute(script)}" ${counts(results)}>\n${cases.join('')}  </testsuite>\n`;
}

function counts(results: readonly CaseResult[]): string {
  const failures = results.filter(({ ok }) => !ok).length;
  const seconds = results.reduce((sum, { hostSeconds }) => sum + hostSeconds, 0);
  return `tests="${results.length}" failures="${failures}" errors="0" time="${seconds.toFixed(3)}"`;
}
