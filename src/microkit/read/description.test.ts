import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DiagnosticSink, formatDiagnostic } from '../../base/index.ts';
import { plainSource } from '../xml/index.ts';
import { type ReadDescription, type ReadDescriptionOptions, readDescription } from './index.ts';

function read(text: string, options: ReadDescriptionOptions = {}): ReadDescription {
  const sink = new DiagnosticSink();
  const result = readDescription(plainSource('a.system', text), sink, options);
  assert.deepEqual(
    sink
      .sorted()
      .filter(({ severity }) => severity === 'error')
      .map(formatDiagnostic),
    [],
  );
  assert.ok(result);
  return result;
}

test('a driver VM as a value', () => {
  const { description } = read(`<?xml version="1.0" encoding="UTF-8"?>
<system>
  <memory_region name="ram" size="0x10_000_000" phys_addr="0x8000_0000" page_size="0x200_000" />
  <protection_domain name="VMM" priority="254" smc="true">
    <program_image path="vmm.elf" />
    <map mr="ram" vaddr="0x40000000" perms="wr" setvar_vaddr="guest_ram_vaddr" />
    <virtual_machine name="linux" priority="1">
      <vcpu id="0" cpu="2" />
      <map mr="ram" vaddr="0x80000000" perms="rwx" cached="false" />
    </virtual_machine>
    <irq irq="225" id="1" trigger="edge" setvar_id="uart" />
    <setvar symbol="ram_paddr" region_paddr="ram" />
    <cspace><cap_tcb slot="0x1" pd="child" /></cspace>
    <protection_domain name="child" id="3"><program_image path="c.elf" path_for_symbols="s.elf" /></protection_domain>
  </protection_domain>
  <channel><end pd="VMM" id="2" pp="true" /><end pd="child" id="0" notify="false" /></channel>
</system>`);
  assert.deepEqual(description, {
    memoryRegions: [{ name: 'ram', sizeBytes: 0x1000_0000, pageSizeBytes: 0x20_0000, physAddr: 0x8000_0000 }],
    ioAddressSpaces: [],
    protectionDomains: [
      {
        name: 'VMM',
        priority: 254,
        smc: true,
        programImage: { path: 'vmm.elf' },
        maps: [{ mr: 'ram', vaddr: 0x4000_0000, perms: 'rw', setvarVaddr: 'guest_ram_vaddr' }],
        virtualMachine: {
          name: 'linux',
          priority: 1,
          vcpus: [{ id: 0, cpu: 2 }],
          maps: [{ mr: 'ram', vaddr: 0x8000_0000, perms: 'rwx', cached: false }],
        },
        irqs: [{ kind: 'platform', irq: 225, id: 1, trigger: 'edge', setvarId: 'uart' }],
        ioports: [],
        setvars: [{ symbol: 'ram_paddr', regionPaddr: 'ram' }],
        capMaps: [{ kind: 'cap_tcb', slot: 1, pd: 'child' }],
        children: [
          {
            name: 'child',
            id: 3,
            programImage: { path: 'c.elf', pathForSymbols: 's.elf' },
            maps: [],
            irqs: [],
            ioports: [],
            setvars: [],
            capMaps: [],
            children: [],
          },
        ],
      },
    ],
    channels: [
      {
        ends: [
          { pd: 'VMM', id: 2, pp: true },
          { pd: 'child', id: 0, notify: false },
        ],
      },
    ],
  });
});

test('interrupts, ports, I/O address spaces and schedules of x86 and of domains', () => {
  const { description } = read(`<system>
  <domains>
    <domain name="a" id="1" /><domain name="b" />
    <domain_schedule start_index="1"><schedule_end_marker /><schedule_entry domain="a" duration="1_000 us" /></domain_schedule>
  </domains>
  <io_address_space name="nic" peripheral_id="0:1f.2" domain_id="0x1"><iomap mr="r" iovaddr="0x1000" perms="r" /></io_address_space>
  <protection_domain name="p"><program_image path="p.elf" />
    <irq id="0" pin="4" vector="1" polarity="low" /><irq id="1" pcidev="01:02.3" handle="0" vector="2" />
    <ioport id="2" addr="0x3f8" size="8" setvar_addr="com" />
  </protection_domain>
</system>`);
  assert.deepEqual(description.domains, {
    domains: [{ name: 'a', id: 1 }, { name: 'b' }],
    schedule: [{ kind: 'end-marker' }, { kind: 'entry', domain: 'a', duration: 1000n, unit: 'us' }],
    startIndex: 1,
  });
  assert.deepEqual(description.ioAddressSpaces, [
    {
      name: 'nic',
      peripheralId: { bus: 0, device: 0x1f, function: 2 },
      domainId: 1,
      iomaps: [{ mr: 'r', iovaddr: 0x1000, perms: 'r' }],
    },
  ]);
  assert.deepEqual(description.protectionDomains[0]?.irqs, [
    { kind: 'ioapic', id: 0, pin: 4, vector: 1, polarity: 'low' },
    { kind: 'msi', id: 1, pcidev: { bus: 1, device: 2, function: 3 }, handle: 0, vector: 2 },
  ]);
  assert.deepEqual(description.protectionDomains[0]?.ioports, [
    { id: 2, addr: 0x3f8, sizeBytes: 8, setvarAddr: 'com' },
  ]);
});

const OLDER = `<system><protection_domain name="VMM"><program_image path="v.elf" />
  <virtual_machine name="linux" id="5" priority="1"></virtual_machine></protection_domain></system>`;

test('the older dialect is detected, and its virtual machine is its own vCPU', () => {
  const { description, dialect } = read(OLDER);
  assert.equal(dialect, 'older');
  assert.deepEqual(description.protectionDomains[0]?.virtualMachine, {
    name: 'linux',
    priority: 1,
    vcpus: [{ id: 5 }],
    maps: [],
  });
});

test('the dialect can be set', () => {
  const sink = new DiagnosticSink();
  readDescription(plainSource('a.system', OLDER), sink, { dialect: 'current' });
  assert.deepEqual(
    sink.sorted().map(({ code }) => code),
    ['sdf/missing-element', 'sdf/unknown-attribute'],
  );
});

test('origins: an element, its attributes and their values', () => {
  const { description, origins } = read(`<system>
  <memory_region
    name = 'a&amp;b'
    size="0x1000"/>
  <protection_domain name="p"><program_image path="p.elf" /></protection_domain>
</system>`);
  const region = description.memoryRegions[0];
  assert.ok(region);
  assert.equal(region.name, 'a&b');
  assert.deepEqual(origins.element(region), { file: 'a.system', line: 2, column: 3 });
  assert.deepEqual(origins.attribute(region, 'name'), { file: 'a.system', line: 3, column: 5 });
  assert.deepEqual(origins.value(region, 'name'), { file: 'a.system', line: 3, column: 13 });
  assert.deepEqual(origins.value(region, 'size'), { file: 'a.system', line: 4, column: 11 });
  assert.deepEqual(origins.value(region, 'phys_addr'), { file: 'a.system', line: 2, column: 3 });
});
