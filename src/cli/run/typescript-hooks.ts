/** Hooks for Node's module loader: TypeScript without its types, and `drivervm/ROOM` as this installation's rooms. */
import { readFile } from 'node:fs/promises';
import type { LoadHook, ResolveHook } from 'node:module';
import { fileURLToPath } from 'node:url';
import { transform } from 'sucrase';

const OURS = /^drivervm\/([a-z0-9]+)$/;

export const resolve: ResolveHook = (specifier, context, next) => {
  const room = OURS.exec(specifier)?.[1];
  if (room === undefined) return next(specifier, context);
  return { url: new URL(`../../${room}/index.js`, import.meta.url).href, shortCircuit: true };
};

export const load: LoadHook = async (url, context, next) => {
  if (!url.startsWith('file:') || !new URL(url).pathname.endsWith('.ts')) return next(url, context);
  const path = fileURLToPath(url);
  const { code } = transform(await readFile(path, 'utf8'), {
    transforms: ['typescript'],
    disableESTransforms: true,
    filePath: path,
  });
  return { format: 'module', source: code, shortCircuit: true };
};
