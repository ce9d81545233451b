/** Findings as GitHub and code scanning take them. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { githubAnnotations, sarifOf } from '../src/cli/annotations.ts';
import { drivervm } from './support/command.ts';

const directory = mkdtempSync(join(tmpdir(), 'drivervm-annotations-'));
after(() => rmSync(directory, { recursive: true }));
const system = join(directory, 'board.system');
writeFileSync(
  system,
  '<system>\n  <memory_region name="a" size="0x1000" />\n  <memory_region name="a" size="1" />\n</system>\n',
);

test('annotations of a workflow have place, code and what to do', async () => {
  const { out, err } = await drivervm(['check', system, '--format', 'github'], { status: 1 });
  assert.match(out, /^::error file=.*board\.system,line=3,col=\d+,title=sdf\/[\w-]+::.+$/m);
  assert.equal(err, '');
  const odd = {
    severity: 'note',
    code: 'a/b',
    message: '50%\n',
    hint: 'x',
    position: { file: 'a,b:c' },
  } as const;
  assert.equal(githubAnnotations([odd]), '::notice file=a%2Cb%3Ac,title=a/b::50%25%0A%0Ax\n');
});

test('SARIF has a result for each finding, with its rule', async () => {
  const { out } = await drivervm(['check', system, '--format', 'sarif'], { status: 1 });
  const { version, runs } = JSON.parse(out);
  assert.equal(version, '2.1.0');
  const [{ tool, results }] = runs;
  assert.ok(results.length > 0);
  for (const { ruleId, ruleIndex, level, message, locations } of results) {
    assert.equal(tool.driver.rules[ruleIndex].id, ruleId);
    assert.match(level, /^(error|warning|note)$/);
    assert.ok(message.text.length > 0);
    assert.ok(locations[0].physicalLocation.region.startLine >= 1);
  }
  assert.match(sarifOf([]), /"results": \[\]/);
  await drivervm(['check', system, '--format', 'xml'], { status: 2 });
});
