#!/usr/bin/env node
// The installed command. It only finds the compiled program, so that a clone that was never built says so.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const program = new URL('../dist/src/cli/main.js', import.meta.url);
if (existsSync(fileURLToPath(program))) {
  await import(program.href);
} else {
  process.stderr.write('drivervm: not built yet; run "npm ci" (or "npm run build") in its directory\n');
  process.exitCode = 2;
}
