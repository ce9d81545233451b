import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadSaved, savedCopy, savedProblems } from '../../test/support/saved.ts';
import {
  decodeSaved,
  encodeSaved,
  kept,
  keptBytes,
  keptMap,
  keptMembers,
  keptPages,
  Refusal,
  type Saved,
  type SavedValue,
  savedIfThere,
  savedList,
  savedParts,
  shape,
} from './index.ts';

class Thing {
  on = false;
  count = 0;
  deadlineNs: number | undefined;
  wide = 0n;
  readonly names = new Map<number, string>();
  readonly memory = new Uint8Array(4);
  order: string[] = [];

  get saved(): Saved {
    return savedParts(
      {
        ...keptMembers(this, {
          on: shape.flag,
          count: shape.u8,
          deadlineNs: shape.optional(shape.moment),
          wide: shape.long,
        }),
        names: keptMap(this.names, shape.u16, shape.text, 3),
        memory: keptBytes(this.memory),
      },
      () => this.order.push('loaded'),
    );
  }
}

function used(): Thing {
  const thing = new Thing();
  Object.assign(thing, { on: true, count: 7, deadlineNs: 1.5, wide: 2n ** 64n - 1n });
  thing.names.set(3, 'three');
  thing.memory.set([1, 2, 3, 4]);
  return thing;
}

test('what is saved goes through bytes and comes back the same', () => {
  const [thing, other] = [used(), new Thing()];
  loadSaved(other.saved, savedCopy(thing.saved));
  assert.deepEqual(other.saved.save(), thing.saved.save());
  assert.deepEqual(other.order, ['loaded']);
  loadSaved(other.saved, savedCopy(new Thing().saved));
  assert.deepEqual(other.saved.save(), new Thing().saved.save());
});

test('every value that does not fit is told by its place, and nothing is changed by asking', () => {
  const thing = used();
  const before = thing.saved.save();
  const wrong = {
    on: 1,
    count: 256,
    deadlineNs: Number.NaN,
    wide: -1n,
    names: [
      [1, 'one'],
      [0x1_0000, 'large'],
    ],
    memory: new Uint8Array(5),
    colour: 'red',
  };
  assert.deepEqual(
    savedProblems(thing.saved, wrong),
    [
      'colour: nothing of that name, not it',
      'on: true or false, not 1',
      'count: a number from 0 to 255, not 256',
      'deadlineNs: a time, or nothing, not null',
      'wide: a number of 64 bits, not -1',
      'names.1.0: a number from 0 to 65535, not 65536',
      'memory: 4 bytes, not 5 bytes',
    ].map((line) => line.replace(', or nothing, not null', ', not null')),
  );
  assert.deepEqual(savedProblems(thing.saved, {}).length, 5);
  assert.deepEqual(savedProblems(thing.saved, 'text'), [': an object, not "text"']);
  assert.deepEqual(thing.saved.save(), before);
});

test('parts by number, and parts that are not there', () => {
  const things = [used(), used()];
  const part = savedList(things.map(({ saved }) => saved));
  assert.deepEqual(savedProblems(part, [used().saved.save()]), [': a list of 2, not a list of 1']);
  assert.deepEqual(savedProblems(savedIfThere(undefined), savedCopy(savedIfThere(undefined))), []);
  assert.deepEqual(savedProblems(savedIfThere(undefined), { a: 1 }), ['a: nothing of that name, not it']);
});

test('memory is kept by the pages that hold anything', () => {
  const memory = new Uint8Array(10 * 4096 + 100);
  for (const at of [0, 4096, 3 * 4096 + 5, 10 * 4096 + 99]) memory[at] = at % 251 || 1;
  const saved = keptPages(memory).save() as { readonly runs: unknown; readonly content: Uint8Array };
  assert.deepEqual(saved.runs, [
    [0, 2],
    [3, 1],
    [10, 1],
  ]);
  assert.equal(saved.content.length, 3 * 4096 + 100);
  const other = new Uint8Array(memory.length).fill(9);
  loadSaved(keptPages(other), savedCopy(keptPages(memory)));
  assert.deepEqual(other, memory);
  for (const runs of [
    [
      [0, 3],
      [3, 1],
    ],
    [
      [3, 1],
      [0, 2],
      [10, 1],
    ],
    [
      [0, 2],
      [3, 1],
      [11, 1],
    ],
    [[0, 4]],
  ])
    assert.equal(savedProblems(keptPages(other), { ...saved, runs }).length, 1, JSON.stringify(runs));
});

test('bytes that are no saved values', () => {
  const good = encodeSaved({ a: [1, undefined, 2n, new Uint8Array(3)], b: { c: 'ü' } });
  assert.deepEqual(decodeSaved(good), { a: [1, undefined, 2n, new Uint8Array(3)], b: { c: 'ü' } });
  const withText = (text: string): Uint8Array => {
    const head = new TextEncoder().encode(text);
    const bytes = new Uint8Array(4 + head.length);
    new DataView(bytes.buffer).setUint32(0, head.length, true);
    bytes.set(head, 4);
    return bytes;
  };
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  const cases: readonly (readonly [Uint8Array, RegExp])[] = [
    [new Uint8Array(3), /cut short/],
    [good.subarray(0, good.length - 1), /cut short/],
    [Uint8Array.of(...good, 0), /too long/],
    [withText('{'), /can't be read/],
    [withText('null'), /no list of sizes/],
    [withText('{"state":1,"sizes":[-1]}'), /no list of sizes/],
    [withText('{"state":{"$bytes":0},"sizes":[]}'), /not there/],
    [withText('{"state":{"$bigint":"x"},"sizes":[]}'), /is none/],
    [withText(`{"state":${deep},"sizes":[]}`), /nested too deep/],
  ];
  for (const [bytes, reason] of cases)
    assert.throws(
      () => decodeSaved(bytes),
      (error) => error instanceof Refusal && reason.test(error.message),
    );
});

test('names that objects have from elsewhere are only names', () => {
  const part = savedParts({
    ['__proto__']: kept(
      shape.u8,
      () => 1,
      () => {},
    ),
    constructor: kept(
      shape.u8,
      () => 2,
      () => {},
    ),
  });
  const copy = savedCopy(part);
  assert.deepEqual(Object.entries(copy as object), [
    ['__proto__', 1],
    ['constructor', 2],
  ]);
  assert.deepEqual(savedProblems(part, copy), []);
  const without: SavedValue = {};
  assert.equal(savedProblems(part, without).length, 2);
});
