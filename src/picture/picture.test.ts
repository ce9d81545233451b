/** Pictures as values: everything is there once, and nothing lies over anything else. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { filesUnder, PROJECT_ROOT } from '../../test/support/files.ts';
import { BOARD_DTS, GUEST_SYSTEM, resolvedTree } from '../../test/support/guest-trees.ts';
import { manyDomains } from '../../test/support/many-domains.ts';
import { DiagnosticSink, rangeEnd } from '../base/index.ts';
import {
  MICROKIT_BOARDS,
  plainSource,
  protectionDomainsOf,
  type ReadDescription,
  readDescription,
} from '../microkit/index.ts';
import {
  comparedDiagram,
  type Pictures,
  picturesOf,
  picturesPage,
  picturesSvg,
  type SystemDiagram,
} from './index.ts';
import { stripsOf } from './memory/strips.ts';
import { LINE_PX } from './palette.ts';
import { shortened, textWidthPx } from './text-width.ts';

const TREE = resolvedTree('board.dts', BOARD_DTS);
/** Two owners of one region, one that Microkit places, a child, a call, and one that nobody maps. */
const SYSTEM = GUEST_SYSTEM.replace(
  '</system>',
  `  <memory_region name="floating" size="0x2000" />
  <memory_region name="queue" size="0x2000" />
  <memory_region name="nobodys" size="0x1000" />
  <protection_domain name="client" priority="1" passive="true" cpu="1" smc="true"><program_image path="c.elf" /><map mr="ram" vaddr="0x80000000" perms="r" /><map mr="floating" vaddr="0x4000000" /><map mr="queue" vaddr="0x5000000" perms="r" />
    <protection_domain name="child" id="1" priority="1"><program_image path="d.elf" /></protection_domain>
  </protection_domain>
  <protection_domain name="server" priority="9" budget="10" period="20"><program_image path="s.elf" /><map mr="queue" vaddr="0x5000000" perms="rw" /></protection_domain>
  <channel><end pd="server" id="3" notify="false" /><end pd="client" id="5" pp="true" /></channel>
  <channel><end pd="client" id="6" /><end pd="child" id="7" /></channel>
</system>`,
);

function readOf(text: string): ReadDescription {
  const sink = new DiagnosticSink();
  const read = readDescription(plainSource('a.system', text), sink);
  const said = sink.sorted().map(({ message }) => message);
  assert.ok(read !== undefined && !sink.hasErrors, said.join());
  return read;
}

interface Rect {
  readonly x: number;
  readonly y: number;
  readonly widthPx: number;
  readonly heightPx: number;
}

const overlap = (a: Rect, b: Rect): boolean =>
  a.x < b.x + b.widthPx && b.x < a.x + a.widthPx && a.y < b.y + b.heightPx && b.y < a.y + a.heightPx;

/** No two boxes overlap, each holds its lines, straight edges cross none, and curves keep between rows. */
function holdsApart({ boxes, edges, lanes, widthPx, heightPx }: SystemDiagram): void {
  for (const [index, box] of boxes.entries()) {
    assert.ok(
      box.x >= 0 && box.y >= 0 && box.x + box.widthPx <= widthPx && box.y + box.heightPx <= heightPx,
      box.id,
    );
    for (const other of boxes.slice(index + 1)) assert.ok(!overlap(box, other), `${box.id} and ${other.id}`);
    assert.ok(box.heightPx >= box.lines.length * LINE_PX, box.id);
    for (const { text } of box.lines) assert.ok(textWidthPx(text, 12) <= box.widthPx, `${box.id}: ${text}`);
  }
  for (const { points, from, to } of edges) {
    for (const [index, a] of points.entries()) {
      const b = points[index + 1];
      if (b === undefined) continue;
      // Its ends touch the boxes that it joins.
      const [top, bottom] = [Math.min(a.y, b.y) + 0.5, Math.max(a.y, b.y) - 0.5];
      if (bottom <= top) continue;
      const rect = {
        x: Math.min(a.x, b.x),
        y: top,
        widthPx: Math.abs(a.x - b.x) || 0.01,
        heightPx: bottom - top,
      };
      const crossed = boxes.find((box) => overlap(box, rect));
      assert.equal(crossed?.id, undefined, `${from} to ${to}`);
    }
  }
  for (const [index, lane] of lanes.entries())
    for (const other of lanes.slice(index + 1))
      assert.ok(lane.y + lane.heightPx <= other.y || other.y + other.heightPx <= lane.y);
}

