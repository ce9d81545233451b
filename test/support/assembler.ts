/** Assembles AArch64 with binutils, the independent judge of our encodings. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runOracle } from './oracles.ts';

/** The machine code of a source text, linked to run at `address`. */
export function assemble(source: string, address = 0): Uint8Array {
  const directory = mkdtempSync(join(tmpdir(), 'drivervm-as-'));
  const file = (name: string): string => join(directory, name);
  try {
    writeFileSync(file('in.s'), `${source}\n`);
    check(
      runOracle('aarch64-linux-gnu-as', ['-march=armv8.2-a+crypto', '-o', file('out.o'), file('in.s')]),
      source,
    );
    const link = ['-e', '0', `-Ttext=0x${address.toString(16)}`, '-o', file('out.elf'), file('out.o')];
    check(runOracle('aarch64-linux-gnu-ld', link), source);
    check(
      runOracle('aarch64-linux-gnu-objcopy', [
        '-O',
        'binary',
        '-j',
        '.text',
        file('out.elf'),
        file('out.bin'),
      ]),
      source,
    );
    return new Uint8Array(readFileSync(file('out.bin')));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function check(outcome: { readonly status: number; readonly stderr: string }, source: string): void {
  if (outcome.status !== 0) throw new Error(`${outcome.stderr}\n${source}`);
}
