/** LD1 to LD4 and ST1 to ST4: interleaved structures, one element of each, or one for all (Arm ARM DDI 0487 C4.1.88). */
import { immediate, x, xsp } from '../assembly.ts';
import { type Definition, insn } from '../definition.ts';
import { add, i64 } from '../meaning/integer.ts';
import type { Meaning } from '../meaning/meaning.ts';
import type { Value } from '../meaning/value.ts';
import {
  arranged,
  elementCount,
  firstBytes,
  splat,
  VECTOR_BYTES,
  type Vector,
  withElement,
  ZERO_VECTOR,
} from '../meaning/vectors.ts';
import type { AnyFieldValues, OperandField } from '../pattern.ts';

const LOADS = ['i64.load8_u', 'i64.load16_u', 'i64.load32_u', 'i64.load'] as const;
const STORES = ['i64.store8', 'i64.store16', 'i64.store32', 'i64.store'] as const;

/** `{v0.4s-v2.4s}`, or with commas for two, and where the list passes V31. */
function registerList(first: number, count: number, arrangement: string): string {
  const names = Array.from({ length: count }, (_, index) => `v${(first + index) % 32}.${arrangement}`);
  const range = count > 2 && first + count <= 32;
  return `{${range ? `${names[0]}-${names.at(-1)}` : names.join(', ')}}`;
}

const arrangement = (size: number, q: number): string => arranged(0, size, q).slice('v0.'.length);

/** How a form goes on after its access: not at all, by the bytes moved, or by a register. */
interface Indexing {
  readonly suffix: string;
  readonly bits: string;
  readonly text: (f: AnyFieldValues, bytes: number) => string;
  readonly writeBack: (
    c: Meaning,
    rn: OperandField,
    rm: OperandField,
    base: Value<'i64'>,
    bytes: number,
  ) => void;
}

const plain: Indexing = {
  suffix: '',
  bits: '0 POST 00000',
  text: () => '',
  writeBack: () => {},
};
const byRegister: Indexing = {
  suffix: ', post-indexed',
  bits: '1 POST rm:5',
  text: (f, bytes) => (f['rm'] === 31 ? `, ${immediate(bytes)}` : `, ${x(f['rm'] ?? 0)}`),
  writeBack: (c, rn, rm, base, bytes) => {
    // Register 31 stands for the bytes moved.
    const step = c.derived('i64', 'bytes', (v) => (v['rm'] === 31 ? bytes : 0), 'u16');
    c.setRsp(rn, add(base, add(step, c.x(rm))));
  },
};
const INDEXINGS = [plain, byRegister];

interface Multiple {
  readonly opcode: string;
  /** Elements of one structure, and registers in all. */
  readonly interleaved: number;
  readonly registers: number;
}
const MULTIPLE: readonly Multiple[] = [
  { opcode: '0000', interleaved: 4, registers: 4 },
  { opcode: '0010', interleaved: 1, registers: 4 },
  { opcode: '0100', interleaved: 3, registers: 3 },
  { opcode: '0110', interleaved: 1, registers: 3 },
  { opcode: '0111', interleaved: 1, registers: 1 },
  { opcode: '1000', interleaved: 2, registers: 2 },
  { opcode: '1010', interleaved: 1, registers: 2 },
];

interface MultipleFields {
  readonly c: Meaning;
  readonly rt: OperandField;
  readonly base: Value<'i64'>;
  readonly q: number;
  readonly size: number;
}

