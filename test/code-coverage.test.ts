/**
 * `run --coverage`: lines and functions of a guest with debug information, as lcov and genhtml read them; functions of Debian's kernel by
 * the symbols that its Image has; the run is the same as without.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { writeDtb } from '../src/devicetree/index.ts';
import { BARE_BOARD } from './support/bare-board.ts';
import { drivervm } from './support/command.ts';
import { compileGuest, GUEST_SOURCE } from './support/debug-programs.ts';
import { planOdroid } from './support/odroid-project.ts';
import { runOracle } from './support/oracles.ts';
import { treeOfDts } from './support/trees.ts';

const directory = mkdtempSync(join(tmpdir(), 'drivervm-coverage-'));
const file = (...names: readonly string[]) => join(directory, ...names);
after(() => rmSync(directory, { recursive: true }));

async function planGuest(name: string, flags: readonly string[]): Promise<{ readonly sourcePath: string }> {
  const { sourcePath } = compileGuest(directory, name, flags);
  writeFileSync(file('b.dtb'), writeDtb(treeOfDts(BARE_BOARD)));
  const request = `name: ${name}\nboard: b.dtb\npass: ["pl011@9000000"]\nkernel: ${name}.elf\nram: 128 MiB\n`;
  writeFileSync(file(`${name}.yaml`), request);
  await drivervm(['plan', file(`${name}.yaml`), '-o', file(name)]);
  return { sourcePath };
}

/** `DA` and `FNDA` of a file with one source. */
function countsOf(info: string): {
  readonly lines: ReadonlyMap<number, number>;
  readonly functions: ReadonlyMap<string, number>;
} {
  const pairs = (tag: string) => [...info.matchAll(new RegExp(`^${tag}:([^,]+),(.+)$`, 'gm'))];
  return {
    lines: new Map(pairs('DA').map(([, line, count]) => [Number(line), Number(count)])),
    functions: new Map(pairs('FNDA').map(([, count = '', name = '']) => [name, Number(count)])),
  };
}

const lineOf = (text: string): number =>
  GUEST_SOURCE.split('\n').findIndex((line) => line.includes(text)) + 1;

test('lines and functions that a guest came to, and those that it did not; lcov and genhtml read the file', async () => {
  const { sourcePath } = await planGuest('own', ['-gdwarf-5']);
  const plain = await drivervm(['run', file('own'), '--json']);
  const { out, err } = await drivervm(['run', file('own'), '--coverage', file('own.info'), '--json']);
  assert.doesNotMatch(err + out, /no-lines/);
  const [before, covered] = [plain.out, out].map((text) => JSON.parse(text));
  assert.equal(covered.console, before.console);
  assert.equal(covered.account.instructions, before.account.instructions);

  const info = readFileSync(file('own.info'), 'utf8');
  assert.match(info, new RegExp(`^TN:linux\nSF:${sourcePath}$`, 'm'));
  const { lines, functions } = countsOf(info);
  assert.equal(lines.get(lineOf('uart[0] = *text++')), 1);
  assert.equal(lines.get(lineOf('smc #0')), 1);
  assert.equal(lines.get(lineOf('return value - 1')), 0);
  assert.equal(lines.get(lineOf('= never(1);')), 0);
  assert.deepEqual([functions.get('chosen'), functions.get('begin'), functions.get('never')], [1, 1, 0]);

  const { stdout } = runOracle('lcov', ['--summary', file('own.info')]);
  const hit = [...lines.values()].filter((count) => count > 0).length;
  assert.match(stdout.toString(), new RegExp(`\\(${hit} of ${lines.size} lines\\)`));
  assert.match(
    stdout.toString(),
    new RegExp(`\\(2 of ${functions.size} functions\\)|\\(3 of ${functions.size} functions\\)`),
  );
  const html = runOracle('genhtml', [file('own.info'), '-o', file('html')]);
  assert.equal(html.status, 0, html.stderr);
  assert.ok(existsSync(file('html', 'index.html')));
});

test('nothing is different where all is interpreted, or stopped at each millionth instruction', async () => {
  await planGuest('same', ['-gdwarf-4', '-gz=zlib']);
  const texts: string[] = [];
  for (const [index, flags] of [[], ['--no-translate'], ['--profile', file('p.folded')]].entries()) {
    await drivervm(['run', file('same'), '--coverage', file(`${index}.info`), ...flags]);
    texts.push(readFileSync(file(`${index}.info`), 'utf8'));
  }
  assert.match(texts[0] ?? '', /^DA:\d+,1$/m);
  assert.equal(texts[1], texts[0]);
  assert.equal(texts[2], texts[0]);
});

test('debug information of another build, and of another processor, is refused before the run', async () => {
  await planGuest('mine', ['-g']);
  compileGuest(directory, 'other', ['-g']);
  const linked = runOracle('aarch64-linux-gnu-ld', [
    '--build-id=0x0123456789abcdef',
    '-Ttext=0x60080000',
    file('other-start.o'),
    file('other.o'),
    '-o',
    file('other.elf'),
  ]);
  assert.equal(linked.status, 0, linked.stderr);
  const flags = ['run', file('mine'), '--coverage', file('x.info'), '--symbols'];
  const refused = await drivervm([...flags, file('other.elf')], { status: 1 });
  assert.match(refused.err, /other\.elf: error\[run\/debug-other-build\]/);
  const foreign = readFileSync(file('other.elf'));
  foreign[18] = 62;
  writeFileSync(file('foreign.elf'), foreign);
  const unread = await drivervm([...flags, file('foreign.elf')], { status: 1 });
  assert.match(unread.err, /foreign\.elf: error\[run\/debug-not-read\]: .* for another processor/);
  assert.equal(existsSync(file('x.info')), false);
});

test("Debian's kernel has no lines: its functions are counted by its own symbols, and the run is the same", async () => {
  await planOdroid(directory, { name: 'debian' });
  const flags = ['run', file('project'), '--until', 'the guest is up', '--timeout', '600', '--json'];
  const plain = JSON.parse((await drivervm(flags)).out);
  const { out, err } = await drivervm([...flags, '--coverage', file('debian.info')]);
  assert.match(err + out, /the coverage of \w+ is of functions alone/);
  const covered = JSON.parse(out);
  assert.equal(covered.account.instructions, plain.account.instructions);
  assert.equal(covered.console, plain.console);
  const { functions } = countsOf(readFileSync(file('debian.info'), 'utf8'));
  for (const called of ['start_kernel', 'meson_uart_probe', 'primary_entry', 'schedule'])
    assert.equal(functions.get(called), 1, called);
  for (const other of ['panic', 'kernel_halt']) assert.equal(functions.get(other), 0, other);
  const { stdout, stderr } = runOracle('lcov', ['--summary', file('debian.info')]);
  assert.match(stdout.toString(), /functions\.+: \d+\.\d% \(\d+ of \d+ functions\)/, stderr);
});
