/** `npm run bench -- NAME…`: runs the named benchmarks (`bench/NAME.bench.ts`), or lists them. */
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import { compiledFiles } from '../test/support/files.ts';

const ENDING = '.bench.js';
const benchmarks = new Map(
  compiledFiles(ENDING).map((file) => [basename(file).slice(0, -ENDING.length), file]),
);
const names = process.argv.slice(2);
const unknown = names.filter((name) => !benchmarks.has(name));
if (names.length === 0 || unknown.length > 0) {
  for (const name of unknown) console.error(`no benchmark is called ${name}`);
  console.log(`benchmarks: ${[...benchmarks.keys()].join(', ') || 'none yet'}`);
  process.exitCode = unknown.length > 0 ? 2 : 0;
} else {
  for (const name of names) {
    console.log(`## ${name}`);
    await import(pathToFileURL(benchmarks.get(name) ?? '').href);
  }
}
