/** Where what a request names is: devices in the sources of the board's tree; and the outline of the file. */
import type { TextPlace } from '../../base/index.ts';
import { select } from '../../plan/index.ts';
import type { DocumentSymbol, FilePlace } from '../places.ts';
import type { YamlAnalysis } from './analysis.ts';
import { yamlCursorAt } from './cursor.ts';
import { scanYaml } from './scan.ts';
import { alternativesAt, schemaOf } from './schema.ts';

/** The nodes that a selector names, where the board's tree was read from sources. */
export function devicePlacesAt(analysis: YamlAnalysis, place: TextPlace): readonly FilePlace[] {
  const { lines, kind, board } = analysis;
  const { entry, parent } = yamlCursorAt(lines.text, scanYaml(lines.text), lines.offsetOf(place));
  if (entry === undefined || board === undefined) return [];
  const isSelector = alternativesAt(schemaOf(kind), [...parent, entry.key]).some(
    ({ format }) => format === 'drivervm-device',
  );
  const selector = isSelector ? entry.value : String(entry.key);
  return select(board, selector).devices.flatMap(({ node }) => {
    const { file, line, column = 1 } = node.position ?? { file: '' };
    if (line === undefined) return [];
    return [{ file, range: { start: { line, column }, end: { line, column } } }];
  });
}

/** The outermost keys, and what is named below them. */
export function yamlSymbolsOf({ lines }: YamlAnalysis): readonly DocumentSymbol[] {
  const entries = scanYaml(lines.text);
  return entries.flatMap(({ parent, key, keySpan, value }, index) => {
    if (parent.length > 0 || typeof key !== 'string') return [];
    const next = entries.slice(index + 1).find((other) => other.parent.length === 0);
    const end = next?.keySpan.start ?? lines.text.length;
    const whole = { start: keySpan.start, end: Math.max(keySpan.end, end) };
    return [
      {
        name: key,
        detail: value,
        kind: 'key' as const,
        range: lines.rangeOf(whole),
        selection: lines.rangeOf(keySpan),
        children: [],
      },
    ];
  });
}
