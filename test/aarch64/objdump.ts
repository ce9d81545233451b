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
  return plain.startsWith('.inst') ? undefined : withoutNewNames(plain);
}

/** Prefetches to the system level cache, which binutils has names for since 2.42: type, target and policy in five bits. */
function withoutNewNames(text: string): string {
  return text.replace(
    /(prfu?m\t)(pld|pli|pst)slc(keep|strm)/,
    (_, start: string, type: string, policy: string) => {
      const operation = (PREFETCH_TYPES.indexOf(type) << 3) | (SYSTEM_LEVEL << 1) | Number(policy === 'strm');
      return `${start}#0x${operation.toString(16).padStart(2, '0')}`;
    },
  );
}

const PREFETCH_TYPES = ['pld', 'pli', 'pst'];
const SYSTEM_LEVEL = 3;

/** Lists of registers one by one: when binutils writes `{v0.16b-v2.16b}` depends on its version. */
export function withWholeLists(text: string): string {
  return text.replace(
    /\{v(\d+)(\.\w+)-v(\d+)\.\w+\}/,
    (_, first: string, arrangement: string, last: string) => {
      const count = ((Number(last) - Number(first) + VECTOR_REGISTERS) % VECTOR_REGISTERS) + 1;
      const names = Array.from(
        { length: count },
        (_unused, index) => `v${(Number(first) + index) % VECTOR_REGISTERS}${arrangement}`,
      );
      return `{${names.join(', ')}}`;
    },
  );
}

const VECTOR_REGISTERS = 32;

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
