/** Names, completion, fixes, outline and layout of descriptions and requests, also half-written ones. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { virtTree } from '../../test/support/virt-tree.ts';
import { memoryHost } from '../workspace/index.ts';
import { type DocumentKind, Documents, editedText, Lines } from './index.ts';

const TREE = virtTree();

/** A document with `|` where the cursor is. */
function at(text: string, file = '/w/a.system', kind: DocumentKind = 'description') {
  const offset = text.indexOf('|');
  assert.ok(offset >= 0, 'a cursor');
  const plain = text.slice(0, offset) + text.slice(offset + 1);
  const host = memoryHost({
    '/w/drivervm.yaml': 'board: qemu_virt_aarch64\ndtb: board.dts\n',
    '/w/board.dts': TREE,
    '/w/names.h': '#define SIZE "0x1000"\n',
  });
  const documents = new Documents(host.files);
  documents.set(file, kind, plain);
  return { documents, file, plain, place: new Lines(plain).placeOf(offset) };
}

const labels = (text: string, file?: string, kind?: DocumentKind) => {
  const { documents, file: name, place } = at(text, file, kind);
  return documents.complete(name, place).map(({ label }) => label);
};

const PD = (inside: string) =>
  `<system>\n  <memory_region name="uart" size="0x1000" phys_addr="0x9000000" />\n  <memory_region name="ring" size="0x1000" />\n  <protection_domain name="driver" priority="100">\n    <program_image path="d.elf" />\n${inside}\n  </protection_domain>\n</system>\n`;

test('elements by what they stand in', () => {
  assert.deepEqual(labels(PD('    <|')), [
    'program_image',
    'map',
    'virtual_machine',
    'irq',
    'ioport',
    'setvar',
    'cspace',
    'protection_domain',
  ]);
  assert.deepEqual(labels(PD('    <virtual_machine name="x"><|')), ['vcpu', 'map']);
  assert.deepEqual(labels('|'), [
    'system',
    'domains',
    'memory_region',
    'io_address_space',
    'protection_domain',
    'channel',
  ]);
  assert.deepEqual(labels('<system><channel></|'), ['channel']);
  const { documents, file, place, plain } = at('<system>\n  mem|\n</system>');
  const [, found] = documents.complete(file, place);
  assert.equal(found?.snippet, '<memory_region name="$1" />$0');
  assert.equal(editedText(plain, [{ file, range: found.range, text: 'X' }]), '<system>\n  X\n</system>');
});

test('attributes that are not there yet', () => {
  assert.deepEqual(labels(PD('    <map mr="uart" | />')), [
    'vaddr',
    'perms',
    'cached',
    'setvar_vaddr',
    'setvar_size',
    'setvar_prefill_size',
  ]);
  assert.deepEqual(labels(PD('    <irq ir|')), ['irq', 'id', 'trigger', 'setvar_id']);
  assert.deepEqual(labels('<system><nothing |></system>'), []);
});

test('values: names, words, and what the tree has', () => {
  assert.deepEqual(labels(PD('    <map mr="|')), ['uart', 'ring']);
  assert.deepEqual(labels(PD('    <map mr="uart" cached="|" />')), ['true', 'false']);
  assert.deepEqual(labels(PD('    <map mr="uart" perms=|')), ['r', 'rw', 'rx', 'rwx', 'x']);
  assert.deepEqual(labels(PD('    <irq irq="|" id="1" />')), ['33']);
  assert.deepEqual(labels(PD('    <irq irq="33" id="0" /><irq irq="33" id="|" />')), ['1', '2', '3', '4']);
  assert.deepEqual(labels(PD('    <irq irq="33" trigger="|" />')), ['level', 'edge']);
  assert.deepEqual(labels(`${PD('')}<channel><end pd="|" />`), ['driver']);
  assert.deepEqual(
    labels(PD('<virtual_machine name="g"><vcpu id="0" /><map mr="uart" vaddr="|" /></virtual_machine>')),
    ['0x9000000'],
  );
  assert.ok(labels('<system><memory_region name="x" phys_addr="|" /></system>').includes('0x9000000'));
  assert.deepEqual(labels('<system><memory_region phys_addr="0x9000000" size="|" /></system>'), ['0x1000']);
});

