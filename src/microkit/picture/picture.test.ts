import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BOARD_DTS, GUEST_SYSTEM, resolvedTree } from '../../../test/support/guest-trees.ts';
import { DiagnosticSink } from '../../base/index.ts';
import { authorityOf } from '../authority/index.ts';
import { readDescription } from '../read/index.ts';
import { plainSource, readXml, type XmlElement } from '../xml/index.ts';
import { physicalMapOf } from './memory-map.ts';
import { explanationPage, memoryMapSvg } from './picture.ts';
import { escaped } from './svg.ts';

const TREE = resolvedTree('board.dts', BOARD_DTS);
/** Two owners of one region, and one that Microkit places. */
const SYSTEM = GUEST_SYSTEM.replace(
  '</system>',
  `  <memory_region name="floating" size="0x2000" />
  <protection_domain name="client" priority="1"><program_image path="c.elf" /><map mr="ram" vaddr="0x80000000" perms="r" /><map mr="floating" vaddr="0x4000000" /></protection_domain>
</system>`,
);

function authority() {
  const sink = new DiagnosticSink();
  const read = readDescription(plainSource('a.system', SYSTEM), sink);
  assert.ok(
    read !== undefined && !sink.hasErrors,
    sink
      .sorted()
      .map(({ message }) => message)
      .join(),
  );
  return authorityOf(read, { tree: TREE });
}

test('strips follow each other from the lowest address to the highest, gaps between, none over another', () => {
  const { strips, height, elsewhere } = physicalMapOf(authority());
  let [top, address] = [0, 0];
  for (const strip of strips) {
    assert.equal(strip.top, top);
    assert.equal(strip.range.base, address, strip.region);
    top += strip.height;
    address = strip.range.base + strip.range.size;
  }
  assert.equal(height, top);
  const ram = strips.find(({ region }) => region === 'ram');
  assert.deepEqual([ram?.kind, ram?.owners], ['ram', ['linux', 'client']]);
  const bus = strips.find(({ region }) => region === 'bus');
  assert.deepEqual([bus?.kind, bus?.hasCoTenants], ['devices', true]);
  assert.deepEqual(
    elsewhere.map(({ region, owners }) => [region, owners]),
    [['floating', ['client']]],
  );
});

test('the picture is XML that names everything, and its parts lie in it', () => {
  const svg = memoryMapSvg('a.system', authority());
  const sink = new DiagnosticSink();
  const root = readXml(plainSource('m.svg', svg), sink);
  assert.ok(
    root !== undefined && !sink.hasErrors,
    sink
      .sorted()
      .map(({ message }) => message)
      .join(),
  );
  for (const name of ['ram', 'bus', 'eth', 'clocks', 'floating', 'client', 'linux'])
    assert.ok(svg.includes(`>${name}`), name);
  const numberOf = (element: XmlElement, name: string) => Number(element.attributes.get(name)?.value);
  const [width, height] = [numberOf(root, 'width'), numberOf(root, 'height')];
  const inside = (element: XmlElement): void => {
    if (element.name === 'rect' && Number.isFinite(numberOf(element, 'x'))) {
      assert.ok(numberOf(element, 'x') + numberOf(element, 'width') <= width);
      assert.ok(numberOf(element, 'y') + numberOf(element, 'height') <= height);
    }
    if (element.name === 'text') assert.ok(numberOf(element, 'y') <= height);
    for (const child of element.children) inside(child);
  };
  inside(root);
});

test('names are text and nothing else', () => {
  assert.equal(escaped('<a href="x">&\u0000\u{1f4be}'), '&#60;a href=&#34;x&#34;&#62;&#38;\u{1f4be}');
  const page = explanationPage('</title><script>alert(1)</script>', authority());
  assert.doesNotMatch(page, /<script>/);
  assert.match(page, /Who may touch which memory/);
});
