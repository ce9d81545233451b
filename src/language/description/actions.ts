/** What an editor can do to a description: the fixes of its findings, and its layout. */
import type { Diagnostic, TextEdit, TextRange } from '../../base/index.ts';
import { formatDescription, needsPreprocessor } from '../../microkit/index.ts';
import type { CodeAction } from '../places.ts';
import type { DescriptionAnalysis } from './analysis.ts';

/** The layout of `drivervm format`: one edit of the whole, none where it is laid out so; `undefined` where something would be lost. */
export function formatEdits({
  read,
  isWhole,
  lines,
  file,
  given,
}: DescriptionAnalysis): readonly TextEdit[] | undefined {
  if (read === undefined || !isWhole || (given.cpp ?? needsPreprocessor(lines.text))) return undefined;
  const text = formatDescription(read);
  return text === lines.text ? [] : [{ file, range: lines.whole, text }];
}

/** The fixes of findings that touch a range. */
export function fixesIn(
  findings: readonly { readonly diagnostic: Diagnostic; readonly file: string; readonly range: TextRange }[],
  file: string,
  range: TextRange,
): readonly CodeAction[] {
  return findings.flatMap((finding, index) => {
    const { fix } = finding.diagnostic;
    if (fix === undefined || finding.file !== file || !touch(finding.range, range)) return [];
    return [{ ...fix, finding: index }];
  });
}

function touch(a: TextRange, b: TextRange): boolean {
  return !isBefore(a.end, b.start) && !isBefore(b.end, a.start);
}

function isBefore(a: TextRange['start'], b: TextRange['start']): boolean {
  return a.line < b.line || (a.line === b.line && a.column < b.column);
}
