import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyRequestChange } from './change.ts';

const REQUEST = `# the board
board: { dtb: board.dtb }  # its tree
pass: [serial0, "&ethmac"]
except: [reset-controller@1004]
ram: 512 MiB
`;

test('an entry comes to a list, and what was written stays', () => {
  const changed = applyRequestChange(REQUEST, { key: 'pass', add: ['mmc@ffe07000'] });
  assert.equal(changed, REQUEST.replace('"&ethmac"]', '"&ethmac", mmc@ffe07000]'));
});

test('what is kept out comes back, by whichever name', () => {
  const remove = ['/soc/reset-controller@1004', 'reset-controller@1004'];
  const changed = applyRequestChange(REQUEST, { key: 'except', remove });
  assert.equal(changed, REQUEST.replace('except: [reset-controller@1004]\n', ''));
  assert.equal(applyRequestChange(REQUEST, { key: 'except', remove: ['clock-controller@0'] }), undefined);
});

test('a key is set, a word becomes a list', () => {
  const value = { base: '0x40000000', size: '1 GiB' };
  const changed = applyRequestChange(REQUEST, { key: 'ram', value });
  assert.equal(changed, REQUEST.replace('512 MiB', '{ base: 0x40000000, size: 1 GiB }'));
  assert.equal(
    applyRequestChange('board: b.dtb\npass: none\n', { key: 'pass', add: ['serial@3000'] }),
    'board: b.dtb\npass: [serial@3000]\n',
  );
  assert.equal(
    applyRequestChange('board: b.dtb\n', { key: 'except', add: ['serial@3000'] }),
    'board: b.dtb\nexcept: [serial@3000]\n',
  );
});

test('all is all: only what is kept out can come in', () => {
  const text = 'board: b.dtb\npass: all\nexcept: [serial@3000]\n';
  assert.equal(applyRequestChange(text, { key: 'pass', add: ['serial@3000'] }), 'board: b.dtb\npass: all\n');
  assert.equal(applyRequestChange('board: b.dtb\n', { key: 'pass', add: ['serial@3000'] }), undefined);
});

test('lists that stand below each other', () => {
  const text = 'board: b.dtb\npass:\n  - serial0 # the console\n  - mmc1\nexcept:\n  - a\nram: 1 GiB\n';
  assert.equal(
    applyRequestChange(text, { key: 'pass', add: ['mmc0'] }),
    text.replace('  - mmc1\n', '  - mmc1\n  - mmc0\n'),
  );
  assert.equal(
    applyRequestChange(text, { key: 'except', remove: ['a'] }),
    text.replace('except:\n  - a\n', ''),
  );
  assert.equal(
    applyRequestChange('board: b.dtb\nexcept:\n- a\n- b\n', { key: 'except', remove: ['a'] }),
    'board: b.dtb\nexcept:\n- b\n',
  );
});

test('of several guests, the named one', () => {
  const text = 'board: b.dtb\nguests:\n  - name: left\n    pass: none\n  - name: right\n    pass: none\n';
  assert.equal(
    applyRequestChange(text, { guest: 'right', key: 'pass', add: ['serial@3000'] }),
    'board: b.dtb\nguests:\n  - name: left\n    pass: none\n  - name: right\n    pass: [serial@3000]\n',
  );
  assert.equal(applyRequestChange(text, { guest: 'other', key: 'pass', add: ['serial@3000'] }), undefined);
  assert.equal(applyRequestChange('board: [', { key: 'pass', add: ['serial@3000'] }), undefined);
});
