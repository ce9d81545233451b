/** What a program that imports drivervm does: plan, write, read and run a project, without the command line. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { nodeHost } from '../src/node/index.ts';
import { drivervm } from './support/command.ts';
import { tenLines } from './support/ten-lines.ts';

test('a project in ten lines', async (t) => {
  const place = mkdtempSync(join(tmpdir(), 'drivervm-library-'));
  t.after(() => rmSync(place, { recursive: true }));
  await drivervm(['payload', 'debian', '-o', join(place, 'payload')]);
  const overrides = {
    dtb: join(place, 'payload/dtbs/amlogic/meson-sm1-odroid-c4.dtb'),
    kernel: join(place, 'payload/Image'),
    initrd: join(place, 'payload/initrd.cpio'),
    pass: ['serial0'],
  };
  const output = join(place, 'project');
  const { end, console, diagnostics } = await tenLines(nodeHost(), overrides, output);
  assert.equal(end, 'until');
  assert.match(console, /Machine model: Hardkernel ODROID-C4/);
  assert.ok(existsSync(join(output, 'plan.json')));
  assert.deepEqual(
    diagnostics.filter(({ severity }) => severity === 'error'),
    [],
  );
});
