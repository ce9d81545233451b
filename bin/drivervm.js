#!/usr/bin/env node
// The installed command. It only finds the program, compiled and bundled into one script (Node takes half a millisecond for each
// of the hundreds of modules that it is made of), and says so where a clone was never built. What Node compiled of it in an earlier
// run is kept in the cache directory, a file for each command: half of a start is compiling.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';
import { crc32 } from 'node:zlib';

const CHECKSUM_BYTES = 4;
const COMMANDS = ['plan', 'run', 'check', 'explain', 'diff', 'payload', 'dt', 'lsp'];
const url = new URL('../dist/src/cli/drivervm.js', import.meta.url);
const program = fileURLToPath(url);

/** The directory of kept code, the mark of this build under this Node, and the file for this command. */
function keptCode() {
  const { size, mtimeMs } = statSync(program);
  const build = `${size.toString(36)}-${Math.round(mtimeMs).toString(36)}-${process.version}-${process.arch}`;
  const directory = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'drivervm', 'code');
  const command = COMMANDS.find((name) => process.argv[2] === name) ?? 'other';
  return { directory, build, path: join(directory, `${build}-${command}`) };
}

/** What was kept, if it is what was written. Node refuses what another version of it compiled. */
function readKept(path) {
  try {
    const bytes = readFileSync(path);
    const code = bytes.subarray(CHECKSUM_BYTES);
    return bytes.length > CHECKSUM_BYTES && bytes.readUInt32LE() === crc32(code) ? code : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps what has been compiled until now. Without a place for it nothing is kept. */
function keep(script, { directory, build, path }) {
  try {
    mkdirSync(directory, { recursive: true });
    for (const name of readdirSync(directory)) {
      if (!name.startsWith(build)) rmSync(join(directory, name), { force: true });
    }
    const code = script.createCachedData();
    const checksum = Buffer.alloc(CHECKSUM_BYTES);
    checksum.writeUInt32LE(crc32(code));
    const written = `${path}.${process.pid}`;
    writeFileSync(written, Buffer.concat([checksum, code]));
    renameSync(written, path);
  } catch {}
}

let source;
try {
  source = readFileSync(program, 'utf8');
} catch {
  process.stderr.write('drivervm: not built yet; run "npm ci" (or "npm run build") in its directory\n');
  process.exitCode = 2;
}
if (source !== undefined) {
  const kept = keptCode();
  const cachedData = readKept(kept.path);
  const script = new Script(source, {
    filename: program,
    ...(cachedData === undefined ? {} : { cachedData }),
  });
  if (cachedData === undefined || script.cachedDataRejected) process.once('exit', () => keep(script, kept));
  await script.runInThisContext()(createRequire(url), url.href);
}
