/** Fixtures of system descriptions: a text, what it earns, and the change that fixes it. */
import type { DiagnosticSink } from '../../src/base/index.ts';
import {
  type CheckOptions,
  checkDescription,
  plainSource,
  readDescription,
  type SdfDialect,
} from '../../src/microkit/index.ts';
import type { DiagnosticFixture } from './fixtures.ts';

export interface DescriptionCase {
  readonly code: string;
  readonly input: string;
  readonly text: string;
  /** What to put in place of what, so that the code is not reported any more. */
  readonly fix?: readonly [string, string];
  readonly expected: readonly string[];
  readonly options?: CheckOptions;
  readonly dialect?: SdfDialect;
}

const FIXTURE_FILE = 'a.system';

/** Lines of a description: those before the domain and after it, and those in it behind its program. */
export interface AppSystem {
  readonly before?: readonly string[];
  readonly inside?: readonly string[];
  readonly after?: readonly string[];
}

/** A description of one protection domain, `app`, as a person would write it. */
export function appSystem({ before = [], inside = [], after = [] }: AppSystem): string {
  const domain = [
    '<protection_domain name="app">',
    '  <program_image path="app.elf" />',
    ...inside.map((line) => `  ${line}`),
    '</protection_domain>',
  ];
  const lines = [...before, ...domain, ...after].map((line) => `  ${line}\n`);
  return `<system>\n${lines.join('')}</system>\n`;
}

export function checkText(
  text: string,
  options: CheckOptions,
  sink: DiagnosticSink,
  dialect?: SdfDialect,
): void {
  const read = readDescription(plainSource(FIXTURE_FILE, text), sink, { dialect });
  if (read !== undefined) checkDescription(read, options, sink);
}

export function descriptionFixture(given: DescriptionCase): DiagnosticFixture {
  const { code, input, text, fix, expected, options = {}, dialect } = given;
  const run = (sink: DiagnosticSink) => checkText(text, options, sink, dialect);
  if (fix === undefined) return { code, input, expected, run, text };
  const [wrong, right] = fix;
  if (!text.includes(wrong)) throw new Error(`${code}: the text does not contain ${wrong}`);
  const fixed = text.replace(wrong, () => right);
  return {
    code,
    input,
    expected,
    run,
    text,
    fixed: { text: fixed, run: (sink) => checkText(fixed, options, sink, dialect) },
  };
}
