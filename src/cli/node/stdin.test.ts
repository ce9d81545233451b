import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import test from 'node:test';
import { setTimeout } from 'node:timers/promises';

const READ_ALL = `
  import { nodeHost } from ${JSON.stringify(new URL('./host.js', import.meta.url).href)};
  const host = nodeHost();
  if (process.argv[1] === 'non-blocking') process.stdin;
  process.stdout.write(host.files.read('-'));
`;

for (const pipe of ['blocking', 'non-blocking']) {
  test(`standard input that comes late and in pieces is read whole from a ${pipe} pipe`, async () => {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', READ_ALL, pipe]);
    const output: Buffer[] = [];
    const messages: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => messages.push(chunk));
    await setTimeout(300);
    child.stdin.write('first, ');
    await setTimeout(100);
    child.stdin.end('second'.repeat(100_000));
    const [status] = await once(child, 'close');
    assert.equal(Buffer.concat(messages).toString(), '');
    assert.equal(status, 0);
    assert.equal(Buffer.concat(output).toString(), `first, ${'second'.repeat(100_000)}`);
  });
}