/** The registers as loaded; memory is read in order of address before any is written. */
function loadMultiple(
  { c, rt, base, q, size }: MultipleFields,
  { interleaved, registers }: Multiple,
): () => void {
  const bytes = q === 1 ? VECTOR_BYTES : VECTOR_BYTES / 2;
  const at = (offset: number): Value<'i64'> => add(base, i64(BigInt(offset)));
  if (interleaved === 1) {
    const values = Array.from(
      { length: registers },
      (_, index): Vector =>
        q === 1
          ? (c.load('v128.load', at(index * bytes)) as Vector)
          : (c.load('v128.load64_zero', at(index * bytes)) as Vector),
    );
    return () => values.forEach((value, index) => void c.setVPlus(rt, index, value));
  }
  const count = elementCount(q, size);
  const vectors = Array.from({ length: registers }, () => c.temporary(ZERO_VECTOR));
  for (let index = 0; index < count; index += 1) {
    for (const [register, vector] of vectors.entries()) {
      const offset = (index * interleaved + register) << size;
      const value = c.load(LOADS[size] ?? 'i64.load', at(offset)) as Value<'i64'>;
      c.assign(vector, withElement(vector, size, index, value));
    }
  }
  return () => vectors.forEach((vector, index) => void c.setVPlus(rt, index, vector));
}

function storeMultiple({ c, rt, base, q, size }: MultipleFields, { interleaved, registers }: Multiple): void {
  const bytes = q === 1 ? VECTOR_BYTES : VECTOR_BYTES / 2;
  const at = (offset: number): Value<'i64'> => add(base, i64(BigInt(offset)));
  if (interleaved === 1) {
    for (let index = 0; index < registers; index += 1) {
      if (q === 1) c.store('v128.store', at(index * bytes), c.vPlus(rt, index));
      else c.store('i64.store', at(index * bytes), c.vPlusPart('i64.load', rt, index, 0));
    }
    return;
  }
  const count = elementCount(q, size);
  for (let index = 0; index < count; index += 1) {
    for (let register = 0; register < registers; register += 1) {
      const offset = (index * interleaved + register) << size;
      const value = c.vPlusPart(LOADS[size] ?? 'i64.load', rt, register, index << size);
      c.store(STORES[size] ?? 'i64.store', at(offset), value);
    }
  }
}

const multiple = MULTIPLE.flatMap((form) =>
  [0, 1].flatMap((load) =>
    INDEXINGS.map((indexing) => {
      const name = `${load === 1 ? 'ld' : 'st'}${form.interleaved}`;
      const bytesOf = (q: number): number => (VECTOR_BYTES >> (1 - q)) * form.registers;
      const pattern = `0 Q 001100 ${indexing.bits.replace('POST', `${load} 0`)} ${form.opcode} SIZE:2 rn:5 rt:5`;
      return insn(
        `${name.toUpperCase()} (multiple, ${form.registers} registers${indexing.suffix})`,
        pattern as '0 Q rm:5 SIZE:2 rn:5 rt:5',
        (f) => {
          const list = registerList(f.rt, form.registers, arrangement(f.SIZE, f.Q));
          return `${name}\t${list}, [${xsp(f.rn)}]${indexing.text(f, bytesOf(f.Q))}`;
        },
        (c, f) => {
          const base = c.let(c.xsp(f.rn));
          const fields: MultipleFields = { c, rt: f.rt, base, q: f.Q, size: f.SIZE };
          const finish = load === 1 ? loadMultiple(fields, form) : storeMultiple(fields, form);
          finish?.();
          indexing.writeBack(c, f.rn, f.rm, base, bytesOf(f.Q));
        },
        {
          floatingPoint: true,
          // Interleaving 64-bit elements in halves of registers is reserved.
          when: (f) => f.Q === 1 || f.SIZE < 3 || form.interleaved === 1,
        },
      );
    }),
  ),
);

/** One element of each register: where its index is written, by size. */
const SINGLE_FORMS = [
  {
    size: 0,
    opcode: '00',
    index: 's siz:2',
    indexOf: (f: AnyFieldValues) => ((f['q'] ?? 0) << 3) | ((f['s'] ?? 0) << 2) | (f['siz'] ?? 0),
  },
  {
    size: 1,
    opcode: '01',
    index: 's siz 0',
    indexOf: (f: AnyFieldValues) => ((f['q'] ?? 0) << 2) | ((f['s'] ?? 0) << 1) | (f['siz'] ?? 0),
  },
  {
    size: 2,
    opcode: '10',
    index: 's 00',
    indexOf: (f: AnyFieldValues) => ((f['q'] ?? 0) << 1) | (f['s'] ?? 0),
  },
  { size: 3, opcode: '10', index: '0 01', indexOf: (f: AnyFieldValues) => f['q'] ?? 0 },
] as const;

