/** Pages, on the Odroid C4's addresses. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hex } from '../base/index.ts';
import { type Grant, type PageRules, pagesFor } from './pages.ts';

const EVERYWHERE: PageRules = {
  mergeAllowed: true,
  buses: [],
  forbidden: [],
  windows: [{ base: 0, size: 2 ** 40 }],
};

function grant(device: string, base: number, size: number): Grant {
  return { device, range: { base, size } };
}

function shown(grants: readonly Grant[], rules: PageRules): readonly string[] {
  return pagesFor(grants, rules).map(
    ({ base, size, pageSizeBytes }) => `${hex(base)}+${hex(size)} ${hex(pageSizeBytes)}`,
  );
}

const UART = grant('uart', 0xff80_3000, 0x18);
const PINS = grant('pins', 0xff80_0014, 0x8);
const ETHERNET = grant('ethernet', 0xff3f_0000, 0x1_0000);

test('registers are rounded out to small pages, and neighbours become one region', () => {
  assert.deepEqual(shown([UART, PINS], { ...EVERYWHERE, mergeAllowed: false }), [
    '0xff800000+0x1000 0x1000',
    '0xff803000+0x1000 0x1000',
  ]);
  assert.deepEqual(
    shown([grant('a', 0x1ffc, 8), grant('b', 0x3000, 1)], { ...EVERYWHERE, mergeAllowed: false }),
    ['0x1000+0x3000 0x1000'],
  );
});

test('two devices of one block share a large page; one alone keeps its small ones', () => {
  assert.deepEqual(shown([UART, PINS, ETHERNET], EVERYWHERE), [
    '0xff3f0000+0x10000 0x1000',
    '0xff800000+0x200000 0x200000',
  ]);
});

test('neighbouring blocks become one region of large pages', () => {
  const grants = [
    UART,
    PINS,
    grant('vpu', 0xff90_0000, 0x10_0000),
    grant('x', 0xffa0_0000, 4),
    grant('y', 0xffa0_1000, 4),
  ];
  assert.deepEqual(shown(grants, EVERYWHERE), ['0xff800000+0x400000 0x200000']);
});

test('a bus is given whole where several of its devices are passed and nothing speaks against it', () => {
  const grants = [grant('reset', 0xffd0_1004, 0x9c), grant('watchdog', 0xffd0_f0d0, 0x10)];
  const buses = [{ base: 0xffd0_0000, size: 0x10_0000 }];
  const gic = { ...EVERYWHERE, forbidden: [{ base: 0xffc0_1000, size: 0x1000 }] };
  assert.deepEqual(shown(grants, { ...gic, buses }), ['0xffd00000+0x100000 0x1000']);
  assert.deepEqual(shown(grants.slice(1), { ...gic, buses }), ['0xffd0f000+0x1000 0x1000']);
  const excepted = { ...gic, buses, forbidden: [...gic.forbidden, { base: 0xffd1_8000, size: 4 }] };
  assert.deepEqual(shown(grants, excepted), ['0xffd01000+0x1000 0x1000', '0xffd0f000+0x1000 0x1000']);
});

test('what must stay out splits the bus around it, page by page', () => {
  const rules = { ...EVERYWHERE, forbidden: [{ base: 0xff80_4000, size: 0x18 }] };
  assert.deepEqual(shown([UART, PINS], rules), ['0xff800000+0x1000 0x1000', '0xff803000+0x1000 0x1000']);
});

test('a large page lies in what seL4 hands out, or it is not used', () => {
  const rules = { ...EVERYWHERE, windows: [{ base: 0xff80_0000, size: 0x10_0000 }] };
  assert.deepEqual(shown([UART, PINS], rules), ['0xff800000+0x1000 0x1000', '0xff803000+0x1000 0x1000']);
});

test('a device that fills blocks gets large pages for them and small ones at its ends', () => {
  assert.deepEqual(shown([grant('pci', 0x10_1f_f000, 0x40_2000)], { ...EVERYWHERE, mergeAllowed: false }), [
    '0x101ff000+0x1000 0x1000',
    '0x10200000+0x400000 0x200000',
    '0x10600000+0x1000 0x1000',
  ]);
});
