#!/usr/bin/env node
// The installed command. It only finds the program, compiled and bundled into one file (Node takes half a millisecond for each
// of the hundreds of modules that it is made of), so that a clone that was never built says so.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const program = new URL('../dist/src/cli/drivervm.js', import.meta.url);
if (existsSync(fileURLToPath(program))) {
  await import(program.href);
} else {
  process.stderr.write('drivervm: not built yet; run "npm ci" (or "npm run build") in its directory\n');
  process.exitCode = 2;
}
