/** The mission's own description on its own board: exactly the findings that its README explains. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runCommandLine } from '../src/cli/program.ts';
import { nodeHost } from '../src/node/host.ts';
import { INITRD_UP_LINE } from '../src/payload/index.ts';
import { debianBoards } from './support/debian.ts';
import { PROJECT_ROOT } from './support/files.ts';

const EXAMPLE = join(PROJECT_ROOT, 'examples', 'mission');
const README = readFileSync(join(EXAMPLE, 'README.md'), 'utf8');
/** The README's commands run at the root of the checkout. */
const SHOWN = 'examples/mission/';

async function drivervm(...args: readonly string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const status = await runCommandLine(args, {
    host: nodeHost(),
    stdout: { write: (text) => out.push(String(text)) },
    stderr: { write: (text) => err.push(String(text)) },
  });
  return { status, stdout: out.join(''), stderr: err.join('').replaceAll(`${EXAMPLE}/`, SHOWN) };
}

function quoted(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `    ${line}\n`)
    .join('');
}

async function odroidC4(): Promise<string> {
  const path = (await debianBoards()).get('meson-sm1-odroid-c4.dtb');
  assert.ok(path !== undefined);
  return path;
}

test('the description deserves the findings that its README explains, and no others', async () => {
  const file = join(EXAMPLE, 'mission.system');
  const { status, stdout, stderr } = await drivervm(
    'check',
    file,
    '--board',
    'odroidc4',
    '--dtb',
    await odroidC4(),
  );
  assert.equal(status, 0);
  assert.match(stdout, /found: 0 errors, 7 warnings\n$/);
  assert.ok(README.includes(quoted(stderr)), stderr);
});

test('the excerpt, which stops in mid-element, gives one clear error', async () => {
  const { status, stdout, stderr } = await drivervm('check', join(EXAMPLE, 'excerpt.system'));
  assert.equal(status, 1);
  assert.equal(stdout, '');
  assert.equal(
    stderr,
    'examples/mission/excerpt.system:52:45: error[xml/unfinished]: the file ends inside <virtual_machine>, which begins on line 13\n' +
      '    hint: the file was cut short, or </virtual_machine> is missing\n',
  );
  assert.ok(README.includes(quoted(stderr)));
});

test('explain names the devices behind the buses and the interrupts', async () => {
  const file = join(EXAMPLE, 'mission.system');
  const { status, stdout } = await drivervm(
    'explain',
    file,
    '--board',
    'odroidc4',
    '--dtb',
    await odroidC4(),
  );
  assert.equal(status, 0);
  assert.match(stdout, /^ {2}bus2 {2}0xff800000–0xffc00000 {2}4 MiB in 2 pages of 2 MiB$/m);
  assert.match(stdout, /^ {6}0xff803000–0xff803018 {2}serial@3000$/m);
  assert.match(stdout, /^ {2}INTID 225 \(SPI 193\) +edge +→ VMM, channel 11 +serial@3000$/m);
  assert.match(stdout, /^ {2}0x80000000–0xc0000000 +1 GiB +█ RAM +guest_ram: VMM rw, linux rwx$/m);
});

test('diff of the description with itself finds nothing, and JSON has the same facts', async () => {
  const file = join(EXAMPLE, 'mission.system');
  const same = await drivervm('diff', file, file);
  assert.deepEqual([same.status, same.stdout], [0, 'both give the same authority\n']);
  const { stdout } = await drivervm('check', file, '--json', '--board', 'odroidc4');
  const answer: unknown = JSON.parse(stdout);
  assert.ok(typeof answer === 'object' && answer !== null && 'counts' in answer && 'diagnostics' in answer);
  assert.deepEqual(answer.counts, {
    protectionDomains: 1,
    virtualMachines: 1,
    memoryRegions: 8,
    interrupts: 19,
    channels: 0,
  });
});

test('the description boots the unmodified kernel, with its own program, addresses and channels', async () => {
  const place = mkdtempSync(join(tmpdir(), 'drivervm-mission-'));
  try {
    const file = (name: string): string => join(place, name);
    const board = await odroidC4();
    assert.equal((await drivervm('payload', 'debian', '-o', place)).status, 0);
    const overlay = join(EXAMPLE, 'linux.overlay.dts');
    assert.equal((await drivervm('dt', 'merge', board, overlay, '-o', file('guest.dtb'))).status, 0);
    const { status, stdout, stderr } = await drivervm(
      ...['run', join(EXAMPLE, 'mission.system'), '--dtb', board, '--guest-dtb', file('guest.dtb')],
      ...['--kernel', file('Image'), '--initrd', file('initrd.cpio')],
      ...['--until', INITRD_UP_LINE, '--stats', '--trace', 'vcpu'],
    );
    assert.equal(status, 0, stderr);
    assert.match(stderr, /linux vCPU 0: starts pc=0x80000000/);
    assert.match(stdout, /interrupt 225 \(channel 11 of VMM\): \d+ times, \/soc\/bus@ff800000\/serial@3000/);
  } finally {
    rmSync(place, { recursive: true });
  }
});
