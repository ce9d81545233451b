/** What binutils says of opcodes: their text, and whether an assembler for the advertised architecture accepts it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runOracle } from '../support/oracles.ts';

/** Each word's disassembly, the first at address 0; `undefined` for what objdump calls undefined. */
export function objdump(opcodes: Uint32Array): readonly (string | undefined)[] {
  const directory = mkdtempSync(join(tmpdir(), 'drivervm-objdump-'));
  const path = join(directory, 'code');
  try {
    writeFileSync(path, new Uint8Array(opcodes.buffer, opcodes.byteOffset, opcodes.byteLength));
    const args = ['-D', '-z', '-b', 'binary', '-m', 'aarch64', '-M', 'no-aliases', path];
    const { stdout } = runOracle('aarch64-linux-gnu-objdump', args);
    const texts: (string | undefined)[] = [];
    for (const line of stdout.toString().split('\n')) {
      const match = /^\s*([0-9a-f]+):\t[0-9a-f]{8} \t(.*)$/.exec(line);
      if (match?.[1] !== undefined && match[2] !== undefined) {
        texts[Number.parseInt(match[1], 16) / 4] = normalText(match[2]);
      }
    }
    return texts;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function normalText(text: string): string | undefined {
  const plain = text.replace(/\s*\/\/ .*$/, '').trimEnd();
  return plain.startsWith('.inst') ? undefined : plain;
}

/** What the identification registers advertise, as the assembler names it. */
const ADVERTISED = 'armv8-a+crc+lse+pan';

/** For each text whether the assembler takes it for the advertised architecture. Labels are absolute addresses. */
export function assemblerAccepts(texts: readonly string[]): readonly boolean[] {
  const directory = mkdtempSync(join(tmpdir(), 'drivervm-as-'));
  const path = join(directory, 'in.s');
  try {
    writeFileSync(path, `${texts.join('\n')}\n`);
    const args = [`-march=${ADVERTISED}`, '-o', join(directory, 'out.o'), path];
    const { stderr } = runOracle('aarch64-linux-gnu-as', args);
    const refused = new Set([...stderr.matchAll(/in\.s:(\d+): Error/g)].map((match) => Number(match[1])));
    return texts.map((_, index) => !refused.has(index + 1));
  } finally {
    rmSync(directory, { recursive: true });
  }
}
