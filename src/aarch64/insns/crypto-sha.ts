/** SHA-1 and SHA-256 (Arm ARM DDI 0487 C4.1.96, FEAT_SHA1 and FEAT_SHA256; FIPS 180-4). */
import { type Definition, insn } from '../definition.ts';
import { add, and, i32, low32, or, rotr, shr, xor } from '../meaning/integer.ts';
import type { Meaning } from '../meaning/meaning.ts';
import { pureLane, type Value } from '../meaning/value.ts';
import { type Vector, ZERO_VECTOR } from '../meaning/vectors.ts';

type Word = Value<'i32'>;
type Words = readonly [Word, Word, Word, Word];
type Mix = (x: Word, y: Word, z: Word) => Word;

const rotateLeft = (word: Word, by: number): Word => rotr(word, i32(32 - by));
const rotateRight = (word: Word, by: number): Word => rotr(word, i32(by));

/** FIPS 180-4 §4.1. */
const choose: Mix = (x, y, z) => xor(and(xor(y, z), x), z);
const parity: Mix = (x, y, z) => xor(xor(x, y), z);
const majority: Mix = (x, y, z) => or(and(x, y), and(or(x, y), z));

const upperSigma0 = (x: Word): Word => parity(rotateRight(x, 2), rotateRight(x, 13), rotateRight(x, 22));
const upperSigma1 = (x: Word): Word => parity(rotateRight(x, 6), rotateRight(x, 11), rotateRight(x, 25));
const lowerSigma0 = (x: Word): Word => parity(rotateRight(x, 7), rotateRight(x, 18), shr(x, i32(3)));
const lowerSigma1 = (x: Word): Word => parity(rotateRight(x, 17), rotateRight(x, 19), shr(x, i32(10)));

/** The four words of a vector, the lowest first, bound. */
function wordsOf(c: Meaning, vector: Vector): Words {
  const bound = c.let(vector);
  const word = (lane: number): Word => c.let(pureLane('i32x4.extract_lane', lane, bound));
  return [word(0), word(1), word(2), word(3)];
}

function vectorOf(words: Words): Vector {
  return words.reduce<Vector>(
    (vector, word, lane) => pureLane('i32x4.replace_lane', lane, vector, word),
    ZERO_VECTOR,
  );
}

/** SHA1hash: four rounds over five words, of which the fifth is in a register of its own. */
function sha1Hash(c: Meaning, hash: Words, fifth: Word, schedule: Words, mix: Mix): Words {
  let [x, y] = [hash, fifth];
  for (const word of schedule) {
    const sum = add(add(y, rotateLeft(x[0], 5)), add(mix(x[1], x[2], x[3]), word));
    const turned = c.let(rotateLeft(x[1], 30));
    [x, y] = [[c.let(sum), x[0], turned, x[2]], x[3]];
  }
  return x;
}

/** SHA256hash: four rounds over eight words; both halves come out. */
function sha256Hash(
  c: Meaning,
  low: Words,
  high: Words,
  schedule: Words,
): { readonly low: Words; readonly high: Words } {
  let [x, y] = [low, high];
  for (const word of schedule) {
    const t = c.let(add(add(y[3], upperSigma1(y[0])), add(choose(y[0], y[1], y[2]), word)));
    const x3 = c.let(add(t, x[3]));
    const y3 = c.let(add(t, add(upperSigma0(x[0]), majority(x[0], x[1], x[2]))));
    [x, y] = [
      [y3, x[0], x[1], x[2]],
      [x3, y[0], y[1], y[2]],
    ];
  }
  return { low: x, high: y };
}

const FP = { floatingPoint: true } as const;

const sha1Rounds = (
  [
    ['sha1c', '000', choose],
    ['sha1p', '001', parity],
    ['sha1m', '010', majority],
  ] as const
).map(([name, opcode, mix]) =>
  insn(
    name.toUpperCase(),
    `01011110 000 rm:5 0 ${opcode} 00 rn:5 rd:5` as '01011110 rm:5 rn:5 rd:5',
    (f) => `${name}\tq${f.rd}, s${f.rn}, v${f.rm}.4s`,
    (c, f) => {
      const fifth = c.let(low32(c.vPart('i64.load32_u', f.rn)));
      const [hash, schedule] = [wordsOf(c, c.v(f.rd)), wordsOf(c, c.v(f.rm))];
      c.setV(f.rd, vectorOf(sha1Hash(c, hash, fifth, schedule, mix)));
    },
    FP,
  ),
);

