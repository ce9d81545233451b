import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PLAN_FORMAT } from '../../plan/index.ts';
import { readPlanFiles } from './plan-files.ts';

const PLAN = {
  format: PLAN_FORMAT,
  name: 'board',
  board: { dtb: 'board.dtb' },
  sharing: { virtualisers: [{ name: 'blk', image: 'disk.img' }] },
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
  ];
  for (const other of others) assert.equal(readPlanFiles(JSON.stringify(other)), undefined);
  assert.equal(readPlanFiles('{ "format": '), undefined);
});
