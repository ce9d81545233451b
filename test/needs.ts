/**
 * `npm run needs`: writes `src/plan/needs/drivers.ts` from the drivers and boards of Debian 12's kernel and of the newest.
 * To be run when `KNOWN_LINUX` gets a release; `plan-needs.test.ts` holds the table to both.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { debianBoards, debianDrivers } from './support/debian.ts';
import { DRIVER_TABLE_FILE, driverTableSource, itemsOfBlobs, needsTable } from './support/driver-needs.ts';
import { PROJECT_ROOT } from './support/files.ts';
import { newestDrivers, newestLinux } from './support/newest-debian.ts';

const newest = await newestLinux();
const table = needsTable([
  { drivers: await debianDrivers(), items: itemsOfBlobs(await debianBoards()) },
  { drivers: await newestDrivers(), items: itemsOfBlobs(newest.blobs) },
]);
writeFileSync(join(PROJECT_ROOT, DRIVER_TABLE_FILE), driverTableSource(table, ['6.1', newest.release]));
