import assert from 'node:assert/strict';
import { test } from 'node:test';
import { smallBoardSource } from '../../test/support/small-board.ts';
import { boardOfDts } from '../../test/support/trees.ts';
import { DiagnosticSink, type Host, HostError } from '../base/index.ts';
import { STORE_SECTOR_BYTES } from '../device/index.ts';
import type { SystemDescription } from '../microkit/index.ts';
import { openDisks, parseDisk } from './disks.ts';

const board = boardOfDts(
  smallBoardSource({
    more: `slot: sd@5000 { compatible = "amlogic,meson-axg-mmc"; reg = <0x5000 0x800>; };
      mmc@7000 { compatible = "amlogic,meson-axg-mmc"; reg = <0x7000 0x800>; };
      mmc@8000 { compatible = "amlogic,meson-axg-mmc"; reg = <0x8000 0x800>; status = "disabled"; };`,
  }).replace('aliases { ', 'aliases { mmc1 = "/bus@ff800000/mmc@7000"; '),
);

const domain = { maps: [], irqs: [], ioports: [], setvars: [], capMaps: [], children: [] };
const description: SystemDescription = {
  memoryRegions: [],
  ioAddressSpaces: [],
  channels: [],
  protectionDomains: [
    { ...domain, name: 'disk', programImage: { path: 'blk_virt.elf' } },
    { ...domain, name: 'monitor', programImage: { path: 'vmm.elf' } },
  ],
};

/** A host that has one file. */
const file = {
  path: 'disk.img',
  sizeBytes: 4096,
  read: (_offset: number, size: number) => new Uint8Array(size),
  write: () => {},
  sync: () => {},
  close: () => {},
};
const open = (path: string) => {
  if (path === 'empty.img' || path === 'null') return { ...file, path, sizeBytes: 0 };
  if (path !== file.path) throw new HostError('ENOENT', path, 'no such file or directory');
  return file;
};
const KINDS: Readonly<Record<string, string>> = {
  'disk.img': 'file',
  'empty.img': 'file',
  directory: 'directory',
  null: 'other',
};
const status = (path: string) => (path in KINDS ? { kind: KINDS[path], sizeBytes: 0 } : undefined);
const host = { files: { open, openForUpdate: open, status } } as unknown as Host;

function opened(...given: readonly string[]) {
  const sink = new DiagnosticSink();
  const disks = openDisks(host, given.map(parseDisk), { board, description }, sink);
  return { ...disks, said: sink.sorted().map(({ code, message }) => `${code}: ${message}`) };
}

test('a disk goes to a protection domain, or into a device by alias, path, name or label', () => {
  assert.deepEqual([...opened('disk=disk.img').served.keys()], ['disk']);
  for (const [owner, path] of [
    ['mmc1', '/bus@ff800000/mmc@7000'],
    ['/bus@ff800000/mmc@7000', '/bus@ff800000/mmc@7000'],
    ['sd', '/bus@ff800000/sd@5000'],
    ['mmc@7000', '/bus@ff800000/mmc@7000'],
  ] as const) {
    const { inDevices, said } = opened(`${owner}=disk.img`);
    assert.deepEqual([[...inDevices.keys()], said], [[path], []], owner);
  }
});

test('modes: written to memory unless said otherwise; the first of two counts', () => {
  const storeOf = (...given: readonly string[]) => [...opened(...given).inDevices.values()][0];
  assert.equal(storeOf('mmc1=disk.img')?.readOnly, false);
  assert.equal(storeOf('mmc1=disk.img:read-only', 'mmc1=disk.img')?.readOnly, true);
  const kept = storeOf('mmc1=disk.img');
  kept?.write(0, new Uint8Array(STORE_SECTOR_BYTES).fill(7));
  const target = new Uint8Array(1);
  kept?.read(0, target);
  assert.deepEqual([...target], [7]);
});

for (const [owner, why] of [
  ['mmc9', /"mmc9" names neither; did you mean "mmc1"\?/],
  ['serial0', /"serial0" names \/bus@ff800000\/\S+, which is simulated without a medium/],
  ['mmc@8000', /names \/bus@ff800000\/mmc@8000, which is not enabled/],
  ['amlogic,meson-axg-mmc', /names 2 devices/],
  ['', /names neither/],
  ['monitor', /"monitor" is a protection domain that serves no disk/],
] as const) {
  test(`a disk for "${owner}" is refused`, () => {
    const { said, inDevices } = opened(`${owner}=disk.img`);
    assert.equal(inDevices.size, 0);
    assert.equal(said.length, 1);
    assert.match(said[0] ?? '', /^run\/no-such-disk/);
    assert.match(said[0] ?? '', why);
  });
}

for (const [path, reason] of [
  ['gone.img', 'no such file or directory'],
  ['gone.img:write-through', 'no such file or directory'],
  ['empty.img', 'it is empty'],
  ['directory', 'it is a directory'],
  ['null', 'it is no file, and has no size'],
  ['', 'no file is named'],
] as const) {
  test(`a disk "${path}" is refused`, () => {
    const name = path.replace(':write-through', '') || '""';
    assert.deepEqual(opened(`mmc1=${path}`).said, [
      `run/disk-not-opened: the disk of mmc1, ${name}, can't be opened: ${reason}`,
    ]);
  });
}
