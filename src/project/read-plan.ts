/** A `plan.json` read back: checked against the one shape of plans, each mistake with its place in the file. */
import { isCollection, type Node, parseDocument } from 'yaml';
import type { DiagnosticSink, SourcePosition } from '../base/index.ts';
import { type JsonPath, type JsonProblem, PLAN_FORMAT, type Plan, planShape } from '../plan/index.ts';
import { projectCodes as codes } from './diagnostics.ts';

/** One mistake that comes again and again says no more than its first few times. */
const PROBLEMS_LIMIT = 20;

/** The plan in a text, or `undefined` after a report. `file` is the name shown. */
export function readPlan(text: string, file: string, sink: DiagnosticSink): Plan | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    sink.report(codes['not-json'].at({ file }, { reason: error.message }));
    return undefined;
  }
  const format = typeof value === 'object' && value !== null && 'format' in value ? value.format : undefined;
  if (format !== PLAN_FORMAT) {
    const found = JSON.stringify(format) ?? 'nothing';
    sink.report(codes['other-format'].at({ file }, { found, known: PLAN_FORMAT }));
    return undefined;
  }
  const problems: JsonProblem[] = [];
  planShape.check(value, [], (problem) => {
    if (problems.length < PROBLEMS_LIMIT) problems.push(problem);
  });
  if (problems.length === 0) return value as Plan;
  const placeOf = placesIn(text, file);
  for (const problem of problems) sink.report(diagnosticOf(problem, placeOf(problem.path)));
  return undefined;
}

function diagnosticOf(problem: JsonProblem, place: SourcePosition) {
  const where = wordsOf(problem.path);
  switch (problem.kind) {
    case 'wrong-value':
      return codes['wrong-value'].at(place, { where, expected: problem.expected, found: problem.found });
    case 'missing-key':
      return codes['missing-key'].at(place, { where, key: problem.key });
    case 'unknown-key':
      return codes['unknown-key'].at(place, { where, known: problem.known });
  }
}

/** `guests[0].virtio[1].mode`. */
function wordsOf(path: JsonPath): string {
  const words = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
  return words.replace(/^\./, '') || 'the plan';
}

/** Places are looked for only where something is wrong: JSON is YAML too, whose reader keeps them. */
function placesIn(text: string, file: string): (path: JsonPath) => SourcePosition {
  const document = parseDocument(text, { keepSourceTokens: false });
  const offsetOf = (path: JsonPath): number => {
    for (let length = path.length; length > 0; length -= 1) {
      const node = document.getIn(path.slice(0, length), true) as Node | undefined;
      const start = node?.range?.[0];
      if (start !== undefined) return start;
    }
    return isCollection(document.contents) ? (document.contents.range?.[0] ?? 0) : 0;
  };
  return (path) => {
    const before = text.slice(0, offsetOf(path));
    const line = before.split('\n').length;
    return { file, line, column: before.length - before.lastIndexOf('\n') };
  };
}
