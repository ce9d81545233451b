/** The isolated apt over a host that plays the system's programs: what is run, and what comes of it. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  type Answers,
  aptConfig,
  DEBIAN,
  KERNEL_PACKAGES,
  playing,
} from '../../../test/support/played-apt.ts';
import { DiagnosticSink } from '../../base/index.ts';
import { openIsolatedApt } from './apt.ts';
import { fetchPackage, findKernelPackage, findPackage } from './packages.ts';

test('lists that cannot be renewed are used as they are; hooks are not taken over', async () => {
  let works = false;
  const answers: Record<string, Answers[string]> = {
    'apt-get': () =>
      works ? {} : { status: 100, stderr: 'W: hm\nE: Failed to fetch http://mirror.example/x\nE: more\n' },
  };
  await playing(answers, async ({ host, sink, directory, runs }) => {
    Object.assign(answers, aptConfig(directory, DEBIAN));
    assert.equal(await openIsolatedApt(host, sink), undefined);
    works = true;
    const apt = await openIsolatedApt(host, new DiagnosticSink());
    assert.ok(apt !== undefined);
    const settings = new TextDecoder().decode(host.files.read(apt.configuration));
    assert.match(settings, /^Acquire::http::Proxy "http:\/\/proxy.example";$/m);
    assert.doesNotMatch(settings, /Post-Invoke/);
    const stamp = join(apt.directory, 'updated.json');
    const { sources } = JSON.parse(new TextDecoder().decode(host.files.read(stamp)));
    const updates = (): number => runs.filter((run) => run.startsWith('apt-get update')).length;
    const before = updates();
    assert.ok((await openIsolatedApt(host, new DiagnosticSink())) !== undefined);
    assert.equal(updates(), before, 'lists of today are not fetched again');
    host.files.writeAtomically(stamp, JSON.stringify({ updatedAtMs: 0, sources }));
    works = false;
    assert.ok((await openIsolatedApt(host, new DiagnosticSink())) !== undefined);
  });
});

test('a metapackage leads to its kernel; what cannot be had is no package', async () => {
  let delivers = false;
  const answers: Record<string, Answers[string]> = {
    'apt-get': ([verb], cwd) => {
      if (verb === 'update') return {};
      if (!delivers) return { status: 100, stderr: 'E: Hash Sum mismatch\n' };
      writeFileSync(join(cwd, 'linux-image-6.1.0-1-arm64_1%3a6.1_arm64.deb'), 'not a package');
      return {};
    },
    'apt-cache': (args) => {
      const stdout = KERNEL_PACKAGES[args.at(-1) ?? ''];
      return stdout === undefined ? { status: 100, stderr: 'E: No packages found\n' } : { stdout };
    },
    'dpkg-deb': () => ({ status: 2, stderr: 'dpkg-deb: error: not a Debian format archive\n' }),
  };
  await playing(answers, async ({ host, sink, directory }) => {
    Object.assign(answers, aptConfig(directory, DEBIAN));
    const apt = await openIsolatedApt(host, sink);
    assert.ok(apt !== undefined);
    assert.equal(await findPackage(apt, 'linux-image-nosuch', sink), undefined);
    assert.equal(await findPackage(apt, '--help', sink), undefined);
    const kernel = await findKernelPackage(apt, 'linux-image-arm64', sink);
    assert.ok(kernel !== undefined);
    assert.equal(kernel.version, '1:6.1');
    assert.equal(await fetchPackage(apt, kernel, sink), undefined);
    delivers = true;
    assert.equal(await fetchPackage(apt, kernel, sink), undefined);
  });
});
