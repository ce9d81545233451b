/** `drivervm lsp` as an editor speaks with it: by the protocol's own library, over standard input and output. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import {
  type CodeAction,
  CodeActionRequest,
  type CompletionItem,
  CompletionRequest,
  DefinitionRequest,
  DocumentFormattingRequest,
  DocumentSymbolRequest,
  type Location,
  ReferencesRequest,
  RenameRequest,
  type TextEdit,
} from 'vscode-languageserver-protocol/node';
import { LanguageClient, placeIn } from './support/language-client.ts';
import { virtTree } from './support/virt-tree.ts';

const place = mkdtempSync(join(tmpdir(), 'drivervm-lsp-'));
after(() => rmSync(place, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(place, name);
  writeFileSync(path, text);
  return path;
}

const TREE = virtTree(`  rtc: pl031@9010000 {
    compatible = "arm,pl031", "arm,primecell";
    reg = <0x9010000 0x1000>;
    interrupts = <0 2 4>;
  };
`);

const SYSTEM = `<system>
  <memory_region name="uart" size="0x1000" phys_addr="0x9000000" />
  <protection_domain name="driver" priority="100">
    <program_image path="driver.elf" />
    <map mr="uart" vaddr="0x2000000" perms="rw" cached="false" />
    <irq irq="33" id="1" trigger="edge" />
  </protection_domain>
</system>
`;

test('a description is checked as it is typed, with the tree that drivervm.yaml names', async () => {
  file('board.dts', TREE);
  const settings = file('drivervm.yaml', 'board: qemu_virt_aarch64\ndtb: board.dts\n');
  const client = new LanguageClient();
  const { capabilities, serverInfo } = await client.initialize();
  assert.equal(serverInfo?.name, 'drivervm');
  assert.equal(capabilities.hoverProvider, true);
  const uri = await client.open(file('a.system', SYSTEM), SYSTEM);
  const [found] = await client.codes(uri, ['board/trigger']);
  const [line, character] = placeIn(SYSTEM, 'edge');
  assert.deepEqual(found?.range, { start: { line, character }, end: { line, character: character + 4 } });
  assert.match(found?.codeDescription?.href ?? '', /^file:.*diagnostics\.md#boardtrigger$/);

  const hover = await client.hover(uri, ...placeIn(SYSTEM, 'irq="33"', 2));
  assert.match(hover, /\*\*INTID 33 \(SPI 1\)\*\*, edge, channel 1/);
  assert.match(hover, /raised by `pl011@9000000` \(`\/pl011@9000000`\); the tree says level/);
  const region = await client.hover(uri, ...placeIn(SYSTEM, '"uart" vaddr', 2));
  assert.match(region, /\*\*memory region `uart`\*\*: `0x9000000–0x9001000`, 4 KiB/);
  assert.match(region, /`driver`: `rw`, uncached, at `0x2000000`/);
  assert.match(region, /`pl011@9000000` `0x9000000–0x9001000`/);

  const start = { line, character };
  await client.change(uri, { range: { start, end: { line, character: character + 4 } }, text: 'level' });
  await client.codes(uri, []);
  const [at] = placeIn(SYSTEM, '<map');
  const row = { line: at, character: 0 };
  await client.change(uri, { range: { start: row, end: row }, text: '<map mr="uart" vaddr=\n' });
  await client.codes(uri, ['xml/bad-tag']);
  // What can't be read is still seen.
  assert.match(await client.hover(uri, at, 2), /A memory region in the address space/);
  await client.change(uri, { text: SYSTEM });
  await client.codes(uri, ['board/trigger']);

  const yaml = await client.open(
    settings,
    'board: qemu_virt_aarch65\ndtb: board.dts\nguset-dtb: x\n',
    'yaml',
  );
  await client.codes(yaml, ['request/wrong-value', 'request/unknown-key']);
  // The description's findings now are those of the settings as they stand in the editor.
  await client.codes(pathToFileURL(join(place, 'a.system')).href, []);
  await client.close(yaml);
  await client.codes(uri, ['board/trigger']);
  await client.codes(yaml, []);
  assert.deepEqual(client.logged, []);
  assert.equal(await client.end(), 0);
});

test('a request is planned as it is typed', async () => {
  file('board.dts', TREE);
  const client = new LanguageClient();
  await client.initialize();
  const text = 'board: board.dts\nkernel: Image\npass: [serial0, rtcc]\nvcpu: 2\n';
  const uri = await client.open(file('request.yaml', text), text, 'yaml');
  await client.codes(uri, ['request/unknown-key']);
  assert.match(await client.hover(uri, ...placeIn(text, 'kernel', 1)), /`kernel`: the kernel/);
  const device = await client.hover(uri, ...placeIn(text, 'serial0', 1));
  assert.match(device, /\*\*`pl011@9000000`\*\* `\/pl011@9000000`/);
  assert.match(device, /INTID 33 \(SPI 1\), level/);
  assert.equal(await client.end(), 0);
});

/** A text after a client's edits, none of which overlap. */
function applied(text: string, edits: readonly TextEdit[]): string {
  const starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  const offset = ({ line, character }: TextEdit['range']['start']) =>
    (starts[line] ?? text.length) + character;
  return [...edits]
    .sort((a, b) => offset(b.range.start) - offset(a.range.start))
    .reduce(
      (before, { range, newText }) =>
        before.slice(0, offset(range.start)) + newText + before.slice(offset(range.end)),
      text,
    );
}

