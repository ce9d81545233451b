/** `dt convert` from the command line to the bytes. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runOracle } from '../../../test/support/oracles.ts';
import { nodeHost } from '../../node/index.ts';
import { runCommandLine } from '../program.ts';

const SOURCE = `#include "cells.h"
/dts-v1/;
/ {
	l: node { reg = <CELLS EXTRA>; };
	user { node = <&l>; };
};
`;

interface Run {
  readonly status: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

async function run(...args: readonly string[]): Promise<Run> {
  const out: Uint8Array[] = [];
  const err: string[] = [];
  const status = await runCommandLine(['dt', 'convert', ...args], {
    host: nodeHost(),
    stdout: { write: (text) => out.push(Buffer.from(text as string)) },
    stderr: { write: (text) => err.push(String(text)) },
  });
  return { status, stdout: Buffer.concat(out), stderr: err.join('') };
}

async function inDirectory(work: (directory: string) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'drivervm-convert-'));
  try {
    mkdirSync(join(directory, 'include'));
    writeFileSync(join(directory, 'board.dts'), SOURCE);
    writeFileSync(join(directory, 'include', 'cells.h'), '#define CELLS 1 2\n');
    await work(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test('preprocessed source becomes the blob that dtc makes, with symbols where asked', async () => {
  await inDirectory(async (directory) => {
    const [source, blob] = [join(directory, 'board.dts'), join(directory, 'board.dtb')];
    const options = ['-I', join(directory, 'include'), '-D', 'EXTRA=3', '-@', '-o', blob];
    const { status, stdout, stderr } = await run(source, ...options);
    assert.deepEqual([status, stderr], [0, '']);
    assert.equal(stdout.toString(), `${blob}: dtb, ${readFileSync(blob).length} B\n`);
    const plain = SOURCE.replace('#include "cells.h"', '').replace('CELLS EXTRA', '1 2 3');
    const theirs = runOracle('dtc', ['-q', '-@', '-I', 'dts', '-O', 'dtb', '-'], Buffer.from(plain)).stdout;
    assert.deepEqual(readFileSync(blob), theirs);
  });
});

test('a blob becomes source on standard output', async () => {
  await inDirectory(async (directory) => {
    const blob = join(directory, 'board.dtb');
    writeFileSync(
      blob,
      runOracle('dtc', ['-q', '-O', 'dtb'], Buffer.from('/dts-v1/; / { a = <1>; };')).stdout,
    );
    const { status, stdout } = await run(blob, '-o', '-', '-O', 'dts');
    assert.equal(status, 0);
    assert.equal(stdout.toString(), '/dts-v1/;\n\n/ {\n\ta = <0x01>;\n};\n');
  });
});

test('mistakes are told with their places, and nothing is written', async () => {
  await inDirectory(async (directory) => {
    const source = join(directory, 'board.dts');
    const missing = await run(source, '-o', join(directory, 'out.dtb'));
    assert.equal(missing.status, 1);
    assert.equal(
      missing.stderr,
      `${source}:1:1: error[cpp/include-not-found]: there is no file cells.h in any of the directories searched\n` +
        '    hint: name the directory that holds it with -I\n',
    );
    const undefinedMacro = await run(
      source,
      '-I',
      join(directory, 'include'),
      '-o',
      join(directory, 'out.dtb'),
    );
    assert.equal(
      undefinedMacro.stderr,
      `${source}:4:25: error[dts/syntax]: a number, a reference or > is wanted here, but "EXTRA" is found\n`,
    );
    assert.throws(() => readFileSync(join(directory, 'out.dtb')));
  });
});

test('an output that does not tell its form is misuse', async () => {
  const { status, stderr } = await run('board.dts', '-o', 'board.out');
  assert.equal(status, 2);
  assert.match(stderr, /-O dtb or -O dts is needed: board\.out does not tell which/);
});