const single = SINGLE_FORMS.flatMap(({ size, opcode, index, indexOf }) =>
  [1, 2, 3, 4].flatMap((registers) =>
    [0, 1].flatMap((load) =>
      INDEXINGS.map((indexing) => {
        const name = `${load === 1 ? 'ld' : 'st'}${registers}`;
        const bytes = registers << size;
        // R is the lower bit of the count less one, the opcode's lowest bit the upper.
        const [r, low] = [(registers - 1) & 1, (registers - 1) >> 1];
        const start = indexing.bits.replace('POST', `${load} ${r}`);
        const pattern = `0 q 001101 ${start} ${opcode}${low} ${index} rn:5 rt:5`;
        return insn(
          `${name.toUpperCase()} (single, ${8 << size}${indexing.suffix})`,
          pattern as '0 q rm:5 rn:5 rt:5',
          (f) => {
            const list = registerList(f.rt, registers, 'bhsd'[size] ?? '');
            return `${name}\t${list}[${indexOf(f)}], [${xsp(f.rn)}]${indexing.text(f, bytes)}`;
          },
          (c, f) => {
            const base = c.let(c.xsp(f.rn));
            const at = (register: number): Value<'i64'> => add(base, i64(BigInt(register << size)));
            const lane = (register: number) =>
              [
                // The lane of a register further on in the list: its offset is derived from both.
                f.rt,
                `lane${register}`,
                (v: AnyFieldValues) => laneOffset(v['rt'] ?? 0, register) + (indexOf(v) << size),
              ] as const;
            if (load === 1) {
              const values = Array.from({ length: registers }, (_, register) =>
                c.load(LOADS[size] ?? 'i64.load', at(register)),
              );
              values.forEach((value, register) => {
                c.setVLane(STORES[size] ?? 'i64.store', ...lane(register), value as Value);
              });
            } else {
              for (let register = 0; register < registers; register += 1) {
                c.store(
                  STORES[size] ?? 'i64.store',
                  at(register),
                  c.vLane(LOADS[size] ?? 'i64.load', ...lane(register)),
                );
              }
            }
            indexing.writeBack(c, f.rn, f.rm, base, bytes);
          },
          { floatingPoint: true },
        );
      }),
    ),
  ),
);

/** From a register's place to that of the one so many further on, modulo 32. */
function laneOffset(rt: number, further: number): number {
  return (((rt + further) % 32) - rt) * VECTOR_BYTES;
}

const replicated = [1, 2, 3, 4].flatMap((registers) =>
  INDEXINGS.map((indexing) => {
    const name = `ld${registers}r`;
    const [r, low] = [(registers - 1) & 1, (registers - 1) >> 1];
    const start = indexing.bits.replace('POST', `1 ${r}`);
    return insn(
      `${name.toUpperCase()}${indexing.suffix}`,
      `0 Q 001101 ${start} 11${low} 0 SIZE:2 rn:5 rt:5` as '0 Q rm:5 SIZE:2 rn:5 rt:5',
      (f) =>
        `${name}\t${registerList(f.rt, registers, arrangement(f.SIZE, f.Q))}, [${xsp(f.rn)}]${indexing.text(f, registers << f.SIZE)}`,
      (c, f) => {
        const base = c.let(c.xsp(f.rn));
        const values = Array.from({ length: registers }, (_, register) =>
          c.load(LOADS[f.SIZE] ?? 'i64.load', add(base, i64(BigInt(register << f.SIZE)))),
        );
        values.forEach((value, register) => {
          const bytes = f.Q === 1 ? VECTOR_BYTES : VECTOR_BYTES / 2;
          c.setVPlus(f.rt, register, firstBytes(splat(f.SIZE, value as Value<'i64'>), bytes));
        });
        indexing.writeBack(c, f.rn, f.rm, base, registers << f.SIZE);
      },
      { floatingPoint: true },
    );
  }),
);

export const VECTOR_STRUCTURES: readonly Definition[] = [...multiple, ...single, ...replicated];
