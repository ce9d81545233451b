/** Damage to files: what every target that reads bytes begins with. */
import type { Random } from './random.ts';

/** Numbers at which readers stumble: limits, signs, sizes that wrap round. */
const AWKWARD_CELLS: readonly number[] = [
  0, 1, 2, 3, 4, 7, 9, 0x10, 0x28, 0xff, 0x100, 0x7fff_ffff, 0x8000_0000, 0xffff_fff0, 0xffff_fffc,
  0xffff_ffff,
];

const CELL_BYTES = 4;
const MOST_CHANGES = 4;

/** A copy of `bytes`, changed in a few places, cut short, or with a piece taken out, doubled or put in. */
export function mutateBytes(random: Random, bytes: Uint8Array): Uint8Array {
  let mutant: Uint8Array = bytes.slice();
  for (let changes = 1 + random.below(MOST_CHANGES); changes > 0; changes--)
    mutant = mutateOnce(random, mutant);
  return mutant;
}

function mutateOnce(random: Random, bytes: Uint8Array): Uint8Array {
  if (bytes.length === 0) return random.bytes(random.below(8));
  const at = random.below(bytes.length);
  switch (random.below(8)) {
    case 0:
      bytes[at] = random.below(256);
      return bytes;
    case 1:
      bytes[at] = (bytes[at] as number) ^ (1 << random.below(8));
      return bytes;
    case 2:
      return bytes.slice(0, at);
    case 3: {
      const size = Math.min(random.below(64), bytes.length - at);
      return joined(bytes.subarray(0, at), bytes.subarray(at + size));
    }
    case 4: {
      const piece = bytes.slice(at, at + random.below(64));
      return joined(bytes.subarray(0, at), piece, bytes.subarray(at));
    }
    case 5:
      return joined(bytes.subarray(0, at), random.bytes(random.below(16)), bytes.subarray(at));
    default: {
      const aligned = at - (at % CELL_BYTES);
      if (aligned + CELL_BYTES > bytes.length) return bytes;
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const nearby = (view.getUint32(aligned) + random.below(9) - 4) >>> 0;
      view.setUint32(aligned, random.below(2) === 0 ? nearby : random.pick(AWKWARD_CELLS));
      return bytes;
    }
  }
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