test('names lead to where they are declared, and change together', () => {
  const { documents, file, place, plain } = at(PD('    <map mr="ua|rt" vaddr="0x2000000" cached="false" />'));
  assert.deepEqual(
    documents.definitions(file, place).map(({ range }) => range.start),
    [{ line: 2, column: 24 }],
  );
  assert.equal(documents.references(file, place, true).length, 2);
  assert.equal(documents.references(file, place, false).length, 1);
  assert.deepEqual(documents.renameable(file, place)?.start, { line: 6, column: 14 });
  const renaming = documents.rename(file, place, 'pl011');
  assert.ok('edits' in renaming);
  assert.equal(editedText(plain, renaming.edits), plain.replaceAll('"uart"', '"pl011"'));
  assert.deepEqual(documents.rename(file, place, 'ring'), {
    refused: 'there is a memory region of the name ring already',
  });
  assert.ok('refused' in documents.rename(file, place, 'a b'));
  assert.ok('refused' in documents.rename(file, { line: 1, column: 1 }, 'b'));
});

test('addresses and interrupts lead into the sources of the board’s tree', () => {
  for (const text of ['phys_addr="0x900|0000"', 'irq="3|3"']) {
    const whole = PD('    <irq irq="33" id="1" />');
    const { documents, file, place } = at(whole.replace(text.replace('|', ''), text));
    assert.deepEqual(
      documents.definitions(file, place).map((found) => [found.file, found.range.start.line]),
      [['/w/board.dts', 13]],
      text,
    );
  }
  const { documents, file, place } = at('board: board.dts\npass: [ser|ial0]\n', '/w/request.yaml', 'request');
  assert.deepEqual(
    documents.definitions(file, place).map((found) => [found.file, found.range.start.line]),
    [['/w/board.dts', 13]],
  );
  assert.deepEqual(
    documents.symbols(file).map(({ name, detail }) => [name, detail]),
    [
      ['board', 'board.dts'],
      ['pass', ''],
    ],
  );
});

test('the outline is nested as the description is', () => {
  const { documents, file } = at(
    PD('    <irq irq="33" id="1" /><virtual_machine name="g"></virtual_machine>|'),
  );
  const shape = documents
    .symbols(file)
    .map(({ name, kind, children }) => [name, kind, children.map((child) => child.name)]);
  assert.deepEqual(shape, [
    ['uart', 'memory region', []],
    ['ring', 'memory region', []],
    ['driver', 'protection domain', ['irq 33', 'g']],
  ]);
});

test('a description is laid out as format does it, unless something would be lost', () => {
  const { documents, file, plain } = at(
    '<system>|<memory_region size="4096" name="a"/><protection_domain name="d"><program_image path="d.elf"/></protection_domain></system>',
  );
  const edits = documents.format(file);
  assert.match(
    editedText(plain, edits ?? []),
    /^<\?xml.*\n<system>\n {2}<memory_region name="a" size="0x1000" \/>\n/,
  );
  documents.set(file, 'description', '<system><memory_region/></system>');
  assert.equal(documents.format(file), undefined);
  documents.set(file, 'description', `#include "names.h"\n${PD('')}`);
  assert.equal(documents.format(file), undefined);
});

