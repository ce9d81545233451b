/** Findings in the forms that other programs show beside the lines that they are about. */
import type { Diagnostic } from '../base/index.ts';
import { version } from './version.ts';

export const REPORT_FORMATS = ['text', 'github', 'sarif'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

const GITHUB_LEVEL = { error: 'error', warning: 'warning', note: 'notice' } as const;

/** Workflow commands of GitHub Actions, a line for each: annotations of a pull request. */
export function githubAnnotations(diagnostics: readonly Diagnostic[]): string {
  return diagnostics
    .map((found) => {
      const { severity, code, position } = found;
      const places: readonly (readonly [string, string | number | undefined])[] = [
        ['file', position?.file],
        ['line', position?.line],
        ['col', position?.column],
        ['title', code],
      ];
      const properties = places
        .flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${githubProperty(`${value}`)}`]))
        .join(',');
      return `::${GITHUB_LEVEL[severity]} ${properties}::${githubData(textOf(found))}\n`;
    })
    .join('');
}

function githubData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function githubProperty(text: string): string {
  return githubData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/** SARIF 2.1.0, as code scanning takes it. */
export function sarifOf(diagnostics: readonly Diagnostic[]): string {
  const rules = [...new Set(diagnostics.map(({ code }) => code))];
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'drivervm', version: version(), rules: rules.map((id) => ({ id })) } },
        columnKind: 'utf16CodeUnits',
        results: diagnostics.map((found) => ({
          ruleId: found.code,
          ruleIndex: rules.indexOf(found.code),
          level: found.severity,
          message: { text: textOf(found) },
          ...locationOf(found),
        })),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function locationOf({ position }: Diagnostic): object {
  if (position === undefined) return {};
  const { file, line, column } = position;
  const region =
    line === undefined
      ? {}
      : { region: { startLine: line, ...(column === undefined ? {} : { startColumn: column }) } };
  return { locations: [{ physicalLocation: { artifactLocation: { uri: uriOf(file) }, ...region } }] };
}

/** A relative reference (RFC 3986): what is relative stays so, to the repository. */
function uriOf(path: string): string {
  const uri = path.split('/').map(encodeURIComponent).join('/');
  return path.startsWith('/') ? `file://${uri}` : uri;
}

function textOf({ message, hint }: Diagnostic): string {
  return hint === undefined ? message : `${message}\n${hint}`;
}
