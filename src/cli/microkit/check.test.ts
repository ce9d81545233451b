/** What `check` says of itself: what it could not look at. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { drivervm } from '../../../test/support/command.ts';
import { programImage } from '../../../test/support/program-image.ts';

const directory = mkdtempSync(join(tmpdir(), 'drivervm-check-'));
after(() => rmSync(directory, { recursive: true }));
const system = join(directory, 'a.system');
writeFileSync(
  system,
  `<system>
  <protection_domain name="a"><program_image path="a.elf" /></protection_domain>
  <protection_domain name="b"><program_image path="b.elf" /></protection_domain>
</system>
`,
);
const build = join(directory, 'build');
mkdirSync(build);

test('programs of which none is built are said to be not checked; of those that are, a missing one is an error', async () => {
  const search = ['check', system, '--search-path', build];
  const { out } = await drivervm(search);
  assert.ok(
    out.includes(`not checked: programs: none of them is in ${build} (build the project first)`),
    out,
  );
  const nowhere = await drivervm(['check', system, '--search-path', join(build, 'none')]);
  assert.match(nowhere.out, /not checked: programs: none of them is in .*none /);
  writeFileSync(join(build, 'a.elf'), programImage([]));
  const half = await drivervm(search, { status: 1 });
  assert.match(half.err, /error\[sdf\/program-file\]: the program of b, b\.elf, is not there/);
  assert.ok(!half.out.includes('not checked: programs'), half.out);
  writeFileSync(join(build, 'b.elf'), programImage([]));
  const whole = await drivervm(search);
  assert.match(whole.out, /found: 0 errors, 0 warnings/);
  assert.ok(!whole.out.includes('not checked: programs'), whole.out);
});
