/** The identification of Arm's PrimeCells, a byte a word at the end of their 4 KiB (DDI 0183G §3.3.14, and the others' manuals alike). */
import { constant, type Fields, type Register } from './registers.ts';

type Place = 0 | 1 | 2 | 3;
const PLACES: readonly Place[] = [0, 1, 2, 3];
const [PERIPH_ID, CELL_ID] = [0xfe0, 0xff0];
const CELL = 0xb105_f00d;

/** `peripheral`: part number, designer, revision and configuration, as one word. */
export function primeCellIds<P extends string>(
  prefix: P,
  peripheral: number,
): Readonly<Record<`${P}PeriphID${Place}` | `${P}PCellID${Place}`, Register<Fields>>> {
  const bytes = (name: string, offset: number, word: number) =>
    PLACES.map((place) => [
      `${prefix}${name}${place}`,
      constant(offset + 4 * place, (word >>> (8 * place)) & 0xff),
    ]);
  return Object.fromEntries([
    ...bytes('PeriphID', PERIPH_ID, peripheral),
    ...bytes('PCellID', CELL_ID, CELL),
  ]);
}
