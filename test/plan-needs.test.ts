/**
 * What the plan holds for drivers' wants, against Linux's own drivers, of Debian 12's kernel and of the newest that the tables
 * know: what a driver there fails without, the table says so. And every file that a row names is there.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { KNOWN_LINUX } from '../src/devicetree/index.ts';
import { firmwareCallerOf } from '../src/plan/firmware.ts';
import { bindingRows } from '../src/plan/needs/binding-rows.ts';
import { NEED_ROWS, tableRows } from '../src/plan/needs/index.ts';
import { speaksOf } from '../src/plan/needs/row.ts';
import { bindingNeeds, readBindings } from './support/binding-needs.ts';
import { debianBoards, debianDrivers, debianKernelSource } from './support/debian.ts';
import { itemsOfBlobs } from './support/driver-needs.ts';
import { LinuxDrivers } from './support/linux-drivers.ts';
import { newestDrivers, newestLinux } from './support/newest-debian.ts';

const newest = await newestLinux();
const isKnown = (KNOWN_LINUX as readonly string[]).includes(newest.release);
const releases = [
  { directory: await debianDrivers(), items: itemsOfBlobs(await debianBoards()) },
  ...(isKnown ? [{ directory: await newestDrivers(), items: itemsOfBlobs(newest.blobs) }] : []),
].map((release) => ({ ...release, linux: new LinuxDrivers(release.directory) }));

test('what a driver asks for without the optional getter, the table has as required', () => {
  const table = tableRows();
  const wrong: string[] = [];
  let count = 0;
  for (const { items, linux } of releases) {
    for (const [compatible, asked] of items) {
      const required = linux.driverOf(compatible)?.asks.required ?? [];
      for (const item of required) {
        if (!asked.has(item)) continue;
        count += 1;
        if (!speaksOf(table.get(compatible)?.required ?? [], item)) wrong.push(`${compatible} ${item}`);
      }
    }
  }
  assert.deepEqual(wrong, []);
  assert.ok(count > 300, `${count} items`);
});

test('what a binding requires, and no driver’s row knows, the table of bindings has', async () => {
  const rows = bindingRows();
  const sources = [
    { source: await debianKernelSource(), blobs: await debianBoards() },
    ...(isKnown ? [{ source: newest.source, blobs: newest.blobs }] : []),
  ];
  const wrong: string[] = [];
  let count = 0;
  for (const { source, blobs } of sources) {
    const sampled = new Map([...blobs].filter((_, at) => at % 10 === 0));
    for (const [compatible, { file, properties }] of bindingNeeds(readBindings(source), sampled)) {
      for (const property of properties) {
        count += 1;
        if (rows.get(compatible)?.properties.has(property) !== true)
          wrong.push(`${compatible} ${property} (${file})`);
      }
    }
  }
  assert.deepEqual(wrong, []);
  assert.ok(count > 20, `${count} properties`);
});

test('the files that rows name are in one of the releases', { skip: !isKnown }, () => {
  const missing = NEED_ROWS.map(({ source }) => source).filter(
    (source) => !releases.some(({ directory }) => existsSync(`${directory}/${source}`)),
  );
  assert.deepEqual(missing, []);
});

test('every way to SCMI firmware that Linux knows is known as one', () => {
  for (const { linux } of releases) {
    const transports = linux.compatiblesUnder('drivers/firmware/arm_scmi/');
    assert.ok(transports.length >= 3, transports.join());
    assert.deepEqual(
      transports.filter((name) => firmwareCallerOf([name]) === undefined && name !== 'arm,scmi-shmem'),
      [],
    );
  }
});
