/** The tables of shared devices against what they stand for: models, programs, monitors' devices, plans and descriptions. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { DiagnosticSink } from '../src/base/index.ts';
import { resolveTree } from '../src/devicetree/index.ts';
import { modelFor } from '../src/machine/index.ts';
import { plainSource, protectionDomainsOf, readDescription } from '../src/microkit/index.ts';
import { type Plan, servedDevices } from '../src/plan/index.ts';
import { systemText } from '../src/project/index.ts';
import { builtInProgram } from '../src/sddf/index.ts';
import type { Microkit } from '../src/sel4/index.ts';
import {
  classOfNodeName,
  DEVICE_CLASSES,
  NATIVE_DRIVERS,
  nativeDriverFor,
  type SharedLink,
  sharedClass,
  sharedLinks,
  VIRTIO_KINDS,
} from '../src/sharing/index.ts';
import * as vmm from '../src/vmm/index.ts';
import { debianBoards } from './support/debian.ts';
import { mappedRegion } from './support/mapped-region.ts';
import { goodPlan } from './support/small-board.ts';
import { treeOfDtb } from './support/trees.ts';

const boards = await debianBoards();

/** Two guests with devices of every kind, several where there may be, and consoles on two UARTs. */
function planWithAll(): Plan {
  const name = 'hi6220-hikey.dtb';
  const others = VIRTIO_KINDS.filter((kind) => kind !== 'console').join(', ');
  return goodPlan(
    resolveTree(treeOfDtb(readFileSync(boards.get(name) ?? name), name)),
    `guests:
  - { name: a, pass: none, virtio: [{ kind: console, driver: second }, ${others}, ${others}], ram: { size: 64 MiB } }
  - { name: b, pass: none, virtio: [${others}, console], ram: { size: 64 MiB } }
drivers: [{ name: first, pass: [serial@f8015000] }, { name: second, pass: [serial@f7112000] }]
`,
  );
}

function descriptionOf(text: string) {
  const read = readDescription(plainSource('plan.system', text), new DiagnosticSink());
  assert.ok(read !== undefined);
  return read.description;
}

test('every native driver is for devices that are simulated, and every node that has one of its compatibles gets it', () => {
  for (const row of NATIVE_DRIVERS) {
    assert.ok(row.compatible.some((name) => modelFor([name])?.kind === 'uart'));
    for (const name of row.compatible) assert.equal(nativeDriverFor(['test,first', name])?.image, row.image);
  }
  assert.equal(nativeDriverFor(['test,unknown']), undefined);
});

test('what a node is called stands for a class: generic names, with or without a number', () => {
  const names = ['serial', 'uart1', 'pl011', 'mmc', 'sd', 'sdhci-0', 'ethernet', 'sdma', 'serial-bus', 'rtc'];
  assert.deepEqual(
    names.map((name) => classOfNodeName(name)),
    ['serial', 'serial', 'serial', 'block', 'block', 'block', 'net', undefined, undefined, undefined],
  );
});

test('every class has a device and what stands behind it in the monitor library', () => {
  for (const name of DEVICE_CLASSES) {
    const { device, backend } = sharedClass(name).virtio;
    for (const exported of [device, backend])
      assert.equal(typeof (vmm as Readonly<Record<string, unknown>>)[exported], 'function', exported);
  }
});

test('what a plan links, its description tells without it', () => {
  const plan = planWithAll();
  const planned = plan.sharing.links.map(({ class: driven, ends }): SharedLink => {
    const [first, second] = ends.map(({ pd, role, channel, number }) => ({
      pd,
      role,
      channel,
      ...(number === undefined ? {} : { number }),
    }));
    assert.ok(first !== undefined && second !== undefined);
    return { class: driven, ends: [first, second] };
  });
  assert.deepEqual(sharedLinks(descriptionOf(systemText(plan, [], 'run'))), planned);
  assert.deepEqual([...new Set(planned.map((link) => link.class))].sort(), [...DEVICE_CLASSES].sort());
});

