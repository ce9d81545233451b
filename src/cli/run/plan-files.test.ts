import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PLAN_FORMAT } from '../../plan/index.ts';
import { readPlanFiles } from './plan-files.ts';

const PLAN = {
  format: PLAN_FORMAT,
  name: 'board',
  board: { dtb: 'board.dtb' },
  sharing: {
    virtualisers: [
      { name: 'blk', image: 'disk.img' },
      { name: 'net', macs: [{ client: 1, mac: '02:00:00:00:00:20' }] },
    ],
  },
  guests: [
    {
      name: 'linux',
      vm: { name: 'linux' },
      kernel: { path: 'Image' },
      dtb: { base: 0x4000_0000 },
      initrd: { path: 'initrd.cpio', base: 0x4100_0000 },
      leftOut: [{ path: '/efuse', reason: 'it needs the secure monitor' }],
    },
  ],
};

test('a plan gives the files that it names', () => {
  assert.deepEqual(readPlanFiles(JSON.stringify(PLAN)), {
    name: 'board',
    boardTree: 'board.dtb',
    guests: [
      {
        name: 'linux',
        vm: 'linux',
        kernel: 'Image',
        dtbBase: 0x4000_0000,
        initrd: { path: 'initrd.cpio', base: 0x4100_0000 },
        leftOut: new Map([['/efuse', 'it needs the secure monitor']]),
      },
    ],
    disks: [{ owner: 'blk', image: 'disk.img', mode: undefined }],
    macAddresses: new Map([
      ['blk', new Map()],
      ['net', new Map([[1, Uint8Array.of(2, 0, 0, 0, 0, 0x20)]])],
    ]),
  });
});

test('whatever else a file may hold is no plan', () => {
  const { sharing: _sharing, ...withoutSharing } = PLAN;
  const others: readonly unknown[] = [
    null,
    [],
    'plan',
    { format: PLAN_FORMAT },
    { ...PLAN, format: -1 },
    withoutSharing,
    { ...PLAN, guests: {} },
    { ...PLAN, guests: [null] },
    { ...PLAN, guests: [{ ...PLAN.guests[0], dtb: { base: 'high' } }] },
    { ...PLAN, board: 'board.dtb' },
    {
      ...PLAN,
      sharing: { virtualisers: [{ name: 'net', macs: [{ client: 0, mac: '01:00:00:00:00:20' }] }] },
    },
  ];
  for (const other of others) assert.equal(readPlanFiles(JSON.stringify(other)), undefined);
  assert.equal(readPlanFiles('{ "format": '), undefined);
});
