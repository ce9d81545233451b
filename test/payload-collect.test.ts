/** `payload collect`'s script, run on this machine and in an arm64 guest, and its archives read back. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { DiagnosticSink } from '../src/base/index.ts';
import { readDtb, stringsProperty } from '../src/devicetree/index.ts';
import { nodeHost } from '../src/node/host.ts';
import {
  COLLECT_SCRIPT,
  extractPayload,
  FILE_TYPE,
  INITRD_UP_LINE,
  makeDebianPayload,
  writeCpio,
} from '../src/payload/index.ts';
import { Workbench } from './support/board-image.ts';
import { debianKernelPackage, debianPackage } from './support/debian.ts';
import { textsOf } from './support/fixtures.ts';
import { runOracle } from './support/oracles.ts';
import { startQemu } from './support/qemu.ts';

const bench = new Workbench();
after(() => bench.remove());
const host = nodeHost();
const script = bench.path('collect.sh');
writeFileSync(script, COLLECT_SCRIPT);

test('shellcheck finds nothing in it', () => {
  assert.equal(runOracle('shellcheck', ['--shell=sh', script]).stdout.toString(), '');
});

test('on this machine: it takes what there is, and copes where there is no device tree', async () => {
  const archive = bench.path('here.tar.gz');
  const run = runOracle('sh', [script, '-R', '-o', archive]);
  assert.equal(run.status, 0, run.stderr);
  assert.equal(run.stdout.toString(), `wrote ${archive}\n`);
  const sink = new DiagnosticSink();
  const report = await extractPayload(host, { source: archive, outputDirectory: bench.path('here') }, sink);
  assert.ok(report !== undefined, textsOf(sink).join('\n'));
  assert.equal(report.chosen.release, runOracle('uname', ['-r']).stdout.toString().trim());
  assert.equal(report.chosen.bootargs, readFileSync('/proc/cmdline', 'utf8').trim());
  assert.match(readFileSync(bench.path('here/live/iomem'), 'utf8'), /System RAM/);
  assert.equal(runOracle('sh', [script, '-x']).status, 2);
});

test('in an arm64 guest: the live tree, the registers, and nothing left mounted', async () => {
  const sink = new DiagnosticSink();
  const made = await makeDebianPayload(
    host,
    {
      kernelDirectories: [await debianKernelPackage()],
      busyboxDirectory: (await debianPackage('busybox-static')).directory,
      modules: [],
      outputDirectory: bench.path('debian'),
    },
    sink,
  );
  assert.ok(made !== undefined);
  const extra = writeCpio([
    { path: 'collect.sh', mode: FILE_TYPE.file | 0o755, content: new TextEncoder().encode(COLLECT_SCRIPT) },
  ]);
  const initrd = bench.path('initrd');
  writeFileSync(initrd, Buffer.concat([readFileSync(made.initrdPath), extra]));
  const guest = startQemu({ kernel: made.kernelPath, initrd });
  try {
    await guest.waitFor(INITRD_UP_LINE);
    await guest.waitFor('# ');
    guest.type(
      'cd /tmp; sh /collect.sh; grep -c debugfs /proc/mounts; echo "be""gin"; base64 *.tar.gz; echo "e""nd"\n',
    );
    await guest.waitFor('wrote drivervm-collect.tar.gz\r\n0\r\nbegin\r\n');
    const from = guest.console().length;
    await guest.waitFor('\nend\r');
    const start = guest.console().indexOf('begin\r\n') + 'begin\r\n'.length;
    assert.ok(start <= from + guest.console().length);
    const text = guest.console().slice(start, guest.console().indexOf('\nend\r'));
    writeFileSync(bench.path('guest.tar.gz'), Buffer.from(text.replace(/\s/g, ''), 'base64'));
  } finally {
    guest.kill();
  }
  const report = await extractPayload(
    host,
    { source: bench.path('guest.tar.gz'), outputDirectory: bench.path('guest') },
    sink,
  );
  assert.ok(report !== undefined, textsOf(sink).join('\n'));
  assert.equal(sink.hasErrors, false, textsOf(sink).join('\n'));
  assert.equal(report.chosen.release, made.release);
  assert.match(report.chosen.bootargs, /console=ttyAMA0/);
  const tree = readDtb(new Uint8Array(readFileSync(bench.path('guest/live.dtb'))), 'live.dtb', sink);
  assert.deepEqual(tree && stringsProperty(tree.root, 'compatible'), ['linux,dummy-virt']);
  const fdt = readFileSync(bench.path('guest/live/fdt'));
  assert.equal(fdt.readUInt32BE(0), 0xd00dfeed);
  assert.match(readFileSync(bench.path('guest/live/iomem'), 'utf8'), /^09000000-09000fff : pl011@9000000/m);
  assert.match(readFileSync(bench.path('guest/live/clk_summary'), 'utf8'), /clk24mhz .* 24000000 /);
});