test('every virtio device of a plan is served by the links that its class has, each by a component', () => {
  const plan = planWithAll();
  const components = new Map(plan.sharing.virtualisers.map((each) => [each.name, each]));
  for (const guest of plan.guests) {
    for (const device of guest.virtio) {
      const served = servedDevices(plan).filter((each) => each.guest === guest && each.device === device);
      assert.ok(served.length > 0, device.path);
      for (const { link, server } of served) {
        const component = components.get(server.pd);
        assert.deepEqual([component?.class, component?.role], [link.class, server.role]);
      }
    }
  }
});

test('every component and native driver finds in a planned description all that it asks for', () => {
  const description = descriptionOf(systemText(planWithAll(), [], 'run'));
  const sizes = new Map(description.memoryRegions.map(({ name, sizeBytes }) => [name, sizeBytes ?? 0]));
  let programs = 0;
  for (const pd of protectionDomainsOf(description)) {
    const store = { sizeBytes: 512, readOnly: true, read: () => {}, write: () => {}, flush: () => {} };
    const stores = new Map([[pd.name, store]]);
    const program = builtInProgram(pd.programImage?.path ?? '', pd.name, { stores });
    if (program === undefined) {
      assert.ok(pd.virtualMachine !== undefined, `${pd.name} has no program`);
      continue;
    }
    const log: string[] = [];
    const symbols = new Map<string, number>();
    for (const { vaddr, setvarVaddr } of pd.maps)
      if (setvarVaddr !== undefined) symbols.set(setvarVaddr, vaddr);
    for (const { id, setvarId } of pd.irqs) if (setvarId !== undefined) symbols.set(setvarId, id);
    for (const { pd: owner, id, setvarId } of description.channels.flatMap(({ ends }) => ends))
      if (owner === pd.name && setvarId !== undefined) symbols.set(setvarId, id);
    const calls: Partial<Microkit> = {
      name: pd.name,
      setvar: (symbol) => symbols.get(symbol),
      region: (vaddr) => {
        const mr = pd.maps.find((map) => map.vaddr === vaddr)?.mr;
        const bytes = new Uint8Array(sizes.get(mr ?? '') ?? 0);
        return mr === undefined ? undefined : mappedRegion(mr, vaddr, bytes);
      },
      registers: () => ({ read: () => 0, write: () => {} }),
      notify: () => {},
      dbgPuts: (line) => log.push(line),
      hostSignal: () => () => {},
    };
    program(calls as Microkit).init();
    assert.deepEqual(log, []);
    programs += 1;
  }
  assert.ok(programs > DEVICE_CLASSES.length);
});

test('a hand-written description may leave out symbols and have its images anywhere', () => {
  const domain = (name: string, image: string) =>
    `<protection_domain name="${name}" priority="10"><program_image path="${image}" /></protection_domain>`;
  const channel = (one: string, other: string) => `<channel><end ${one} /><end ${other} /></channel>`;
  const links = sharedLinks(
    descriptionOf(`<system>
${domain('driver', 'mine.elf')}${domain('tx', 'build/serial_virt_tx.elf')}${domain('other', 'other.elf')}
${channel('pd="tx" id="3" setvar_id="client1_ch"', 'pd="other" id="1"')}
${channel('pd="tx" id="0" setvar_id="driver_ch"', 'pd="driver" id="7"')}
${channel('pd="other" id="2" setvar_id="client0_ch"', 'pd="driver" id="1" setvar_id="driver_ch"')}
</system>`),
  );
  const words = links.map(({ ends }) =>
    ends.map(({ pd, role, number }) => `${pd} ${role} ${number ?? '-'}`).join(' = '),
  );
  assert.deepEqual(words, ['other client - = tx virt-tx 1', 'driver driver - = tx virt-tx -']);
});
