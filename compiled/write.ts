/** `npm run compiled`: writes what is compiled of the monitor (answers-unit.ts). */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../test/support/files.ts';
import { answersFiles } from './answers-unit.ts';

for (const [path, text] of Object.entries(await answersFiles())) {
  writeFileSync(join(PROJECT_ROOT, path), text);
  console.log(path);
}
