/** What each loader boots, construct by construct (`support/boot-constructs.ts`). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONSTRUCTS } from './support/boot-construct-list/index.ts';
import { outcomeOf } from './support/boot-constructs.ts';

for (const construct of CONSTRUCTS) {
  test(`${construct.loader}: ${construct.construct}`, async () => {
    const outcome = await outcomeOf(construct);
    const { expected } = construct;
    const told = Object.fromEntries(
      Object.keys(expected).map((key) => [key, outcome[key as keyof typeof expected]]),
    );
    assert.deepEqual(told, expected, JSON.stringify(outcome));
    // A guess is said to be one, and why.
    if (outcome.answer === 'guessed')
      assert.ok(
        outcome.doubts.length > 0 || outcome.codes.length > 0 || construct.construct === 'no configuration',
        JSON.stringify(outcome),
      );
  });
}
