/** The workbench as static files, made by Vite: every address in it is relative, so that it may lie below any path. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';

/** Every site has it. */
export const SERVICE_WORKER = 'service-worker.js';
/** What its source has in place of the site's files. */
const NO_FILES = "const FILES = ['./'];";

/** Writes the site into a directory, in place of what was there. */
export async function buildSite(root: string, outDir: string): Promise<void> {
  await build({
    root: join(root, 'web'),
    configFile: false,
    base: './',
    logLevel: 'error',
    clearScreen: false,
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    worker: { format: 'es' },
    build: {
      outDir,
      emptyOutDir: true,
      target: 'es2023',
      // The rooms are one program, which is read once.
      chunkSizeWarningLimit: 8192,
    },
  });
  nameFiles(outDir);
}

/** Tells the service worker what the site consists of. */
function nameFiles(site: string): void {
  const files = readdirSync(site, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== SERVICE_WORKER && entry.name !== 'index.html')
    .map(
      (entry) =>
        `./${join(entry.parentPath, entry.name)
          .slice(site.length + 1)
          .replaceAll('\\', '/')}`,
    )
    .sort();
  const path = join(site, SERVICE_WORKER);
  const text = readFileSync(path, 'utf8');
  if (!text.includes(NO_FILES)) throw new Error(`${SERVICE_WORKER} has no place for the site's files`);
  writeFileSync(path, text.replace(NO_FILES, `const FILES = ${JSON.stringify(['./', ...files])};`));
}
