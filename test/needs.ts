/**
 * `npm run needs`: writes `src/plan/needs/drivers.ts` from the drivers and boards of Debian 12's kernel and of the newest, and
 * `bindings.ts` from their bindings, which has what drivers' rows leave open: so run it once more where rows have changed.
 * To be run when `KNOWN_LINUX` gets a release; `plan-needs.test.ts` compares the tables with both.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  BINDING_TABLE_FILE,
  bindingTable,
  bindingTableSource,
  readBindings,
} from './support/binding-needs.ts';
import { debianBoards, debianDrivers, debianKernelSource } from './support/debian.ts';
import { DRIVER_TABLE_FILE, driverTableSource, itemsOfBlobs, needsTable } from './support/driver-needs.ts';
import { PROJECT_ROOT } from './support/files.ts';
import { newestDrivers, newestLinux } from './support/newest-debian.ts';

const newest = await newestLinux();
const table = needsTable([
  { drivers: await debianDrivers(), items: itemsOfBlobs(await debianBoards()) },
  { drivers: await newestDrivers(), items: itemsOfBlobs(newest.blobs) },
]);
writeFileSync(join(PROJECT_ROOT, DRIVER_TABLE_FILE), driverTableSource(table, ['6.1', newest.release]));

const bindings = bindingTable([
  { bindings: readBindings(await debianKernelSource()), blobs: await debianBoards() },
  { bindings: readBindings(newest.source), blobs: newest.blobs },
]);
writeFileSync(join(PROJECT_ROOT, BINDING_TABLE_FILE), bindingTableSource(bindings, ['6.1', newest.release]));
