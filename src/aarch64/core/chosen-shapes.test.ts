import assert from 'node:assert/strict';
import { test } from 'node:test';
import { insn } from '../definition.ts';
import { INSTRUCTIONS } from '../insns/index.ts';
import { shapeFields } from '../pattern.ts';
import { chosenKeys, hotShapes } from './chosen-shapes.ts';

const definition = (hot: (shape: { readonly OP: number }) => boolean) =>
  insn(
    'X',
    'OP:2 000000000000000000000000000000',
    () => 'x',
    () => {},
    { hot },
  );

test('the shapes that a definition chooses, in order', () => {
  const keys = chosenKeys([definition((f) => f.OP !== 1)], 'hot');
  assert.deepEqual(
    keys.map((chosen) => shapeFields(chosen.definition.pattern, chosen.key)['OP']),
    [0, 2, 3],
  );
  assert.deepEqual(chosenKeys([definition(() => true)], 'warm'), []);
});

test('a choice of none of a definition’s shapes is an error', () => {
  assert.throws(() => chosenKeys([definition((f) => f.OP === 4)], 'hot'), /X: none of its shapes is hot/);
});

test('the run loop has about two hundred cases', () => {
  const count = hotShapes(INSTRUCTIONS).length;
  assert.ok(count > 150 && count < 220, `${count}`);
});