test('an editor completes, goes to what is named, renames, lays out, and applies a fix that leaves nothing', async () => {
  file('board.dts', TREE);
  file('drivervm.yaml', 'board: qemu_virt_aarch64\ndtb: board.dts\n');
  const client = new LanguageClient();
  const { connection } = client;
  await client.initialize();
  const path = file('b.system', SYSTEM);
  const uri = await client.open(path, SYSTEM);
  const textDocument = { uri };
  const positionOf = (word: string, further = 0) => {
    const [line, character] = placeIn(SYSTEM, word, further);
    return { line, character };
  };
  const items = (await connection.sendRequest(CompletionRequest.type, {
    textDocument,
    position: positionOf('mr="uart"', 4),
  })) as readonly CompletionItem[];
  assert.deepEqual(
    items.map(({ label, textEdit }) => [label, textEdit?.newText]),
    [['uart', 'uart']],
  );
  const position = positionOf('"uart" vaddr', 2);
  const defined = await connection.sendRequest(DefinitionRequest.type, { textDocument, position });
  assert.deepEqual(
    (defined as readonly Location[]).map((found) => [found.uri, found.range.start]),
    [[uri, positionOf('uart')]],
  );
  const node = await connection.sendRequest(DefinitionRequest.type, {
    textDocument,
    position: positionOf('0x9000000', 2),
  });
  const [line] = placeIn(TREE, 'uart: pl011');
  assert.deepEqual(
    (node as readonly Location[]).map((found) => [found.uri, found.range.start.line]),
    [[pathToFileURL(join(place, 'board.dts')).href, line]],
  );
  const used = await connection.sendRequest(ReferencesRequest.type, {
    textDocument,
    position,
    context: { includeDeclaration: true },
  });
  assert.equal(used?.length, 2);
  const renamed = await connection.sendRequest(RenameRequest.type, {
    textDocument,
    position,
    newName: 'pl011',
  });
  assert.equal(applied(SYSTEM, renamed?.changes?.[uri] ?? []), SYSTEM.replaceAll('"uart"', '"pl011"'));
  await assert.rejects(
    connection.sendRequest(RenameRequest.type, { textDocument, position, newName: '' }),
    /a name is not empty/,
  );
  const symbols = await connection.sendRequest(DocumentSymbolRequest.type, { textDocument });
  assert.deepEqual(
    symbols?.map(({ name }) => name),
    ['uart', 'driver'],
  );
  const laidOut = await connection.sendRequest(DocumentFormattingRequest.type, {
    textDocument,
    options: { tabSize: 2, insertSpaces: true },
  });
  assert.match(applied(SYSTEM, laidOut ?? []), /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<system>\n/);

  const [found] = await client.codes(uri, ['board/trigger']);
  assert.ok(found);
  const actions = await connection.sendRequest(CodeActionRequest.type, {
    textDocument,
    range: found.range,
    context: { diagnostics: [found] },
  });
  const [action] = (actions ?? []) as readonly CodeAction[];
  assert.equal(action?.title, 'write trigger="level"');
  await client.change(uri, { text: applied(SYSTEM, action?.edit?.changes?.[uri] ?? []) });
  await client.codes(uri, []);
  assert.deepEqual(client.logged, []);
  assert.equal(await client.end(), 0);
});

