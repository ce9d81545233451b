/** A card's registers of 128 bits, CID and CSD, from their fields. */

/** Bits `high` to `low` and what they hold. */
export type Slice = readonly [high: number, low: number, content: number];
/** The least significant first. */
export type RegisterWords = readonly [number, number, number, number];

/** With the CRC in bits 7 to 1, and bit 0 set. */
export function packRegister(slices: readonly Slice[]): RegisterWords {
  let value = 0n;
  for (const [high, low, content] of slices) {
    value |= BigInt.asUintN(high - low + 1, BigInt(content)) << BigInt(low);
  }
  value |= (BigInt(crc7(value >> 8n)) << 1n) | 1n;
  const word = (index: number): number => Number(BigInt.asUintN(32, value >> BigInt(32 * index)));
  return [word(0), word(1), word(2), word(3)];
}

/** Over the upper 120 bits, the first bit first; x⁷ + x³ + 1 (JESD84-B51 §8.2.1). */
function crc7(bits: bigint): number {
  let crc = 0;
  for (let at = 119n; at >= 0n; at -= 1n) {
    const feedback = ((crc >> 6) & 1) ^ Number((bits >> at) & 1n);
    crc = ((crc << 1) & 0x7f) ^ (feedback === 1 ? 0x09 : 0);
  }
  return crc;
}

/** The characters of a name, from bit `high` down. */
export function nameSlices(name: string, high: number): readonly Slice[] {
  return Array.from(name, (char, index): Slice => {
    const top = high - 8 * index;
    return [top, top - 7, char.charCodeAt(0)];
  });
}
