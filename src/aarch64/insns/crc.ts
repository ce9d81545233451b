/** CRC32 and CRC32C (Arm ARM FEAT_CRC32): the data's low bytes, reflected, a bit at a time. */
import { and, i32, i64, isZero, low32, ltUnsigned, select, shr, sub, xor } from '../meaning/integer.ts';
import { helper, type Meaning } from '../meaning/meaning.ts';
import type { Helper, Value } from '../meaning/value.ts';

/** The polynomials 0x04C11DB7 and 0x1EDC6F41 with their bits reversed. */
const POLYNOMIAL = 0xedb8_8320 | 0;
const CASTAGNOLI = 0x82f6_3b78 | 0;

/** (accumulator, data, bytes of it) → accumulator. */
function crcHelper(name: string, polynomial: number): Helper<'i32'> {
  return helper(name, ['i32', 'i64', 'i32'], 'i32', (c, accumulator, data, bytes) => {
    const rest = c.temporary(data as Value<'i64'>);
    const crc = c.temporary(accumulator as Value<'i32'>);
    const left = c.temporary(bytes as Value<'i32'>);
    c.while(ltUnsigned(i32(0), left), () => {
      c.assign(crc, xor(crc, and(low32(rest), i32(0xff))));
      c.assign(rest, shr(rest, i64(8n)));
      for (let bit = 0; bit < 8; bit++) step(c, crc, polynomial);
      c.assign(left, sub(left, i32(1)));
    });
    return crc;
  });
}

function step(c: Meaning, crc: Value<'i32'> & { readonly kind: 'temp' }, polynomial: number): void {
  const shifted = shr(crc, i32(1));
  c.assign(crc, select(isZero(and(crc, i32(1))), shifted, xor(shifted, i32(polynomial))));
}

export const crc32 = crcHelper('crc32', POLYNOMIAL);
export const crc32c = crcHelper('crc32c', CASTAGNOLI);
