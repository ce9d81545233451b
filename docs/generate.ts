/**
 * `npm run docs`: writes the generated pages of `docs/`. A page is a file `docs/NAME.page.ts` that exports
 * `render()`, which gives the whole text of `docs/NAME.md`; `test/docs.test.ts` fails where a committed page is not what
 * would be generated.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../test/support/files.ts';
import { generatedPages } from './pages.ts';

for (const { path, render } of await generatedPages()) {
  writeFileSync(join(PROJECT_ROOT, path), await render());
  console.log(path);
}
