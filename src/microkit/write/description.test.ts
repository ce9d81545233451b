import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DiagnosticSink } from '../../base/index.ts';
import type { SystemDescription } from '../description.ts';
import { readDescription } from '../read/index.ts';
import { plainSource } from '../xml/index.ts';
import { formatDescription, writeDescription } from './index.ts';

function read(text: string) {
  const sink = new DiagnosticSink();
  const result = readDescription(plainSource('a.system', text), sink);
  assert.ok(result !== undefined && !sink.hasErrors, JSON.stringify(sink.sorted()));
  return result;
}

const UART = { name: 'uart', sizeBytes: 0x1000, physAddr: 0xff80_3000 };
const UART_IRQ = { kind: 'platform', irq: 225, id: 1, trigger: 'edge' } as const;
const DESCRIPTION: SystemDescription = {
  memoryRegions: [UART],
  ioAddressSpaces: [],
  protectionDomains: [
    {
      name: 'VMM',
      priority: 10,
      programImage: { path: 'vmm.elf' },
      maps: [],
      virtualMachine: {
        name: 'linux',
        priority: 1,
        vcpus: [{ id: 0 }],
        maps: [{ mr: 'uart', vaddr: 0xff80_3000, perms: 'rw', cached: false }],
      },
      irqs: [UART_IRQ],
      ioports: [],
      setvars: [],
      capMaps: [],
      children: [],
    },
  ],
  channels: [],
};

test('a description with comments, in both dialects', () => {
  const comments = new Map<object, readonly string[]>([
    [UART, ['4 KiB: serial@3000']],
    [UART_IRQ, ['SPI 193: serial@3000', 'two\nlines -- with hyphens -']],
  ]);
  const options = { comments: (part: object) => comments.get(part) ?? [] };
  assert.equal(
    writeDescription(DESCRIPTION, options),
    `<?xml version="1.0" encoding="UTF-8"?>
<system>
  <!-- 4 KiB: serial@3000 -->
  <memory_region name="uart" size="0x1000" phys_addr="0xff803000" />

  <protection_domain name="VMM" priority="10">
    <program_image path="vmm.elf" />
    <virtual_machine name="linux" priority="1">
      <vcpu id="0" />
      <map mr="uart" vaddr="0xff803000" perms="rw" cached="false" />
    </virtual_machine>
    <!-- SPI 193: serial@3000 -->
    <!--
      two
      lines - - with hyphens -
    -->
    <irq irq="225" id="1" trigger="edge" />
  </protection_domain>
</system>
`,
  );
  const older = writeDescription(DESCRIPTION, { dialect: 'older' });
  assert.match(older, /<virtual_machine name="linux" id="0" priority="1">\n {6}<map /);
  assert.deepEqual(read(older).description, DESCRIPTION);
});

test('formatting keeps meaning and comments, and formatting twice is formatting once', () => {
  const untidy = `<system> <!-- about
      the region --><memory_region size="4_096" name='a&quot;&lt;' /><!-- last words -->
    <protection_domain name="p"><!-- image --><program_image path="p.elf"/><!-- nothing more --></protection_domain>
    <channel><end id="1" pd="p"/><!-- other --><end id="2" pd="p"/></channel><!-- end --></system>`;
  const first = read(untidy);
  const formatted = formatDescription(first);
  assert.equal(
    formatted,
    `<?xml version="1.0" encoding="UTF-8"?>
<system>
  <!--
    about
    the region
  -->
  <memory_region name="a&quot;&lt;" size="0x1000" />

  <!-- last words -->
  <protection_domain name="p">
    <!-- image -->
    <program_image path="p.elf" />
    <!-- nothing more -->
  </protection_domain>

  <channel>
    <end pd="p" id="1" />
    <!-- other -->
    <end pd="p" id="2" />
  </channel>
  <!-- end -->
</system>
`,
  );
  const second = read(formatted);
  assert.deepEqual(second.description, first.description);
  assert.equal(formatDescription(second), formatted);
});
