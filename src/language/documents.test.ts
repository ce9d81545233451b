/** Documents over files in memory: what is found, and when it is looked for anew. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { virtTree } from '../../test/support/virt-tree.ts';
import { memoryHost } from '../workspace/index.ts';
import { Documents, documentKindOf } from './index.ts';

const TREE = virtTree(
  '  clock: apb-pclk { compatible = "fixed-clock"; #clock-cells = <0>; clock-frequency = <24000000>; };\n',
  '    clocks = <&clock>;\n    clock-names = "apb_pclk";\n',
);

const SYSTEM = `<system>
  <memory_region name="uart" size="0x1000" phys_addr="0x9000000" />
  <protection_domain name="driver" priority="100">
    <program_image path="driver.elf" />
    <map mr="uart" vaddr="0x2000000" perms="rw" cached="false" />
    <irq irq="33" id="1" trigger="edge" />
  </protection_domain>
</system>
`;

const codesOf = (documents: Documents, file: string) =>
  documents.findings(file).map(({ diagnostic }) => diagnostic.code);

test('what an open document says stands in place of the file, for those that are made of it', () => {
  const host = memoryHost({
    '/w/drivervm.yaml': 'board: qemu_virt_aarch64\ndtb: trees/board.dts\n',
    '/w/trees/board.dts': TREE,
  });
  const documents = new Documents(host.files);
  assert.deepEqual(documents.set('/w/sub/a.system', 'description', SYSTEM), ['/w/sub/a.system']);
  assert.deepEqual(codesOf(documents, '/w/sub/a.system'), ['board/trigger']);
  assert.deepEqual(documents.set('/w/sub/a.system', 'description', SYSTEM), []);
  const stale = documents.set('/w/drivervm.yaml', 'settings', 'board: qemu_virt_aarch64\n');
  assert.deepEqual([...stale].sort(), ['/w/drivervm.yaml', '/w/sub/a.system']);
  assert.deepEqual(codesOf(documents, '/w/sub/a.system'), []);
  assert.deepEqual(documents.close('/w/drivervm.yaml'), ['/w/sub/a.system']);
  assert.deepEqual(codesOf(documents, '/w/sub/a.system'), ['board/trigger']);
  host.files.writeAtomically('/w/trees/board.dts', TREE.replace('<0 1 4>', '<0 1 1>'));
  assert.deepEqual(documents.changed(['/w/trees/board.dts']), ['/w/sub/a.system']);
  assert.deepEqual(codesOf(documents, '/w/sub/a.system'), []);
  assert.deepEqual(documents.changed(['/w/trees/other.dts']), []);
});

test('a finding in an included file is there, with the way to it', () => {
  const host = memoryHost({ '/w/ram.h': '#define RAM 0x40000001\n#error "not today"\n' });
  const documents = new Documents(host.files);
  documents.set('/w/a.system', 'description', `#include "ram.h"\n${SYSTEM}`);
  const [finding] = documents.findings('/w/a.system');
  assert.equal(finding?.file, '/w/ram.h');
  assert.deepEqual(finding?.range.start, { line: 2, column: 1 });
  assert.deepEqual(
    finding?.related.map(({ file, range }) => [file, range.start.line]),
    [['/w/a.system', 1]],
  );
});

test('files that can’t be read, or read twice, are findings', () => {
  const host = memoryHost({ '/w/drivervm.yaml': 'dtb: /dev/zero\n' });
  const files = {
    ...host.files,
    status: (path: string) =>
      path === '/dev/zero' ? { kind: 'other' as const, sizeBytes: 0 } : host.files.status(path),
    read: (path: string) => host.files.read(path),
    join: (...parts: readonly string[]) => host.files.join(...parts),
    dirname: (path: string) => host.files.dirname(path),
  } as typeof host.files;
  const documents = new Documents(files);
  documents.set('/w/a.system', 'description', SYSTEM.replace('size=', 'siez='));
  assert.deepEqual(codesOf(documents, '/w/a.system'), [
    'host/cannot-access',
    'sdf/no-size',
    'sdf/unknown-attribute',
  ]);
});

test('what a file is read as', () => {
  assert.equal(documentKindOf('/w/a.system', 'xml', ''), 'description');
  assert.equal(documentKindOf('untitled:Untitled-1', 'microkit-system', ''), 'description');
  assert.equal(documentKindOf('/w/drivervm.yaml', 'yaml', ''), 'settings');
  assert.equal(documentKindOf('/w/request.yaml', 'yaml', ''), 'request');
  assert.equal(documentKindOf('/w/my-request.yml', 'yaml', ''), 'request');
  assert.equal(
    documentKindOf('/w/everything.yaml', 'yaml', '# yaml-language-server: $schema=../request.schema.json\n'),
    'request',
  );
  assert.equal(documentKindOf('/w/docker-compose.yaml', 'yaml', 'board: 1\n'), undefined);
  assert.equal(documentKindOf('/w/a.ts', 'typescript', ''), undefined);
});

test('devices and keys are told of in a request', () => {
  const host = memoryHost({ '/w/board.dts': TREE });
  const documents = new Documents(host.files);
  const text =
    'board: { dtb: board.dts, microkit: qemu_virt_aarch64 }\npass: [serial0, "/nothing"]\nclocks:\n  serial0: 24000000\n';
  documents.set('/w/request.yaml', 'request', text);
  const hover = (line: number, column: number) =>
    documents.hover('/w/request.yaml', { line, column })?.markdown ?? '';
  assert.match(hover(1, 2), /`board`: the board's device tree/);
  assert.match(hover(1, 40), /\*\*board `qemu_virt_aarch64`\*\*: aarch64/);
  assert.match(hover(2, 10), /\*\*`pl011@9000000`\*\* `\/pl011@9000000`\n\n`arm,pl011`, `arm,primecell`/);
  assert.match(hover(2, 10), /- INTID 33 \(SPI 1\), level/);
  assert.match(hover(2, 10), /- `clocks` \(apb_pclk\): `apb-pclk`/);
  assert.match(hover(4, 4), /pl011@9000000/);
  assert.match(hover(2, 20), /devices to pass through/);
  assert.equal(documents.hover('/w/request.yaml', { line: 99, column: 1 }), undefined);
  assert.equal(documents.hover('/w/nowhere.yaml', { line: 1, column: 1 }), undefined);
});
