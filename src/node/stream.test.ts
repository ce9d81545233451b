import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { nodeHost } from './host.ts';

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

test('a device that has no end is refused, one that is empty is read', () => {
  const { files } = nodeHost();
  for (const device of ['/dev/zero', '/dev/urandom']) {
    assert.throws(() => files.read(device), { name: 'HostError', message: 'too large to read whole' });
  }
  assert.equal(files.read('/dev/null').length, 0);
});

test('a named pipe is read to its end', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'drivervm-stream-'));
  const pipe = join(directory, 'pipe');
  try {
    assert.equal(spawnSync('mkfifo', [pipe]).status, 0);
    const writer = spawn('sh', ['-c', `echo through the pipe > ${pipe}`]);
    assert.equal(new TextDecoder().decode(nodeHost().files.read(pipe)), 'through the pipe\n');
    await once(writer, 'close');
  } finally {
    rmSync(directory, { recursive: true });
  }
});