test('what is typed fast is right at its end, and nothing is kept of what was before', async () => {
  file('board.dts', TREE);
  file('drivervm.yaml', 'board: qemu_virt_aarch64\ndtb: board.dts\n');
  const client = new LanguageClient();
  await client.initialize();
  const uri = await client.open(file('c.system', SYSTEM), SYSTEM);
  const [line, character] = placeIn(SYSTEM, '</system>');
  const start = { line, character };
  const word = '<channel>';
  for (let typed = 0; typed < 500; typed += 1) {
    const at = { line, character: character + (typed % word.length) };
    const isDone = typed % word.length === 0 && typed > 0;
    if (isDone)
      await client.change(uri, {
        range: { start, end: { line, character: character + word.length } },
        text: '',
      });
    await client.change(uri, { range: { start: at, end: at }, text: word[typed % word.length] ?? '' });
    if (typed % 50 === 0) await client.hover(uri, ...placeIn(SYSTEM, 'irq="33"', 2));
  }
  await client.change(uri, { text: SYSTEM.replace('edge', 'level') });
  await client.codes(uri, []);
  assert.deepEqual(client.logged, []);
  assert.equal(await client.end(), 0);
});

test('whatever is opened and asked, the server goes on', async () => {
  const client = new LanguageClient();
  const { connection } = client;
  await client.initialize();
  const hostile: readonly (readonly [string, string])[] = [
    ['deep.system', '<a>'.repeat(200_000)],
    ['wide.system', `<system>${'<memory_region name="x" size="0x1000" />'.repeat(20_000)}</system>`],
    ['broken.system', '<system <map mr=\'"\n</ <!-- <![CDATA[ <? \u0000 &#x110000; "'],
    ['macros.system', '#define A A B\n#define B A A\n#include "macros.system"\n#if (\n<system x=A/>'],
    ['empty.system', ''],
    ['lone.system', '\ud800<system\udfff'],
    ['deep.request.yaml', '['.repeat(50_000)],
    ['wide.request.yaml', '- {a: ['.repeat(5000)],
    ['alias.request.yaml', 'a: &a [*a, *a]\nboard: *a\n'],
    ['board.request.yaml', 'board: /dev/zero\n'],
    ['stdin.request.yaml', 'board: "-"\nkernel: /dev/stdin\n'],
    ['none.request.yaml', 'board: nowhere.dtb\nkernel: .\ninitrd: ..\n'],
  ];
  const positions = [
    { line: 0, character: 0 },
    { line: 0, character: 7 },
    { line: -1, character: -1 },
    { line: 1e9, character: 1e9 },
    { line: 0.5, character: Number.NaN },
  ];
  for (const [name, text] of hostile) {
    const uri = await client.open(join(place, name), text, name.endsWith('.yaml') ? 'yaml' : 'xml');
    for (const position of positions) {
      await client.hover(uri, position.line, position.character);
      await connection.sendRequest(CompletionRequest.type, { textDocument: { uri }, position });
      await connection.sendRequest(DefinitionRequest.type, { textDocument: { uri }, position });
    }
    await connection.sendRequest(DocumentSymbolRequest.type, { textDocument: { uri } });
    await client.close(uri);
  }
  assert.equal(await client.hover('file:///nowhere.system', 0, 0), '');
  assert.equal(await client.hover('untitled:Untitled-1', 0, 0), '');
  assert.deepEqual(client.logged, []);
  assert.equal(client.process.exitCode, null);
  assert.equal(await client.end(), 0);
});
