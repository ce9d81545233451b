/** Numbers in network byte order, the most significant byte first (RFC 791, appendix B). */
const U16_VALUES = 0x1_0000;

/** 16 bits at an offset; zeros beyond the end. */
export function u16At(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] ?? 0) << 8) | (bytes[offset + 1] ?? 0);
}

/** 32 bits at an offset; zeros beyond the end. */
export function u32At(bytes: Uint8Array, offset: number): number {
  return u16At(bytes, offset) * U16_VALUES + u16At(bytes, offset + 2);
}

/** Puts 16 bits at an offset. */
export function setU16(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value >>> 8;
  bytes[offset + 1] = value & 0xff;
}

/** Puts 32 bits at an offset. */
export function setU32(bytes: Uint8Array, offset: number, value: number): void {
  setU16(bytes, offset, value >>> 16);
  setU16(bytes, offset + 2, value & 0xffff);
}