const sha256Rounds = (
  [
    ['sha256h', '100'],
    ['sha256h2', '101'],
  ] as const
).map(([name, opcode]) =>
  insn(
    name.toUpperCase(),
    `01011110 000 rm:5 0 ${opcode} 00 rn:5 rd:5` as '01011110 rm:5 rn:5 rd:5',
    (f) => `${name}\tq${f.rd}, q${f.rn}, v${f.rm}.4s`,
    (c, f) => {
      const [d, n, schedule] = [wordsOf(c, c.v(f.rd)), wordsOf(c, c.v(f.rn)), wordsOf(c, c.v(f.rm))];
      const result =
        name === 'sha256h' ? sha256Hash(c, d, n, schedule).low : sha256Hash(c, n, d, schedule).high;
      c.setV(f.rd, vectorOf(result));
    },
    FP,
  ),
);

/** Message schedules. */
const schedules: readonly Definition[] = [
  insn(
    'SHA1SU0',
    '01011110 000 rm:5 0 011 00 rn:5 rd:5',
    (f) => `sha1su0\tv${f.rd}.4s, v${f.rn}.4s, v${f.rm}.4s`,
    (c, f) => {
      const [d, n, m] = [wordsOf(c, c.v(f.rd)), wordsOf(c, c.v(f.rn)), wordsOf(c, c.v(f.rm))];
      const moved: Words = [d[2], d[3], n[0], n[1]];
      const word = (at: 0 | 1 | 2 | 3): Word => parity(moved[at], d[at], m[at]);
      c.setV(f.rd, vectorOf([word(0), word(1), word(2), word(3)]));
    },
    FP,
  ),
  insn(
    'SHA1SU1',
    '01011110 00 10100 00001 10 rn:5 rd:5',
    (f) => `sha1su1\tv${f.rd}.4s, v${f.rn}.4s`,
    (c, f) => {
      const [d, n] = [wordsOf(c, c.v(f.rd)), wordsOf(c, c.v(f.rn))];
      const first = c.let(xor(d[0], n[1]));
      const last = xor(rotateLeft(d[3], 1), rotateLeft(first, 2));
      c.setV(
        f.rd,
        vectorOf([
          rotateLeft(first, 1),
          rotateLeft(xor(d[1], n[2]), 1),
          rotateLeft(xor(d[2], n[3]), 1),
          last,
        ]),
      );
    },
    FP,
  ),
  insn(
    'SHA1H',
    '01011110 00 10100 00000 10 rn:5 rd:5',
    (f) => `sha1h\ts${f.rd}, s${f.rn}`,
    (c, f) => c.setVScalar(f.rd, rotateLeft(low32(c.vPart('i64.load32_u', f.rn)), 30)),
    FP,
  ),
  insn(
    'SHA256SU0',
    '01011110 00 10100 00010 10 rn:5 rd:5',
    (f) => `sha256su0\tv${f.rd}.4s, v${f.rn}.4s`,
    (c, f) => {
      const [d, n] = [wordsOf(c, c.v(f.rd)), wordsOf(c, c.v(f.rn))];
      const moved: Words = [d[1], d[2], d[3], n[0]];
      const word = (at: 0 | 1 | 2 | 3): Word => add(lowerSigma0(moved[at]), d[at]);
      c.setV(f.rd, vectorOf([word(0), word(1), word(2), word(3)]));
    },
    FP,
  ),
  insn(
    'SHA256SU1',
    '01011110 000 rm:5 0 110 00 rn:5 rd:5',
    (f) => `sha256su1\tv${f.rd}.4s, v${f.rn}.4s, v${f.rm}.4s`,
    (c, f) => {
      const [d, n, m] = [wordsOf(c, c.v(f.rd)), wordsOf(c, c.v(f.rn)), wordsOf(c, c.v(f.rm))];
      const moved: Words = [n[1], n[2], n[3], m[0]];
      const word = (from: Word, at: 0 | 1 | 2 | 3): Word =>
        c.let(add(lowerSigma1(from), add(d[at], moved[at])));
      const [first, second] = [word(m[2], 0), word(m[3], 1)];
      c.setV(f.rd, vectorOf([first, second, word(first, 2), word(second, 3)]));
    },
    FP,
  ),
];

export const CRYPTO_SHA: readonly Definition[] = [...sha1Rounds, ...sha256Rounds, ...schedules];
