/**
 * The block that a card sends for tuning (JESD84-B51 §6.6.5; SD Physical Layer 6.00 §4.2.4.5): half-bytes for four data
 * lines, each twice for eight.
 */
const PATTERN =
  'ff0fff00ffccc3ccc33cccfffefffeefffdfffddfffbfffbbfff7fff77f7bdef' +
  'fff0fff00ffccc3ccc33cccfffefffeefffdfffddfffbfffbbfff7fff77f7bde';

export function tuningBlock(width: 1 | 4 | 8): Uint8Array {
  const pattern = width === 8 ? PATTERN.replaceAll(/./g, '$&$&') : PATTERN;
  return Uint8Array.from(pattern.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}
