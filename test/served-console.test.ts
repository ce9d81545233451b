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
import type { Script } from 'drivervm/script';

export async function passesOn(script: Script) {
  const board = script.console();
  await board.waitFor('the console of blue is passed on', { seconds: 30 });
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

test('a guest is at the consoles of others, which it shows', async () => {
  writeFileSync(join(project, 'consoles.script.ts'), SCRIPT);
  const { out, status } = await outcomeOf(['test', project]);
  assert.equal(status, 0, out);
});

test('explain says who is connected', async () => {
  const { out } = await outcomeOf(['explain', join(project, 'served-console.system')]);
  assert.match(out, /Guests that are connected/);
  assert.match(out, /red .* and board|board .* and red/);
});
