import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goodPlan, smallBoard } from '../../test/support/small-board.ts';
import { DiagnosticSink, formatDiagnostic } from '../base/index.ts';
import type { Plan } from '../plan/index.ts';
import { readPlan } from './read-plan.ts';

const plan = goodPlan(smallBoard({}), 'virtio: [console, { kind: block, image: disk.img, mode: read-only }]');

function read(value: unknown): { readonly plan: Plan | undefined; readonly said: readonly string[] } {
  const sink = new DiagnosticSink();
  const found = readPlan(JSON.stringify(value, null, 2), 'plan.json', sink);
  return { plan: found, said: sink.sorted().map((each) => formatDiagnostic(each).split('\n')[0] ?? '') };
}

test('what was written reads back the same', () => {
  assert.deepEqual(read(plan), { plan, said: [] });
});

test('a mistyped word is an error with its place, and never a default', () => {
  const [virtualiser] = plan.sharing.virtualisers;
  const changed = {
    ...plan,
    sharing: { ...plan.sharing, virtualisers: [{ ...virtualiser, role: 'virt-xt' }] },
  };
  const { plan: none, said } = read(changed);
  assert.equal(none, undefined);
  assert.match(
    said[0] ?? '',
    /^plan\.json:\d+:\d+: error\[project\/wrong-value\]: sharing\.virtualisers\[0\]\.role is "virt-xt"/,
  );
  const line = Number(/:(\d+):/.exec(said[0] ?? '')?.[1]);
  assert.match(JSON.stringify(changed, null, 2).split('\n')[line - 1] ?? '', /virt-xt/);
});

test('several mistakes are said at once', () => {
  const [guest] = plan.guests;
  assert.ok(guest !== undefined);
  const { name: _name, ...nameless } = guest;
  const { said } = read({
    ...plan,
    guests: [{ ...nameless, ram: { ...guest.ram, base: -1 }, colour: 'red' }],
  });
  assert.deepEqual(
    said.map((line) => line.replace(/^plan\.json:\d+:\d+: /, '').replace(/,.*/, '')),
    [
      'error[project/missing-key]: guests[0] has no name',
      'error[project/wrong-value]: guests[0].ram.base is -1',
      'error[project/unknown-key]: a plan has no guests[0].colour',
    ],
  );
});

test('whatever else a file may hold is no plan', () => {
  for (const other of [
    null,
    [],
    'plan',
    {},
    { ...plan, format: -1 },
    { ...plan, guests: {} },
    { ...plan, guests: [null] },
  ]) {
    assert.equal(read(other).plan, undefined);
  }
  const sink = new DiagnosticSink();
  assert.equal(readPlan('{ "format": ', 'plan.json', sink), undefined);
  assert.match(formatDiagnostic(sink.sorted()[0] as never), /error\[project\/not-json\]/);
});
