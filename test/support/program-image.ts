/**
 * The smallest ELF file that Microkit's tool takes for a program (ELF64, System V ABI 4.1 with the AArch64 supplement): one segment
 * at libmicrokit's link address with the variables that the tool patches, and a table of their symbols.
 */

const PAGE_BYTES = 0x1000;
const HEADER_BYTES = 64;
const PROGRAM_HEADER_BYTES = 56;
const SECTION_HEADER_BYTES = 64;
const SYMBOL_BYTES = 24;
const BASE = 0x20_0000;
const EM_AARCH64 = 183;
const [PT_LOAD, RWX] = [1, 7];
const [SHT_SYMTAB, SHT_STRTAB] = [2, 3];
const GLOBAL_OBJECT = 0x11;
const WORD_BYTES = 8;

/** What libmicrokit has in every program. */
const MICROKIT_VARIABLES: readonly (readonly [string, number])[] = [
  ['microkit_name', 64],
  ['microkit_passive', 1],
  ['microkit_irqs', WORD_BYTES],
  ['microkit_notifications', WORD_BYTES],
  ['microkit_pps', WORD_BYTES],
  ['microkit_ioports', WORD_BYTES],
];

/** A program with these words as variables of its own, whose segment is at least that large. */
export function programImage(words: readonly string[], leastBytes = 0): Uint8Array {
  const own = [...new Set(words)].map((name): readonly [string, number] => [name, WORD_BYTES]);
  const variables = [...MICROKIT_VARIABLES, ...own.filter(([name]) => !name.startsWith('microkit_'))];
  const variableBytes = variables.reduce((sum, [, size]) => sum + Math.max(size, WORD_BYTES), 0);
  const dataBytes = Math.max(variableBytes, leastBytes);
  const names = new TextEncoder().encode(`\0${variables.map(([name]) => `${name}\0`).join('')}`);
  const symbolsAt = PAGE_BYTES + Math.ceil(dataBytes / WORD_BYTES) * WORD_BYTES;
  const namesAt = symbolsAt + (variables.length + 1) * SYMBOL_BYTES;
  const sectionsAt = Math.ceil((namesAt + names.length) / WORD_BYTES) * WORD_BYTES;
  const bytes = new Uint8Array(sectionsAt + 3 * SECTION_HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  const put = (at: number, ...fields: readonly (readonly [2 | 4 | 8, number])[]): void => {
    let offset = at;
    for (const [size, value] of fields) {
      if (size === 2) view.setUint16(offset, value, true);
      else if (size === 4) view.setUint32(offset, value, true);
      else view.setBigUint64(offset, BigInt(value), true);
      offset += size;
    }
  };
  const machine = [
    [2, 2],
    [2, EM_AARCH64],
    [4, 1],
  ] as const;
  const places = [
    [8, BASE],
    [8, HEADER_BYTES],
    [8, sectionsAt],
    [4, 0],
  ] as const;
  const counts = [HEADER_BYTES, PROGRAM_HEADER_BYTES, 1, SECTION_HEADER_BYTES, 3, 2];
  put(16, ...machine, ...places, ...counts.map((count) => [2, count] as const));
  const segment = [PAGE_BYTES, BASE, BASE, dataBytes, dataBytes, PAGE_BYTES];
  put(HEADER_BYTES, [4, PT_LOAD], [4, RWX], ...segment.map((value) => [8, value] as const));
  let [addr, nameAt] = [BASE, 1];
  variables.forEach(([name, size], index) => {
    put(
      symbolsAt + (index + 1) * SYMBOL_BYTES,
      [4, nameAt],
      [2, GLOBAL_OBJECT],
      [2, 1],
      [8, addr],
      [8, size],
    );
    addr += Math.max(size, WORD_BYTES);
    nameAt += new TextEncoder().encode(name).length + 1;
  });
  bytes.set(names, namesAt);
  const section = (
    index: number,
    type: number,
    at: number,
    size: number,
    link: number,
    entry: number,
  ): void => {
    const head = sectionsAt + index * SECTION_HEADER_BYTES;
    put(head, [4, 0], [4, type], [8, 0], [8, 0], [8, at], [8, size], [4, link], [4, 0], [8, 1], [8, entry]);
  };
  section(1, SHT_SYMTAB, symbolsAt, namesAt - symbolsAt, 2, SYMBOL_BYTES);
  section(2, SHT_STRTAB, namesAt, names.length, 0, 0);
  return bytes;
}
