import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { memoryFiles } from '../../test/support/memory-files.ts';
import { nodeHost } from '../node/index.ts';
import { LibvmmMonitor, Monitor } from '../vmm/index.ts';
import { ProgramModules } from './program-modules.ts';
import { ROOMS, roomsWith } from './rooms.ts';

function load(files: Readonly<Record<string, string>>, path = 'vmm.ts') {
  return new ProgramModules({ files: memoryFiles(files), modules: nodeHost().modules }).load(path);
}

test("a program gets this installation's rooms, its own files with or without their endings, and Node's modules", () => {
  const exports = load({
    'vmm.ts': `import { Monitor } from 'drivervm/vmm';
      import { sep } from 'node:path';
      import { five } from './lib/numbers.ts';
      import type { Nothing } from './nowhere.ts';
      export const given: readonly unknown[] = [Monitor, sep, five ?? 0];`,
    'lib/numbers.ts': "import { two } from './two';\nexport const five: number = two + 3;",
    'lib/two.js': 'export const two = 2;',
  });
  assert.deepEqual(exports['given'], [Monitor, '/', 5]);
});

test('a program is linked with the monitor library that the run asks for', () => {
  const files = memoryFiles({
    'vmm.ts': "import { Monitor } from 'drivervm/vmm';\nexport const given = Monitor;",
  });
  for (const [library, monitor] of [
    ['architecture', Monitor],
    ['libvmm', LibvmmMonitor],
  ] as const) {
    const host = { files, modules: nodeHost().modules };
    assert.equal(new ProgramModules(host, roomsWith(library)).load('vmm.ts')['given'], monitor);
  }
});

test('modules that import each other see what is there by then', () => {
  const exports = load({
    'vmm.ts':
      "import { b } from './b.ts';\nexport const a = () => 'a';\nexport const both = () => a() + b();",
    'b.ts': "import { a } from './vmm.ts';\nexport const b = () => a().toUpperCase();",
  });
  assert.equal((exports['both'] as () => string)(), 'aA');
});

for (const [what, source, reason] of [
  ['a syntax error', 'const = 3;', /vmm\.ts/],
  [
    'a room that is not there',
    "import { x } from 'drivervm/kitchen'; x;",
    /no room "kitchen": aarch64, base/,
  ],
  ['a file that is not there', "import { x } from './gone.ts'; x;", /no gone\.ts, which vmm\.ts imports/],
  ['what the module throws', "throw new Error('not today');", /not today/],
] as const) {
  test(`${what} is said`, () => {
    assert.throws(() => load({ 'vmm.ts': source }), reason);
  });
}

test('a stack trace names the file and the line as they were written', () => {
  const exports = load({
    'vmm.ts': 'type T = {\n  a: 1;\n};\nexport const fail = (_: T): void => {\n  throw new Error();\n};',
  });
  try {
    (exports['fail'] as () => void)();
    assert.fail('it throws');
  } catch (error) {
    assert.match((error as Error).stack ?? '', /vmm\.ts:5:/);
  }
});

// What drives a run is not for what runs in it.
test('programs import the rooms that the package exports', () => {
  const manifest: { exports: Record<string, unknown> } = JSON.parse(
    readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'),
  );
  const exported = Object.keys(manifest.exports)
    .map((name) => name.slice(2))
    .filter((name) => !['package.json', 'workspace', 'script', 'language', 'node'].includes(name));
  assert.deepEqual(Object.keys(ROOMS), exported.sort());
});

test('without the host, as in a browser: files and rooms, no packages', () => {
  const modules = (files: Readonly<Record<string, string>>) =>
    new ProgramModules({ files: memoryFiles(files) });
  const { two } = modules({ 'vmm.ts': 'export const two: number = 2;' }).load('vmm.ts');
  assert.equal(two, 2);
  const withPackage = modules({ 'vmm.ts': "import { sep } from 'node:path'; sep;" });
  assert.throws(() => withPackage.load('vmm.ts'), /no package node:path here, which vmm\.ts imports/);
});
