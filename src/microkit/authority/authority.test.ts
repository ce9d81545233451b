import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BOARD_DTS, GUEST_SYSTEM, resolvedTree } from '../../../test/support/guest-trees.ts';
import { DiagnosticSink } from '../../base/index.ts';
import { readDescription } from '../read/index.ts';
import { plainSource } from '../xml/index.ts';
import { authorityOf, compareAuthority, explainAuthority, printAuthorityChanges } from './index.ts';

const TREE = resolvedTree('board.dts', BOARD_DTS);

function authority(text: string) {
  const sink = new DiagnosticSink();
  const read = readDescription(plainSource('a.system', text), sink);
  assert.ok(read !== undefined && !sink.hasErrors);
  return authorityOf(read, { tree: TREE });
}

const OTHER = GUEST_SYSTEM.replace(
  '</system>',
  `  <protection_domain name="client" priority="1"><program_image path="c.elf" /></protection_domain>
  <channel><end pd="client" id="0" pp="true" /><end pd="VMM" id="9" notify="false" /></channel>
</system>`,
);

test('explain: who may touch what, page by page', () => {
  assert.equal(
    explainAuthority(authority(OTHER)),
    `Who may touch which memory

  ram  0x80000000–0x90000000  256 MiB in 128 pages of 2 MiB
    linux (guest of VMM)  rwx  cached  at the same address

  gicv  0xffc06000–0xffc08000  8 KiB in 2 pages of 4 KiB
    linux (guest of VMM)  rw  uncached  at 0xffc02000
      0xffc06000–0xffc08000  interrupt-controller@ffc01000  not all of its registers

  clocks  0xff63c000–0xff63d000  4 KiB in 1 page of 4 KiB
    linux (guest of VMM)  rw  uncached  at the same address
      0xff63c000–0xff63d000  clock-controller@ff63c000

  bus  0xff800000–0xff806000  24 KiB in 6 pages of 4 KiB
    linux (guest of VMM)  rw  uncached  at the same address
      0xff803000–0xff803018  serial@ff803000
      0xff804000–0xff804020  i2c@ff804000     disabled in the tree
      0xff805000–0xff805100  spi@ff805000     on one page with adc@ff805800
      0xff805800–0xff805900  adc@ff805800     on one page with spi@ff805000

  eth  0xff3f0000–0xff400000  64 KiB in 16 pages of 4 KiB
    linux (guest of VMM)  rw  uncached  at the same address
      0xff3f0000–0xff400000  ethernet@ff3f0000

Where interrupts go

  INTID 40 (SPI 8)     level  → VMM, channel 2  ethernet@ff3f0000
  INTID 54 (SPI 22)    level  → VMM, channel 3  spi@ff805000
  INTID 55 (SPI 23)    level  → VMM, channel 4  adc@ff805800
  INTID 225 (SPI 193)  edge   → VMM, channel 1  serial@ff803000

Who may call and notify whom

  client (channel 0)  calls and notifies  VMM (channel 9)

What else is given

  VMM manages the virtual machine linux

Physical memory

  0x00000000–0x80000000  2 GiB    ·
  0x80000000–0x90000000  256 MiB  █ RAM      ram: linux rwx
  0x90000000–0xff3f0000  1.7 GiB  ·
  0xff3f0000–0xff400000  64 KiB   ▒ devices  eth: linux rw  (ethernet@ff3f0000)
  0xff400000–0xff63c000  2.2 MiB  ·
  0xff63c000–0xff63d000  4 KiB    ▒ devices  clocks: linux rw  (clock-controller@ff63c000)
  0xff63d000–0xff800000  1.8 MiB  ·
  0xff800000–0xff806000  24 KiB   ▒ devices  bus: linux rw  (serial@ff803000, spi@ff805000, adc@ff805800)
  0xff806000–0xffc06000  4 MiB    ·
  0xffc06000–0xffc08000  8 KiB    ▒ devices  gicv: linux rw  (interrupt-controller@ffc01000)
`,
  );
});