/** Each domain, guest, region and channel of the description is there once. */
function namesAll(read: ReadDescription, { boxes }: SystemDiagram): void {
  const { description } = read;
  const pds = [...protectionDomainsOf(description)];
  const ids = boxes.map(({ id }) => id);
  for (const { name, virtualMachine } of pds) {
    assert.equal(ids.filter((id) => id === `domain ${name}`).length, 1, name);
    if (virtualMachine !== undefined)
      assert.equal(ids.filter((id) => id === `guest ${virtualMachine.name}`).length, 1, virtualMachine.name);
  }
  const parts = boxes.flatMap(({ lines }) =>
    lines.flatMap(({ part, text }) => (part === undefined ? [] : [{ ...part, text }])),
  );
  for (const { name } of description.memoryRegions) {
    const found = parts.filter((part) => part.kind === 'region' && part.name === name);
    assert.equal(found.length, 1, name);
    assert.ok(found[0]?.text.startsWith(shortened(name, 64)), name);
  }
  const channels = parts.filter(({ kind }) => kind === 'channel').map(({ name }) => name);
  assert.deepEqual(
    channels.sort(),
    description.channels.map(({ ends }) => ends.map(({ pd, id }) => `${pd} ${id}`).join(' ')).sort(),
  );
}

/** Spans begin and end at strips, which follow each other from address 0. */
function mapHolds({ memory }: Pictures): void {
  const strips = stripsOf(memory.spans.map(({ range, name, notes }) => ({ range, label: name, notes })));
  let [top, address] = [0, 0];
  for (const strip of strips) {
    assert.equal(strip.top, top);
    assert.equal(strip.range.base, address);
    assert.ok(
      strip.heightPx >= strip.begins.reduce((sum, { notes }) => sum + (1 + notes.length) * LINE_PX, 0),
    );
    top += strip.heightPx;
    address = rangeEnd(strip.range);
  }
  const named = strips.flatMap(({ begins }) => begins.map(({ label }) => label));
  assert.deepEqual(named.sort(), memory.spans.map(({ name }) => name).sort());
}

function holds(text: string, options: Parameters<typeof picturesOf>[1] = {}): Pictures {
  const read = readOf(text);
  const pictures = picturesOf(read, options);
  holdsApart(pictures.system);
  namesAll(read, pictures.system);
  mapHolds(pictures);
  return pictures;
}

test('a system with everything: who is above whom, what is shared, what is only one’s', () => {
  const { system, memory, interrupts } = holds(SYSTEM, {
    tree: TREE,
    board: MICROKIT_BOARDS.get('odroidc4'),
  });
  const box = (id: string) => system.boxes.find((each) => each.id === id);
  const linesOf = (id: string) => box(id)?.lines.map(({ text }) => text);
  assert.deepEqual(
    system.lanes.map(({ label }) => label),
    ['priority 254', 'priority 9', 'priority 1', 'guests', 'unclaimed'],
  );
  assert.ok((box('domain VMM')?.y ?? 0) < (box('domain server')?.y ?? 0));
  assert.deepEqual(linesOf('domain VMM'), ['VMM', 'monitor', 'vmm.elf', '4 interrupts, 4 of 62 ids']);
  assert.deepEqual(linesOf('domain client'), [
    'client',
    'domain',
    'passive, core 1, secure monitor calls',
    'c.elf',
    '2 of 62 ids',
    'floating  8 KiB, rw',
  ]);
  assert.deepEqual(linesOf('domain server')?.slice(0, 3), ['server', 'domain', '10 of 20 µs']);
  const link = system.boxes.find(({ lines }) => lines.some(({ part }) => part?.name === 'queue'));
  assert.deepEqual(
    link?.lines.map(({ text }) => text),
    ['3 ← 5, ← calls', 'queue  8 KiB, rw / r'],
  );
  assert.deepEqual(
    system.edges.filter(({ from }) => from === link?.id).map(({ to, arrow }) => [to, arrow]),
    [
      ['domain server', 'called'],
      ['domain client', 'none'],
    ],
  );
  const family = system.boxes.find(({ lines }) => lines.some(({ text }) => text === 'child is its child'));
  assert.deepEqual(
    family?.lines.map(({ text }) => text),
    ['child is its child', 'client 6 ↔ child 7'],
  );
  assert.deepEqual(linesOf('unclaimed'), ['mapped by nobody', 'nobodys  4 KiB']);
  // RAM of two: the guest's and another domain's, which has no channel to it.
  assert.ok(
    system.boxes.some(
      ({ kind, lines }) => kind === 'link' && lines.some(({ text }) => text === 'ram  256 MiB, r / rwx'),
    ),
  );

  const span = (name: string) => memory.spans.find((each) => each.name === name);
  assert.deepEqual([span('ram')?.isRam, span('ram')?.owners], [true, ['linux', 'client']]);
  assert.deepEqual(
    span('bus')?.coTenantPages.map(({ base }) => base),
    [0xff80_5000, 0xff80_5000],
  );
  assert.equal(span('secmon@95000000')?.kind, 'reserved');
  assert.deepEqual(
    [
      'seL4',
      "the GIC's distributor",
      "the initial task's objects",
      "Microkit's loader, until the system runs",
    ].map((name) => span(name)?.kind),
    ['kernel', 'frame', 'root-objects', 'loader'],
  );
  assert.deepEqual(
    memory.elsewhere.map(({ name, owners }) => [name, owners]),
    [
      ['floating', ['client']],
      ['queue', ['client', 'server']],
      ['nobodys', []],
    ],
  );
  const [view] = memory.guests;
  assert.deepEqual([view?.guest, view?.monitor], ['linux', 'VMM']);
  assert.deepEqual(view?.maps.map(({ region, ipa, physicalBase }) => [region, ipa.base, physicalBase])[3], [
    'bus',
    0xff80_0000,
    0xff80_0000,
  ]);

  assert.deepEqual(
    interrupts.rows.map(({ name, trigger, guest, channel }) => [name, trigger, guest, channel])[3],
    ['INTID 225 (SPI 193)', 'edge', 'linux', 1],
  );
  assert.deepEqual(
    interrupts.gauges.map(({ domain, taken }) => [domain, taken.map(({ id, use }) => `${id} ${use}`)]),
    [
      ['VMM', ['1 interrupt', '2 interrupt', '3 interrupt', '4 interrupt']],
      ['client', ['5 channel', '6 channel']],
      ['child', ['7 channel']],
      ['server', ['3 channel']],
    ],
  );
});

