/** The version of the installed package, read from its manifest. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';

const MANIFEST = new URL('../../../package.json', import.meta.url);

export function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(MANIFEST, 'utf8'));
  return (manifest as { version: string }).version;
}

/** The version with a mark of the build: what only fits one build's state is kept by this. */
export function build(): string {
  const program = new URL('../../../dist/src/cli/drivervm.js', import.meta.url);
  if (!existsSync(program)) return version();
  const hash = createHash('sha256').update(readFileSync(program)).digest('hex');
  return `${version()} (${hash.slice(0, 12)})`;
}
