/**
 * Coverage as lcov, genhtml and what else shows it take it (geninfo(1), "FILES"): a record for each source file, with its functions and
 * lines. A count is 1 for what was executed: how often, nobody counted.
 */
import type { CoveredFile, CoveredFiles } from './covered.ts';

/** The text of one guest's coverage, which `test` names. */
export function lcovText(test: string, files: CoveredFiles): string {
  const name = test.replaceAll(/\W/g, '_');
  const sorted = [...files].sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.map(([path, file]) => recordOf(name, path, file)).join('');
}

function recordOf(test: string, path: string, { lines, functions }: CoveredFile): string {
  const byLine = [...functions].sort(([, a], [, b]) => a.line - b.line);
  const sorted = [...lines].sort(([a], [b]) => a - b);
  const out = [`TN:${test}`, `SF:${path}`];
  for (const [name, { line }] of byLine) out.push(`FN:${line},${name}`);
  for (const [name, { isCalled }] of byLine) out.push(`FNDA:${Number(isCalled)},${name}`);
  out.push(`FNF:${functions.size}`, `FNH:${byLine.filter(([, { isCalled }]) => isCalled).length}`);
  for (const [line, isExecuted] of sorted) out.push(`DA:${line},${Number(isExecuted)}`);
  out.push(`LF:${lines.size}`, `LH:${sorted.filter(([, isExecuted]) => isExecuted).length}`);
  return `${out.join('\n')}\nend_of_record\n`;
}
