/** MAC addresses as people write them: six bytes in hexadecimal, with colons (IEEE 802-2014 §8.1). */

const MAC_ADDRESS = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i;
const GROUP_BIT = 1;

/** The six bytes; `undefined` where the text is none, or the address is no single station's. */
export function parseMacAddress(text: string): Uint8Array | undefined {
  if (!MAC_ADDRESS.test(text)) return undefined;
  const bytes = Uint8Array.from(text.split(':'), (byte) => Number.parseInt(byte, 16));
  const isStation = ((bytes[0] ?? 0) & GROUP_BIT) === 0 && bytes.some((byte) => byte !== 0);
  return isStation ? bytes : undefined;
}

/** Six bytes as `02:00:00:00:00:10`. */
export function formatMacAddress(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':');
}