const FIXES: readonly (readonly [code: string, wrong: string, right: string])[] = [
  ['board/trigger', '<irq irq="33" id="1" trigger="edge" />', '<irq irq="33" id="1" trigger="level" />'],
  ['board/irq-of-nothing', '<irq irq="65" id="1" />', '<irq irq="33" id="1" />'],
  ['sdf/unknown-region', '<map mr="uatr" vaddr="0x2000000" />', '<map mr="uart" vaddr="0x2000000" />'],
  ['sdf/unknown-attribute', '<map mr="uart" vadr="0x2000000" />', '<map mr="uart" vaddr="0x2000000" />'],
  ['sdf/unknown-element', '<mapp mr="uart" vaddr="0x2000000" />', '<map mr="uart" vaddr="0x2000000" />'],
  ['sdf/not-decimal', '<irq irq="0x21" id="1" />', '<irq irq="33" id="1" />'],
  ['sdf/bad-value', '<map mr="uart" vaddr="0X2000000" />', '<map mr="uart" vaddr="0x2000000" />'],
  ['sdf/bad-choice', '<irq irq="33" id="1" trigger="levle" />', '<irq irq="33" id="1" trigger="level" />'],
  [
    'sdf/write-only',
    '<map mr="uart" vaddr="0x2000000" perms="w" />',
    '<map mr="uart" vaddr="0x2000000" perms="rw" />',
  ],
  [
    'sdf/duplicate-id',
    '<irq irq="33" id="0" /><irq irq="34" id="0" />',
    '<irq irq="33" id="0" /><irq irq="34" id="1" />',
  ],
  [
    'sdf/setvar-region',
    '<setvar symbol="s" region_paddr="rign" />',
    '<setvar symbol="s" region_paddr="ring" />',
  ],
];

for (const [code, wrong, right] of FIXES) {
  test(`${code} is done away with by its fix`, () => {
    const { documents, file, plain } = at(`|${PD(`    ${wrong}`)}`);
    const index = documents.findings(file).findIndex(({ diagnostic }) => diagnostic.code === code);
    assert.ok(index >= 0, JSON.stringify(documents.findings(file).map(({ diagnostic }) => diagnostic.code)));
    const range = documents.findings(file)[index]?.range;
    assert.ok(range);
    const action = documents.actions(file, range).find(({ finding }) => finding === index);
    assert.ok(action, 'a fix');
    const after = editedText(plain, action.edits);
    assert.equal(after, PD(`    ${right}`));
    documents.set(file, 'description', after);
    assert.ok(!documents.findings(file).some(({ diagnostic }) => diagnostic.code === code));
  });
}

test('what a macro wrote is not edited', () => {
  const text = `#define TRIGGER "edge"\n${PD('    <irq irq="33" id="1" trigger=TRIGGER />')}`;
  const { documents, file } = at(`|${text}`);
  const found = documents.findings(file).find(({ diagnostic }) => diagnostic.code === 'board/trigger');
  assert.ok(found !== undefined && found.diagnostic.fix === undefined);
  const { documents: others } = at(`|#define NOTHING\n${PD('    <irq irq="33" id="1" trigger="edge" />')}`);
  assert.equal(
    others.actions(file, { start: { line: 1, column: 1 }, end: { line: 99, column: 1 } }).length,
    1,
  );
});

test('keys and values of requests, by their schema', () => {
  const request = (text: string) => labels(text, '/w/request.yaml', 'request');
  assert.ok(request('boa|').includes('board'));
  assert.ok(!request('board: board.dts\n|').includes('board'));
  assert.deepEqual(request('board:\n  |'), ['dtb', 'microkit']);
  assert.deepEqual(request('board: { dtb: board.dts, |'), ['microkit']);
  assert.ok(request('guests:\n  - name: a\n    |').includes('kernel'));
  assert.ok(request('drivers:\n  - |').includes('pass'));
  assert.deepEqual(request('firmware: |'), ['auto', 'forward', 'none']);
  assert.ok(request('board: board.dts\npass:\n  - |').includes('serial0'));
  assert.ok(request('board: board.dts\npass: [serial0, |]').includes('&uart'));
  assert.ok(request('board: board.dts\nclocks:\n  |').includes('serial0'));
  assert.deepEqual(request('board: |'), ['board.dts', 'drivervm.yaml', 'names.h']);
  assert.ok(request('board: { microkit: | }').includes('odroidc4'));
  const settings = (text: string) => labels(text, '/w/drivervm.yaml', 'settings');
  assert.ok(settings('|').includes('guest-dtb'));
  assert.ok(settings('board: |').includes('odroidc4'));
  assert.deepEqual(settings('cpp: |'), ['true', 'false']);
});