test('the examples, and systems of many domains', () => {
  const files = filesUnder(`${PROJECT_ROOT}/examples`).filter((file) => file.endsWith('.system'));
  assert.ok(files.length > 20);
  for (const file of files.filter((each) => !each.includes('mission'))) holds(readFileSync(file, 'utf8'));
  for (const count of [1, 2, 30, 61]) holds(manyDomains(count));
  holds('<system></system>');
  // More than any tool builds: boxes without lines, and soon.
  const { system } = holds(manyDomains(600));
  assert.ok(system.boxes.length > 1000 && system.edges.length === 0);
});

test('a picture is the same each time', () => {
  const text = manyDomains(12);
  const svg = picturesSvg('many', picturesOf(readOf(text)));
  picturesOf(readOf(manyDomains(5)));
  assert.equal(picturesSvg('many', picturesOf(readOf(text))), svg);
});

test('two versions in one diagram: what came, went and changed is marked in words', () => {
  const changed = SYSTEM.replace('priority="9"', 'priority="8"')
    .replace('<map mr="queue" vaddr="0x5000000" perms="r" />', '')
    .replace('<memory_region name="nobodys" size="0x1000" />', '<memory_region name="new" size="0x1000" />')
    .replace('<channel><end pd="client" id="6" /><end pd="child" id="7" /></channel>', '');
  const diagram = comparedDiagram(readOf(SYSTEM), readOf(changed));
  holdsApart(diagram);
  const lines = diagram.boxes.flatMap((box) => box.lines.map(({ text }) => text));
  for (const line of [
    '~ server',
    'was: priority 9',
    '~ queue  8 KiB, rw / r',
    '+ new  4 KiB',
    '− nobodys  4 KiB',
    '− client 6 ↔ child 7',
  ])
    assert.ok(lines.includes(line), `${line} in\n${lines.join('\n')}`);
  const same = comparedDiagram(readOf(SYSTEM), readOf(SYSTEM));
  assert.ok(same.boxes.every(({ change }) => change === undefined));
});

test('names are text and nothing else, and a page has no scripts', () => {
  const hostile = SYSTEM.replaceAll(
    'name="server"',
    'name="&lt;script&gt;alert(1)&lt;/script&gt;"',
  ).replaceAll('pd="server"', 'pd="&lt;script&gt;alert(1)&lt;/script&gt;"');
  const page = picturesPage('</title><script>alert(1)</script>', picturesOf(readOf(hostile), { tree: TREE }));
  assert.doesNotMatch(page, /<script/);
  assert.match(page, /&lt;script&gt;alert\(1\)/);
  assert.match(page, /Who may touch which memory/);
});

test('text is measured as wide as the widest fonts have it', () => {
  assert.ok(textWidthPx('serial_virt_tx', 12) >= 14 * 0.602 * 12);
  assert.ok(textWidthPx('界', 12) >= 12);
  assert.ok(textWidthPx('∀', 12) >= 12);
  assert.equal(shortened('a_long_name', 5), 'a_…me');
  assert.equal(shortened('short', 5), 'short');
});
