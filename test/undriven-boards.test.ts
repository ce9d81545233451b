/**
 * No false alarms of devices without a driver: one of Debian's boards in twenty, its devices passed one at a time with all that
 * Debian's kernel and its modules have. What is then said to have no driver has none in Linux's source, or one that
 * Debian's configuration leaves out.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import { bytesSource } from '../src/payload/bytes/source.ts';
import { compatibleStrings } from '../src/payload/kernel/compatibles.ts';
import { debianBoards, debianDrivers, debianKernelPackage } from './support/debian.ts';
import { filesUnder } from './support/files.ts';
import { undrivenDevices } from './support/passed-devices.ts';

const SAMPLED = 20;
const kernel = await debianKernelPackage();
const drivers = await debianDrivers();

/** The strings of the kernel and of all its modules. */
function stringsOfKernel(): ReadonlySet<string> {
  const files = filesUnder(kernel).filter((path) => /\/vmlinuz-|\.ko$/.test(path));
  return new Set(
    files.flatMap((path) => [...compatibleStrings(bytesSource(path, readFileSync(path))).found]),
  );
}

/** The files of Linux's that hold a driver for one of these, by name. */
function sourcesOf(names: ReadonlySet<string>): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>([...names].map((name) => [name, []]));
  for (const path of filesUnder(drivers).filter((file) => file.endsWith('.c'))) {
    const text = readFileSync(path, 'latin1');
    for (const [, name = ''] of text.matchAll(/\.compatible\s*=\s*"([^"]+)"/g)) found.get(name)?.push(path);
  }
  return found;
}

/** What the configuration has of the option that builds a file; `undefined` where its Makefile does not say. */
function isBuilt(path: string, config: string): boolean | undefined {
  const makefile = join(dirname(path), 'Makefile');
  if (!existsSync(makefile)) return undefined;
  const lines = readFileSync(makefile, 'latin1').replaceAll('\\\n', ' ').split('\n');
  const optionsOf = (object: string): readonly string[] =>
    lines
      .filter(
        (line) =>
          line
            .split(/[\s:+]*=\s*/)[1]
            ?.split(/\s+/)
            .includes(object) === true,
      )
      .flatMap((line) => {
        const option = /^obj-\$\((CONFIG_\w+)\)/.exec(line)?.[1];
        const composite = /^([\w-]+)-(?:y|objs|\$\(\w+\))\s*[:+]?=/.exec(line)?.[1];
        if (option !== undefined) return [option];
        return composite === undefined || composite === 'obj' ? [] : optionsOf(`${composite}.o`);
      });
  const options = optionsOf(`${basename(path, '.c')}.o`);
  return options.length === 0
    ? undefined
    : options.some((option) => new RegExp(`^${option}=[ym]$`, 'm').test(config));
}

test('what is said to have no driver has none that Debian builds', async () => {
  const compatibles = stringsOfKernel();
  const boards = [...(await debianBoards())].filter((_, at) => at % SAMPLED === 0);
  const undriven = new Set(
    boards.flatMap(([name, path]) => undrivenDevices(name, readFileSync(path), compatibles)),
  );
  assert.ok(undriven.size > 3, [...undriven].join());
  const config = readFileSync(
    filesUnder(join(kernel, 'boot')).find((path) => path.includes('/config-')) ?? '',
    'utf8',
  );
  const wrong = [...sourcesOf(undriven)].filter(([, paths]) =>
    paths.some((path) => isBuilt(path, config) !== false),
  );
  assert.deepEqual(wrong, []);
});
