/** Where the tests find the project's files, from wherever they run. */
import { existsSync, readdirSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the checkout; this file runs as `dist/test/support/files.js`. */
export const PROJECT_ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** The compiled files under `dist/` whose names end so, sorted; not those whose source has gone. */
export function compiledFiles(ending: string): readonly string[] {
  const compiled = join(PROJECT_ROOT, 'dist');
  return filesUnder(compiled).filter(
    (file) =>
      file.endsWith(ending) &&
      existsSync(join(PROJECT_ROOT, file.slice(compiled.length).replace(/\.js$/, '.ts'))),
  );
}

/** All files under a directory, with paths that begin with it, sorted. */
export function filesUnder(directory: string): readonly string[] {
  return readdirSync(directory, { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(directory, entry.name);
      return entry.isDirectory() ? filesUnder(path) : [path];
    })
    .sort();
}

/** A path relative to the root, with `/` on every system. */
export function projectPath(path: string): string {
  return path.slice(PROJECT_ROOT.length).split(sep).join('/');
}
