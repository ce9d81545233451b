/**
 * `npm run example -- NAME`: an example by one command, such as `odroidc4/emmc` or `shared/wire`. Runs the commands in the head
 * of its request, in its directory; what else is given goes to the last of them, which is `drivervm run`:
 * `npm run example -- shared/wire --until '# ' --timeout 300`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commandsOf } from './commands.ts';

/** This file runs as `dist/examples/example.js`. */
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const EXAMPLES = join(ROOT, 'examples');

/** `odroidc4/emmc` is `odroidc4/emmc.yaml`, `shared/wire` is `shared/wire/request.yaml`. */
function requestOf(name: string): string | undefined {
  return [`${name}.yaml`, join(name, 'request.yaml')]
    .map((path) => join(EXAMPLES, path))
    .find((path) => existsSync(path));
}

function names(): readonly string[] {
  return readdirSync(EXAMPLES, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.yaml') && commandsOf(readFileSync(join(EXAMPLES, path), 'utf8')).length > 0)
    .map((path) => path.replace(/(\/request)?\.yaml$/, ''))
    .sort();
}

/** In a shell, where `drivervm` is this installation. */
function run(command: string, directory: string): number {
  console.error(`\n$ ${command}`);
  const script = `drivervm() { "$DRIVERVM_NODE" "$DRIVERVM_BIN" "$@"; }\n${command}`;
  const env = {
    ...process.env,
    DRIVERVM_NODE: process.execPath,
    DRIVERVM_BIN: join(ROOT, 'bin', 'drivervm.js'),
  };
  return spawnSync('sh', ['-c', script], { cwd: directory, env, stdio: 'inherit' }).status ?? 1;
}

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

const [name = '', ...given] = process.argv.slice(2);
// `npm run example -- NAME -- --until X` leaves one in.
const flags = given[0] === '--' ? given.slice(1) : given;
const request = requestOf(name);
const commands = request === undefined ? [] : commandsOf(readFileSync(request, 'utf8'));
if (request === undefined || commands.length === 0) {
  console.error(`${name === '' ? 'an example is needed' : `no example is called ${name}`}: ${names().join(', ')}`);
  process.exitCode = 2;
} else {
  for (const [index, command] of commands.entries()) {
    const whole = index === commands.length - 1 ? [command, ...flags.map(quoted)].join(' ') : command;
    process.exitCode = run(whole, dirname(request));
    if (process.exitCode !== 0) break;
  }
}
