import assert from 'node:assert/strict';
import { test } from 'node:test';
import { needsPreprocessor } from './dialect.ts';

const CASES: readonly (readonly [string, boolean])[] = [
  ['<system><map vaddr="0x1000" /></system>', false],
  ['<system><map vaddr=RAM perms="rw"/></system>', true],
  ['<system><map vaddr = RAM/></system>', true],
  ['#include "ram.h"\n<system/>', true],
  ['<system>\n  # define A 1\n</system>', true],
  ['<system>/* bus2 */</system>', true],
  ['<system><!-- /* bus2 */ vaddr=RAM\n#define A --></system>', false],
  ['<system><program_image path="a/*b" other=\'x=RAM \'/></system>', false],
  ["<!-- don't --><system><map mr='#include'/></system>", false],
];

for (const [text, expected] of CASES) {
  test(`${JSON.stringify(text)} ${expected ? 'is' : 'is not'} meant for the preprocessor`, () => {
    assert.equal(needsPreprocessor(text), expected);
  });
}
