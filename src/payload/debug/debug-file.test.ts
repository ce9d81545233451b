import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, test } from 'node:test';
import { compileGuest } from '../../../test/support/debug-programs.ts';
import { runOracle } from '../../../test/support/oracles.ts';
import { Refusal } from '../../base/index.ts';
import { bytesSource } from '../bytes/source.ts';
import { DebugFile } from './debug-file.ts';

const directory = mkdtempSync(join(tmpdir(), 'drivervm-debug-'));
after(() => rmSync(directory, { recursive: true }));

const WAYS: readonly (readonly string[])[] = [
  ['-gdwarf-2'],
  ['-gdwarf-3'],
  ['-gdwarf-4'],
  ['-gdwarf-5'],
  ['-gdwarf-4', '-gdwarf64'],
  ['-gdwarf-5', '-gdwarf64'],
  ['-gdwarf-5', '-gz=zlib'],
  ['-gdwarf-4', '-gz=zlib'],
];

/** A line's first address and its number, as readelf prints rows; of several rows at one address the last counts. */
function rowsOfReadelf(path: string): readonly string[] {
  const { stdout } = runOracle('aarch64-linux-gnu-readelf', ['--debug-dump=decodedline', path]);
  const rows = [...stdout.toString().matchAll(/^(\S+) +(\d+|-) +(0x[0-9a-f]+|0)/gm)];
  const byAddress = new Map<bigint, string>();
  for (const [, file, line, address] of rows)
    byAddress.set(BigInt(address ?? 0), `${basename(file ?? '')}:${line}`);
  return [...byAddress]
    .filter(([, place]) => !/:(?:-|0)$/.test(place))
    .map(([address, place]) => `${address.toString(16)} ${place}`)
    .sort();
}

for (const [index, flags] of WAYS.entries()) {
  test(`lines are readelf's: ${flags.join(' ')}`, () => {
    const { path, sourcePath } = compileGuest(directory, `way${index}`, flags);
    const debug = new DebugFile(bytesSource(path, readFileSync(path)));
    const base = debug.code[0]?.address ?? 0n;
    const rows: string[] = [];
    const paths = new Set<string>();
    debug.visitLines(
      base,
      (from, _, file, line) => {
        rows.push(`${(base + BigInt(from)).toString(16)} ${basename(file)}:${line}`);
        paths.add(file);
      },
      (_, reason) => assert.fail(reason),
    );
    assert.ok(rows.length > 10);
    assert.deepEqual(rows.sort(), rowsOfReadelf(path));
    assert.deepEqual(
      [...paths].map((file) => basename(file)),
      [basename(sourcePath)],
    );
  });
}

test('symbols with their sizes, and addresses by segments', () => {
  const { path } = compileGuest(directory, 'symbols', ['-g']);
  const debug = new DebugFile(bytesSource(path, readFileSync(path)));
  const start = debug.symbols.find(({ name }) => name === '_start');
  assert.deepEqual([start?.address, start?.sizeBytes, start?.kind], [0x6008_0000n, 12, 'function']);
  assert.equal(debug.linkAddress(0x6008_0004n), 0x6008_0004n);
  assert.equal(debug.linkAddress(4n), undefined);
});

test('what is no such file, or is cut short, is refused with the reason', () => {
  const { path } = compileGuest(directory, 'cut', ['-g']);
  const whole = readFileSync(path);
  const read = (bytes: Uint8Array) => () => new DebugFile(bytesSource('x', bytes)).symbols;
  assert.throws(read(new Uint8Array(64)), /it is no ELF file/);
  assert.throws(read(whole.subarray(0, 40)), /its header goes beyond its end/);
  assert.throws(read(whole.subarray(0, 0x1000)), Refusal);
  const narrow = Uint8Array.from(whole);
  narrow[4] = 1;
  assert.throws(read(narrow), /not of 64 bits/);
});

test('a damaged unit of lines is told, and left out', () => {
  const { path } = compileGuest(directory, 'damaged', ['-gdwarf-5']);
  const bytes = Uint8Array.from(readFileSync(path));
  const { stdout } = runOracle('aarch64-linux-gnu-readelf', ['-SW', path]);
  const offset = Number.parseInt(/\.debug_line +PROGBITS +\S+ (\S+)/.exec(stdout.toString())?.[1] ?? '', 16);
  // The version.
  bytes[offset + 4] = 77;
  const reasons: string[] = [];
  new DebugFile(bytesSource(path, bytes)).visitLines(
    0n,
    () => assert.fail('a line of a damaged unit'),
    (at, reason) => reasons.push(`${at}: ${reason}`),
  );
  assert.deepEqual(reasons, ['0: its lines are of DWARF version 77']);
});
