/** `drivervm lsp` as an editor speaks with it: by the protocol's own library, over standard input and output. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { LanguageClient, placeIn } from './support/language-client.ts';

const place = mkdtempSync(join(tmpdir(), 'drivervm-lsp-'));
after(() => rmSync(place, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(place, name);
  writeFileSync(path, text);
  return path;
}

const TREE = `/dts-v1/;
/ {
  #address-cells = <1>;
  #size-cells = <1>;
  interrupt-parent = <&gic>;
  aliases { serial0 = &uart; };
  gic: interrupt-controller@8000000 {
    compatible = "arm,cortex-a15-gic";
    reg = <0x8000000 0x10000>, <0x8010000 0x10000>, <0x8030000 0x10000>, <0x8040000 0x10000>;
    #interrupt-cells = <3>;
    interrupt-controller;
  };
  uart: pl011@9000000 {
    compatible = "arm,pl011", "arm,primecell";
    reg = <0x9000000 0x1000>;
    interrupts = <0 1 4>;
  };
  rtc: pl031@9010000 {
    compatible = "arm,pl031", "arm,primecell";
    reg = <0x9010000 0x1000>;
    interrupts = <0 2 4>;
  };
};
`;

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
  assert.match(await client.hover(uri, ...placeIn(text, 'kernel', 1)), /`kernel`: the kernel Image/);
  const device = await client.hover(uri, ...placeIn(text, 'serial0', 1));
  assert.match(device, /\*\*`pl011@9000000`\*\* `\/pl011@9000000`/);
  assert.match(device, /INTID 33 \(SPI 1\), level/);
  assert.equal(await client.end(), 0);
});
