/** Scripts of a project as its owner runs them: cases side by side, shares of them, results in every form, and a run that plays one. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { junitOf } from '../src/script/index.ts';
import { drivervm } from './support/command.ts';
import { debianBoards } from './support/debian.ts';
import { PROJECT_ROOT } from './support/files.ts';
import { runOracle } from './support/oracles.ts';

const directory = mkdtempSync(join(tmpdir(), 'drivervm-scripts-'));
after(() => rmSync(directory, { recursive: true }));
const file = (name: string) => join(directory, name);
const project = file('project');
const boardPath = (await debianBoards()).get('meson-sm1-odroid-c4.dtb') ?? '';
await drivervm(['payload', 'debian', '-o', directory]);
await drivervm([
  ...['plan', '--dtb', boardPath, '--pass', 'serial0', '--ram', '256 MiB', '-o', project],
  ...['--kernel', file('Image'), '--initrd', file('initrd.cpio')],
]);

// The page's own example, with what has to fail behind it.
const page = readFileSync(join(PROJECT_ROOT, 'docs/scripts.md'), 'utf8');
const example = /^```ts\n(.*?)^```$/ms.exec(page)?.[1] ?? '';
const script = join(project, 'boot.script.ts');
writeFileSync(
  script,
  `${example}
export async function waits(script: Script) {
  await script.console().waitFor(/no such (text)/, { seconds: 0.5 });
}
`,
);

interface Results {
  readonly results: readonly {
    readonly name: string;
    readonly ok: boolean;
    readonly message?: string;
    readonly at?: string;
    readonly guestSeconds: number;
    readonly consoles: Readonly<Record<string, string>>;
  }[];
}

test('cases pass and fail, and say why and where; the guest comes to the same each time', async () => {
  const output = file('output');
  const args = ['test', project, '--output', output, '--junit', file('junit.xml'), '--json'];
  const { out } = await drivervm(args, { status: 1 });
  const { results }: Results = JSON.parse(out);
  assert.deepEqual(
    results.map(({ name, ok }) => [name, ok]),
    [
      ['boots', true],
      ['interrupts', true],
      ['waits', false],
    ],
    out.slice(0, 3000),
  );
  const [boots, interrupts, waits] = results;
  assert.match(boots?.consoles['linux'] ?? '', /Power down/);
  assert.match(readFileSync(join(output, 'model.txt'), 'utf8'), /^Hardkernel ODROID-C4/);
  assert.match(interrupts?.consoles['linux'] ?? '', /\^C/);
  assert.match(
    waits?.message ?? '',
    /^waited for \/no such \(text\)\/ on linux, which said last ".+": it did not come in 0\.5 s/,
  );
  assert.match(waits?.at ?? '', /boot\.script\.ts:\d+:\d+$/);
  const xml = readFileSync(file('junit.xml'), 'utf8');
  assert.match(xml, /<testsuite name=".*boot\.script\.ts" tests="3" failures="1"/);
  assert.equal((xml.match(/<testcase /g) ?? []).length, 3);

  // The same share of it by itself, in a process of its own: the guest's time is the same to the nanosecond.
  const bin = join(PROJECT_ROOT, 'bin', 'drivervm.js');
  const share = runOracle(process.execPath, [
    bin,
    'test',
    project,
    '--shard',
    '1/3',
    '--output',
    output,
    '--json',
  ]);
  assert.equal(share.status, 0, share.stderr);
  const [again] = (JSON.parse(`${share.stdout}`) as Results).results;
  assert.equal(again?.name, 'boots');
  assert.equal(again?.guestSeconds, boots?.guestSeconds);

  writeFileSync(file('first.json'), share.stdout);
  writeFileSync(file('second.json'), out);
  const merged = await drivervm(['test', '--merge', file('first.json'), file('second.json')], { status: 1 });
  assert.match(merged.out, /^3 passed, 1 failed$/m);
});

test('a run plays a script, and ends with it', async () => {
  const played = await drivervm(['run', project, '--script', script, '--case', 'boots']);
  assert.match(played.out, /Power down/);
  const { err } = await drivervm(['run', project, '--script', script, '--case', 'waits'], { status: 1 });
  assert.match(err, /boot\.script\.ts:\d+:\d+: error\[script\/failed\]: waits: waited for /);
  assert.match(
    (await drivervm(['run', project, '--script', script, '--case', 'x'], { status: 1 })).err,
    /boots, interrupts, waits/,
  );
  assert.match((await drivervm(['test', directory], { status: 1 })).err, /error\[script\/no-scripts\]/);
  await drivervm(['test', project, '--shard', '3/2'], { status: 2 });
});

test("JUnit's XML is XML whatever a console says", () => {
  const said = { linux: '<&>"\u0000\u001b[0m\ud800]]>\r' };
  const result = {
    script: 'a&b',
    name: '<x>',
    ok: false,
    message: '"',
    hostSeconds: 1,
    guestSeconds: 2,
    consoles: said,
  };
  const xml = junitOf([result]);
  assert.match(xml, /<testcase classname="a&amp;b" name="&lt;x>" time="1\.000">/);
  assert.match(xml, /<system-out>linux:\n&lt;&amp;&gt;"\[0m\]\]&gt;\n<\/system-out>/);
});

test('words at the console while everything stands still: Ctrl-A :, and the same in a script', async () => {
  const words = '\x01:vcpus\nregisters serial@3000\nmemory 0x0\ninterrupts\nnonsense\n\npoweroff -f\n';
  const { out, err } = await drivervm(['run', project], { input: words });
  assert.match(out, /Power down/);
  assert.match(
    err,
    /^vCPU 0 of linux: waiting, \d+ instructions\n {2}0x[0-9a-f]+ \(cpu_do_idle\+0x[0-9a-f]+\)$/m,
  );
  assert.match(err, /^ {2}0x[0-9a-f]+ \(start_kernel\+0x[0-9a-f]+\)$/m);
  assert.match(err, /^ {2}0x8 {5}CONTROL {10}0x[0-9a-f]+ \(TX_EN RX_EN .*\)$/m);
  assert.match(err, /linux has no RAM at 0x0$/m);
  assert.match(err, /^INTID 225 \/soc\/bus@ff800000\/serial@3000: line low, came \d+ times$/m);
  assert.match(err, /there is no "nonsense":\naccount /);
  const asked = join(directory, 'asked.script.ts');
  writeFileSync(
    asked,
    `export async function asks(script) {
       await script.console().waitFor('Serial: AMBA driver');
       if (!script.monitor('vcpus').startsWith('vCPU 0 of linux: ')) throw new Error('no vCPU');
     }`,
  );
  await drivervm(['test', project, asked]);
});
