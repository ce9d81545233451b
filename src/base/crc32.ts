/** CRC-32 as gzip, U-Boot, GPT and Ethernet use it: polynomial 0x04c11db7 reflected, initial value and final XOR all ones. */
const TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (value & 1 ? 0xedb8_8320 : 0);
  return value;
});

/** Eight tables: what each of eight bytes does to the value that comes out behind them all. */
const TABLES: Uint32Array[] = [TABLE];
for (let table = 1; table < 8; table += 1) {
  const before = TABLES[table - 1] ?? TABLE;
  TABLES.push(before.map((value) => (value >>> 8) ^ (TABLE[value & 0xff] ?? 0)));
}
const [T0, T1, T2, T3, T4, T5, T6, T7] = TABLES as unknown as readonly [
  ...[Uint32Array, Uint32Array, Uint32Array, Uint32Array],
  ...[Uint32Array, Uint32Array, Uint32Array, Uint32Array],
];

/** The checksum of `bytes`, eight at a time; `before` is that of what came before them. */
export function crc32(bytes: Uint8Array, before = 0): number {
  const byte = (at: number): number => bytes[at] ?? 0;
  const of = (table: Uint32Array, index: number): number => table[index] ?? 0;
  let value = ~before;
  const end = bytes.length - (bytes.length % 8);
  for (let at = 0; at < end; at += 8) {
    value ^= byte(at) | (byte(at + 1) << 8) | (byte(at + 2) << 16) | (byte(at + 3) << 24);
    value =
      of(T7, value & 0xff) ^
      of(T6, (value >>> 8) & 0xff) ^
      of(T5, (value >>> 16) & 0xff) ^
      of(T4, value >>> 24) ^
      of(T3, byte(at + 4)) ^
      of(T2, byte(at + 5)) ^
      of(T1, byte(at + 6)) ^
      of(T0, byte(at + 7));
  }
  for (let at = end; at < bytes.length; at += 1) value = (value >>> 8) ^ of(T0, (value ^ byte(at)) & 0xff);
  return ~value >>> 0;
}
