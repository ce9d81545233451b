/** The three ways to say that something went wrong, which ARCHITECTURE.md explains: report, refuse, assert. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { attempt, HostError, Refusal } from '../src/base/index.ts';
import { filesUnder, PROJECT_ROOT, projectPath } from './support/files.ts';

const sources = filesUnder(join(PROJECT_ROOT, 'src'))
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
  .map((file) => ({ path: projectPath(file), text: readFileSync(file, 'utf8') }));

function found(expression: RegExp): readonly string[] {
  return sources.flatMap(({ path, text }) =>
    [...text.matchAll(expression)].map((match) => `${path}: ${match[1]}`),
  );
}

test('what is thrown for others to take is a Refusal', () => {
  assert.deepEqual(found(/class (\w+) extends (?:Error|RangeError|TypeError)\b/g), [
    'src/base/refusal.ts: Refusal',
  ]);
});

test('what is thrown is a refusal, a mistake of ours, or what commander wants', () => {
  const refusals = found(/class (\w+) extends \w*Refusal\b/g).map((line) => line.split(': ')[1]);
  const others = found(/throw new (\w+)/g).filter((line) => {
    const [, name = ''] = line.split(': ');
    return !['Refusal', ...refusals, 'Error', 'RangeError', 'TypeError', 'InvalidArgumentError'].includes(
      name,
    );
  });
  assert.deepEqual(others, []);
});

test('no function returns a sentence, a problem or an error in place of its value', () => {
  const sentences = found(/\): ((?:Promise<)?(?:readonly )?[A-Z]\w*(?:\[\])? \| string>?) \{/g);
  const problems = found(/(\| \{ readonly (?:problem|error): string)/g);
  const errors = found(/\): (\w+ \| (?:\w*Error|\w*Refusal)) \{/g);
  // A walk that faults has found what it was asked for: the architecture's fault.
  const walks = /^src\/aarch64\/core\/mmu\.ts: Page \| Refusal$/;
  assert.deepEqual(
    [...sentences, ...problems, ...errors].filter((line) => !walks.test(line)),
    [],
  );
});

test('attempt takes refusals of its kind and nothing else', () => {
  const refusal = new Refusal('it is cut short');
  const thrower = (error: Error) => () => {
    throw error;
  };
  assert.equal(
    attempt(() => 3),
    3,
  );
  assert.equal(attempt(thrower(refusal)), refusal);
  assert.throws(() => attempt(thrower(refusal), HostError), refusal);
  const bug = new RangeError('ours');
  assert.throws(() => attempt(thrower(bug)), bug);
});
