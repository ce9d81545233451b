/** `drivervm format` as a person calls it. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { drivervm } from './support/command.ts';
import { PROJECT_ROOT } from './support/files.ts';

const place = mkdtempSync(join(tmpdir(), 'drivervm-format-'));
after(() => rmSync(place, { recursive: true }));

const UNTIDY = `<system><!-- the UART --><memory_region size="4096" name="uart" phys_addr="0x9000000"/>
  <protection_domain priority="1" name="app"><program_image path="app.elf"/>
    <map vaddr="0x2000000" mr="uart" perms="rw" cached="false"/></protection_domain></system>`;
const TIDY = `<?xml version="1.0" encoding="UTF-8"?>
<system>
  <!-- the UART -->
  <memory_region name="uart" size="0x1000" phys_addr="0x9000000" />

  <protection_domain name="app" priority="1">
    <program_image path="app.elf" />
    <map mr="uart" vaddr="0x2000000" perms="rw" cached="false" />
  </protection_domain>
</system>
`;

function file(name: string, text: string): string {
  const path = join(place, name);
  writeFileSync(path, text);
  return path;
}

test('a description is printed, checked, and written into its file', async () => {
  const path = file('a.system', UNTIDY);
  assert.equal((await drivervm(['format', path])).out, TIDY);
  const { err } = await drivervm(['format', '--check', path], { status: 1 });
  assert.match(err, /a\.system:1:1: error\[sdf\/not-formatted\]/);
  assert.equal(readFileSync(path, 'utf8'), UNTIDY);
  assert.match((await drivervm(['format', '--write', path])).out, /^wrote .*a\.system\n$/);
  assert.equal(readFileSync(path, 'utf8'), TIDY);
  assert.equal((await drivervm(['format', '--check', '--write', path])).out, '');
});

test('what has errors, or goes through the preprocessor, is left as it is', async () => {
  const broken = file('broken.system', UNTIDY.replace('mr="uart"', 'mrr="uart"'));
  const macros = file('macros.system', `#define SIZE 0x1000\n${UNTIDY.replace('"4096"', '"SIZE"')}`);
  for (const [path, code] of [
    [broken, 'sdf/unknown-attribute'],
    [macros, 'sdf/format-preprocessed'],
  ] as const) {
    const before = readFileSync(path, 'utf8');
    const { err } = await drivervm(['format', '--write', path], { status: 1 });
    assert.ok(err.includes(code), err);
    assert.equal(readFileSync(path, 'utf8'), before);
  }
});

test('several files are not printed, nor standard input written', async () => {
  const [a, b] = [file('x.system', TIDY), file('y.system', TIDY)];
  await drivervm(['format', a, b], { status: 2 });
  await drivervm(['format', '--write', '-'], { status: 2 });
});

test('what "drivervm plan" writes is laid out so already', async () => {
  const systems = readdirSync(join(PROJECT_ROOT, 'examples'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.system') && !path.startsWith('mission'))
    .map((path) => join(PROJECT_ROOT, 'examples', path));
  assert.ok(systems.length > 0);
  await drivervm(['format', '--check', ...systems]);
});
