/** What a program that imports drivervm does: plan, write, read and run a project, without the command line. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { DiagnosticSink } from '../src/base/index.ts';
import { nodeHost } from '../src/node/index.ts';
import { drive } from '../src/run/index.ts';
import { planRequest, Run, readInputs, writeProject } from '../src/workspace/index.ts';
import { drivervm } from './support/command.ts';

test('a project in ten lines', async (t) => {
  const place = mkdtempSync(join(tmpdir(), 'drivervm-library-'));
  t.after(() => rmSync(place, { recursive: true }));
  await drivervm(['payload', 'debian', '-o', join(place, 'payload')]);

  const [host, sink, output] = [nodeHost(), new DiagnosticSink(), join(place, 'project')];
  const overrides = {
    dtb: join(place, 'payload/dtbs/amlogic/meson-sm1-odroid-c4.dtb'),
    kernel: join(place, 'payload/Image'),
    initrd: join(place, 'payload/initrd.cpio'),
    pass: ['serial0'],
  };
  const planned = planRequest(host, { overrides, output }, sink);
  assert.ok(planned !== undefined);
  await writeProject(host.files, output, planned.files, {}, sink);
  const inputs = await readInputs(host, output, {}, sink);
  assert.ok(typeof inputs === 'object');
  const run = new Run(host, inputs, { until: 'Machine model: Hardkernel ODROID-C4' });
  const text: number[] = [];
  run.onByte = (_source, byte) => text.push(byte);
  const end = await drive(run.session, host, { found: () => run.consoles.found });

  assert.equal(end, 'until');
  assert.match(String.fromCharCode(...text), /Machine model: Hardkernel ODROID-C4/);
  assert.deepEqual(
    sink.sorted().filter(({ severity }) => severity === 'error'),
    [],
  );
});
