/**
 * `examples/served/console`, whole: the first guest has the Odroid C4's UART, and the consoles of two others are its own: it shows what
 * they say, and is at each of them in turn.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { drivervm, outcomeOf } from './support/command.ts';
import { PROJECT_ROOT } from './support/files.ts';

const directory = mkdtempSync(join(tmpdir(), 'drivervm-served-console-'));
after(() => rmSync(directory, { recursive: true }));
const example = join(directory, 'served', 'console');
cpSync(join(PROJECT_ROOT, 'examples', 'served'), join(directory, 'served'), { recursive: true });
const project = join(example, 'project');
const modules = /--modules (\S+)/.exec(readFileSync(join(example, 'request.yaml'), 'utf8'))?.[1] ?? '';
await drivervm(['payload', 'debian', '-o', join(directory, 'payload'), '--modules', modules]);
await drivervm(['plan', join(example, 'request.yaml'), '-o', project]);

/** The md5sum of `seq 1 15000`, made here. */
const SEQUENCE_SUM = createHash('md5')
  .update(Array.from({ length: 15_000 }, (_, index) => `${index + 1}\n`).join(''))
  .digest('hex');

const SCRIPT = `
import assert from 'node:assert/strict';
import type { GuestConsole, Script } from 'drivervm/script';

/** The board, when it has begun to pass consoles on. */
async function up(script: Script) {
  const board = script.console();
  await board.waitFor('the console of blue is passed on', { seconds: 30 });
  return board;
}

/** The numbers of the lines that red said and the board showed. */
const linesOf = (board: GuestConsole) => [...board.text.matchAll(/red: line (\\d+)\\r?\\n/g)].map(([, number]) => Number(number));
const SAYS_LINES = "echo 'i=0; while [ $i -lt 60 ]; do i=$((i+1)); echo line $i; sleep 0.5; done' > \\"$(cat /run/consoles/red)\\"";
const EVERY = Array.from({ length: 60 }, (_, index) => index + 1);

export async function showsAll(script: Script) {
  const board = await up(script);
  await board.waitFor("Enter 'help'", { seconds: 30 });
  await script.pass(5);
  // From the first line that a kernel has, long before any driver of its console.
  for (const name of ['red', 'blue'])
    assert.match(board.text, new RegExp(\`\${name}: \\\\[    0\\\\.000000\\\\] Booting Linux on physical CPU\`));
}

export async function goesOnAfterAReboot(script: Script) {
  const board = await up(script);
  await board.waitFor('# ', { seconds: 30 });
  await script.pass(2);
  board.enter(SAYS_LINES);
  await board.waitFor('red: line 5', { seconds: 10 });
  board.enter('reboot -f');
  await up(script);
  await board.waitFor(/red: line 60\\r?\\n/, { seconds: 60 });
  const missing = EVERY.filter((number) => !linesOf(board).includes(number));
  assert.ok(missing.length <= 1, \`not shown: \${missing}\`);
}

export async function waitsForAReaderThatHangs(script: Script) {
  const board = await up(script);
  await board.waitFor('# ', { seconds: 30 });
  await script.pass(2);
  board.enter(SAYS_LINES);
  await board.waitFor('red: line 5', { seconds: 10 });
  board.enter('kill -STOP $(cat /run/consoles/red.pid)');
  await script.pass(40);
  assert.ok(linesOf(board).length < 10);
  board.enter('echo "echo not hindered" > "$(cat /run/consoles/blue)"');
  await board.waitFor('blue: not hindered', { seconds: 5 });
  board.enter('kill -CONT $(cat /run/consoles/red.pid)');
  await board.waitFor(/red: line 60\\r?\\n/, { seconds: 5 });
  assert.deepEqual(linesOf(board), EVERY);
}

export async function passesOn(script: Script) {
  const board = await up(script);
  await board.waitFor("Enter 'help'", { seconds: 30 });
  await board.waitFor('# ', { seconds: 5 });
  for (const name of ['red', 'blue']) {
    board.enter(\`console \${name}\`);
    await board.waitFor('Ctrl-X leaves it', { seconds: 5 });
    await script.pass(1);
    board.type('\\r');
    await board.waitFor('# ', { seconds: 5 });
    board.type(\`hostname \${name}; echo "I am $(hostname)"\\r\`);
    await board.waitFor(\`I am \${name}\`, { seconds: 5 });
    // More than all queues have room for.
    board.type('seq 1 15000 | md5sum\\r');
    await board.waitFor('${SEQUENCE_SUM}', { seconds: 5 });
    board.type('seq 1 15000; echo "en""d"\\r');
    await board.waitFor(/14999\\r\\n15000\\r\\nend/, { seconds: 200 });
    board.key('ctrl-x');
    await script.pass(1);
    board.type('\\r');
    await board.waitFor('# ', { seconds: 5 });
  }
  // Nobody is at it: line by line, behind its name.
  board.enter('(sleep 3; echo "echo out of the blue" > "$(cat /run/consoles/blue)") &');
  await board.waitFor('blue: out of the blue', { seconds: 10 });
  const { output } = await board.command('hostname');
  assert.match(output, /none/);
}
`;

test('a guest is at the consoles of others, shows all that they say, and goes on after a reboot and where its reader hung', async () => {
  writeFileSync(join(project, 'consoles.script.ts'), SCRIPT);
  const { out, status } = await outcomeOf(['test', project]);
  assert.equal(status, 0, out);
});

test('explain says who is connected', async () => {
  const { out } = await outcomeOf(['explain', join(project, 'served-console.system')]);
  assert.match(out, /Guests that are connected/);
  assert.match(out, /red .* and board|board .* and red/);
});
