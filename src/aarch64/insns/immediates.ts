/** DecodeBitMasks (Arm ARM J1.1): the immediates of logical instructions. */

const WIDTH = 64;

/** The 64-bit mask of N:imms:immr, or `undefined` where it is reserved. For 32-bit instructions N must be 0. */
export function bitMask(n: number, imms: number, immr: number): bigint | undefined {
  const len = 31 - Math.clz32((n << 6) | (~imms & 0x3f));
  if (len < 1) return undefined;
  const size = 1 << len;
  const levels = size - 1;
  const s = imms & levels;
  const r = immr & levels;
  if (s === levels) return undefined;
  const ones = (1n << BigInt(s + 1)) - 1n;
  const rotated =
    r === 0 ? ones : ((ones >> BigInt(r)) | (ones << BigInt(size - r))) & ((1n << BigInt(size)) - 1n);
  let mask = 0n;
  for (let at = 0; at < WIDTH; at += size) mask |= rotated << BigInt(at);
  return mask;
}
