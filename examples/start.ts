/**
 * `npm start`: the whole way, on a machine with nothing but Node and apt. Fetches Debian's arm64 kernel, its board trees and a
 * ramdisk; plans the Odroid C4's driver VM; checks the description; boots it in this terminal. What follows `--` is
 * handed on to `drivervm run`: `npm start -- --until '~ #' --timeout 300`.
 */
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EXIT_STATUS } from '../src/cli/cli.ts';
import { nodeHost } from '../src/node/host.ts';
import { runCommandLine } from '../src/cli/program.ts';

/** This file runs as `dist/examples/start.js`. */
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const path = (...parts: readonly string[]): string => relative(process.cwd(), join(ROOT, ...parts)) || '.';

/** Where the requests under `examples/` look for it. */
const PAYLOAD = path('examples', 'payload');
const PROJECT = path('out', 'odroidc4');
const BOARD = join(PAYLOAD, 'dtbs', 'amlogic', 'meson-sm1-odroid-c4.dtb');
const SYSTEM = join(PROJECT, 'odroidc4.system');
const GUEST = join(PROJECT, 'linux.dtb');

const STEPS: readonly (readonly string[])[] = [
  ['payload', 'debian', '-o', PAYLOAD],
  ['plan', path('examples', 'odroidc4', 'everything.yaml'), '-o', PROJECT],
  ['check', SYSTEM, '--board', 'odroidc4', '--dtb', BOARD, '--guest-dtb', GUEST],
  ['run', PROJECT, '--stats', ...process.argv.slice(2).filter((word, index) => index > 0 || word !== '--')],
];

const quoted = (word: string): string => (/^[\w./=-]+$/.test(word) ? word : `'${word}'`);

for (const step of STEPS) {
  process.stderr.write(`\n$ drivervm ${step.map(quoted).join(' ')}\n`);
  const cli = { host: nodeHost(), stdout: process.stdout, stderr: process.stderr };
  process.exitCode = await runCommandLine(step, cli);
  if (process.exitCode !== EXIT_STATUS.ok) break;
}