test('diff: authority gained, lost and changed, whatever the text', () => {
  const changed = OTHER.replace(
    'name="bus" size="0x6000" phys_addr="0xff800000"',
    'name="low" size="0x4000" phys_addr="0xff800000"',
  )
    .replace('mr="bus"', 'mr="low"')
    .replace('vaddr="0xff3f0000" perms="rw"', 'vaddr="0xff3f0000" perms="r"')
    .replace('trigger="edge"', 'trigger="level"')
    .replace('<irq irq="55" id="4" />', '<irq irq="56" id="4" />')
    .replace(' notify="false"', '')
    .replace('name="client" priority="1"', 'name="client" priority="1" smc="true"');
  assert.equal(
    printAuthorityChanges(compareAuthority(authority(OTHER), authority(changed))),
    `+ VMM receives INTID 56 (SPI 24), level
+ VMM may notify client
~ VMM receives INTID 225 (SPI 193) of serial@ff803000, level, before edge
- VMM no longer receives INTID 55 (SPI 23) of adc@ff805800
+ client may make secure monitor calls
~ linux (guest of VMM) has r uncached instead of rw uncached on 0xff3f0000–0xff400000 (64 KiB): ethernet@ff3f0000
- linux (guest of VMM) loses rw uncached on 0xff804000–0xff806000 (8 KiB): spi@ff805000, adc@ff805800
`,
  );
});

test('diff: another way to write the same is no difference', () => {
  const split = GUEST_SYSTEM.replace(
    '<memory_region name="eth" size="0x10000" phys_addr="0xff3f0000" />',
    '<memory_region name="e1" size="0x8000" phys_addr="0xff3f0000" /><memory_region name="e2" size="0x8_000" phys_addr="0xff3f8000" />',
  ).replace(
    '<map mr="eth" vaddr="0xff3f0000" perms="rw" cached="false" />',
    '<map mr="e2" vaddr="0xff3f8000" perms="wr" cached="false" /><map mr="e1" vaddr="0xff3f0000" cached="false" />',
  );
  const changes = compareAuthority(authority(GUEST_SYSTEM), authority(split));
  assert.equal(printAuthorityChanges(changes), 'both give the same authority\n');
});

test('explain: a guest that serves another, and what it could do to it', () => {
  const served = (more: string) =>
    GUEST_SYSTEM.replace(
      '<memory_region',
      '<memory_region name="queue" size="0x1000" />\n  <memory_region name="own" size="0x1000" />\n  <memory_region',
    )
      .replace(
        '<map mr="ram"',
        '<map mr="queue" vaddr="0x1000000" perms="rw" cached="false" />\n      <map mr="ram"',
      )
      .replace(
        '</system>',
        `  <protection_domain name="virt" priority="200"><program_image path="v.elf" /><map mr="queue" vaddr="0x3000000" perms="rw" /></protection_domain>
  <protection_domain name="client_vmm" priority="2"><program_image path="c.elf" /><virtual_machine name="client"><vcpu id="0" /><map mr="own" vaddr="0x40000000" perms="rwx" /></virtual_machine></protection_domain>
  <channel><end pd="virt" id="0" /><end pd="VMM" id="20" /></channel>
  <channel><end pd="virt" id="1" /><end pd="client_vmm" id="1" /></channel>
</system>`,
      )
      .replace('<map mr="queue" vaddr="0x1000000"', `${more}<map mr="queue" vaddr="0x1000000"`);
  const lines = [
    '  linux (guest of VMM) serves client through virt',
    '    shares with it queue',
    '    could read, change and withhold what client asks for there',
  ];
  const all = [...lines, '    has none of the memory that client runs from'];
  assert.ok(
    explainAuthority(authority(served(''))).includes(`Guests that serve others\n\n${all.join('\n')}\n`),
  );
  const worse = explainAuthority(authority(served('<map mr="own" vaddr="0x2000000" perms="rw" />\n      ')));
  assert.ok(worse.includes([...lines, '    has memory that client runs from: own'].join('\n')), worse);
  assert.ok(!explainAuthority(authority(OTHER)).includes('Guests that serve others'));
});
