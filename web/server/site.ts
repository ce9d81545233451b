/** The workbench as static files, made by Vite: every address in it is relative, so that it may lie below any path. */
import { join } from 'node:path';
import { build } from 'vite';

/** Writes the site into a directory, in place of what was there. */
export async function buildSite(root: string, outDir: string): Promise<void> {
  await build({
    root: join(root, 'web'),
    configFile: false,
    base: './',
    logLevel: 'warn',
    clearScreen: false,
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    worker: { format: 'es' },
    build: {
      outDir,
      emptyOutDir: true,
      target: 'es2023',
      // The rooms are one program: its size is known and read once.
      chunkSizeWarningLimit: 8192,
    },
  });
}
