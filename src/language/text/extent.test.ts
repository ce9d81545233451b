/** What is underlined where a finding has a beginning only. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { extentAt } from './extent.ts';
import { Lines } from './lines.ts';

test('a word, a value, a tag; at a line’s end what ends the line, and not a half of it', () => {
  const text = '<map mr="ram" />\r\nb\nc';
  const underlined = (at: number) => {
    const { start, end } = extentAt(text, at);
    return text.slice(start, end);
  };
  assert.deepEqual([0, 5, 9, 8].map(underlined), ['<map', 'mr', 'ram', '"ram"']);
  assert.deepEqual([16, 19].map(underlined), ['\r\n', '\n']);
  assert.deepEqual(new Lines(text).rangeOf(extentAt(text, 16)).end, { line: 2, column: 1 });
  assert.equal(underlined(text.length), '');
});
