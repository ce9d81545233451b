/**
 * A guest that serves two disks by `/dev/uioN`, on a kernel that has uio_pdrv_genirq: whichever of its devices has which number, the other
 * guest finds each disk behind its own. And what the program says where a queue is missing.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { masterBootRecord } from '../src/payload/disk/mbr.ts';
import { drivervm, outcomeOf } from './support/command.ts';
import { PROJECT_ROOT } from './support/files.ts';
import { buildUioModule, withUioModule } from './support/uio-module.ts';

const directory = mkdtempSync(join(tmpdir(), 'drivervm-served-uio-'));
after(() => rmSync(directory, { recursive: true }));
const [payload, example] = [join(directory, 'payload'), join(directory, 'served', 'uio')];
const MODULES = 'fixed,gpio-regulator,meson_gx_mmc,uio,virtio_mmio,virtio_console,virtio_blk';
const [FIRST_SECTOR_BYTES, DISK_BYTES] = [2048 * 512, 2 ** 22];

const made = await outcomeOf([
  'payload',
  'debian',
  '-o',
  payload,
  '--server',
  '--modules',
  MODULES,
  '--json',
]);
const listed = (JSON.parse(made.out).modules as readonly { readonly path: string }[]).map(({ path }) => path);
const initrd = join(payload, 'initrd.cpio');
writeFileSync(
  initrd,
  withUioModule(readFileSync(initrd), await buildUioModule(join(directory, 'linux')), listed),
);
mkdirSync(example, { recursive: true });

/** A disk whose one partition begins with this. */
function card(name: string, says: string): void {
  const bytes = Buffer.concat([masterBootRecord(DISK_BYTES, 1), Buffer.alloc(DISK_BYTES - 512)]);
  bytes.write(says, FIRST_SECTOR_BYTES);
  writeFileSync(join(example, name), bytes);
}

const REQUEST = readFileSync(join(PROJECT_ROOT, 'examples', 'served', 'disk', 'request.yaml'), 'utf8')
  .replace('serves: [{ device: mmc1 }]', 'serves: [{ device: mmc1, name: emmc }, { device: mmc0, name: sd }]')
  .replace(
    '{ kind: block, driver: board, partition: 1 }',
    '{ kind: block, driver: emmc, partition: 1 }, { kind: block, driver: sd, partition: 1 }',
  )
  .replace('bootargs: console=hvc0', 'bootargs: console=hvc0 uio_pdrv_genirq.of_id=generic-uio')
  .replace(' root=/dev/vda rootwait', '')
  .replace(
    /disks:[\s\S]*/,
    'disks: [{ device: mmc1, image: emmc.img, mode: write-through }, { device: mmc0, image: sd.img, mode: write-through }]\n',
  );

async function planned(): Promise<string> {
  card('emmc.img', 'here is the eMMC');
  card('sd.img', 'here is the SD card');
  writeFileSync(join(example, 'request.yaml'), REQUEST);
  const project = join(example, 'project');
  await drivervm(['plan', join(example, 'request.yaml'), '-o', project]);
  return project;
}

async function said(project: string, typed: readonly string[], until: string): Promise<string> {
  const input = typed.map((line) => `${line}\n`).join('');
  const { out } = await outcomeOf(['run', project, '--timeout', '300', '--json', '--until', until], input);
  return JSON.stringify(JSON.parse(out).console);
}

const READ = ['\x1c1', 'head -c 19 /dev/vda; echo; head -c 19 /dev/vdb; echo; echo re""ad'];

test('queues are found through UIO', async () => {
  const console = await said(await planned(), READ, 'other| read');
  assert.equal(console.match(/serves \/dev\/mmcblk\d, 1024 blocks of 4 KiB, by UIO/g)?.length, 2);
  assert.match(console, /other\| here is the eMMC.*other\| here is the SD card/);
});

const SERVE_AGAIN =
  'sleep 2; for each in $(pidof disk-server); do kill $each; done; cd /sys/bus/platform/drivers/uio_pdrv_genirq; ls -d *.disk-server > /tmp/nodes';
const SHOW = `for uio in /sys/class/uio/uio*; do echo "$(basename $uio) is $(cat $uio/maps/map0/addr)"; done`;

test('which device has which number is not asked for, and one that is not there is said', async () => {
  const turn = [
    '\x1c0',
    SHOW,
    SERVE_AGAIN,
    'for each in $(cat /tmp/nodes); do echo $each > unbind; done; for each in $(sort -r /tmp/nodes); do echo $each > bind; done',
    `${SHOW}; disk-server`,
    '\x1c1',
    `echo 3 > /proc/sys/vm/drop_caches; ${READ[1]}`,
    '\x1c0',
    `${SERVE_AGAIN}; head -n 1 /tmp/nodes > unbind; disk-server; echo al""l looked`,
  ];
  const console = await said(await planned(), turn, 'all looked');
  const numbers = [...console.matchAll(/(uio\d) is (0x[0-9a-f]+)/g)].map(([, uio, at]) => `${uio} ${at}`);
  assert.equal(numbers.length, 4, console.slice(-3000));
  assert.equal(new Set(numbers).size, 4);
  assert.match(console, /other\| here is the eMMC.*other\| here is the SD card/);
  // Its device is taken from the first: the other is served all the same.
  assert.match(
    console,
    /disk-server@\S+: its interrupt reaches nobody: the kernel has no uio_pdrv_genirq for it/,
  );
  assert.equal(console.match(/by UIO/g)?.length, 5);
});

test('a node whose queues are not there is said, and those of others are served', async () => {
  const project = await planned();
  const tree = join(project, 'board.dtb');
  const broken = join(example, 'broken.dts');
  const node = (number: number, properties: string) => `disk-server@${number} { ${properties} };`;
  const [device, entries] = ['drivervm,device = "/soc/mmc@ffe07000";', 'drivervm,entries = <128>;'];
  const regions = (count: number) => `reg = <${'0 0x1000 0 0x1000 '.repeat(count)}>;`;
  writeFileSync(
    broken,
    `/dts-v1/; / { ${[
      node(1, regions(4) + device + entries),
      node(2, regions(5) + entries),
      node(3, regions(5) + device),
      node(4, regions(5) + device + entries.replace('128', '4096')),
      node(5, regions(5) + device.replace('ffe07000', 'ffe00000') + entries.replace('128', '32')),
    ].join(' ')} };`,
  );
  await drivervm(['dt', 'merge', tree, broken, '-o', tree]);
  const console = await said(project, READ, 'other| read');
  assert.match(console, /disk-server@1: its reg does not have five regions/);
  assert.match(console, /disk-server@2: its drivervm,device does not say which disk/);
  for (const number of [3, 4])
    assert.match(
      console,
      new RegExp(
        `disk-server@${number}: its drivervm,entries is no number of entries that its queues have room for`,
      ),
    );
  assert.match(console, /disk-server@5: after a minute there is no disk of \/soc\/mmc@ffe00000/);
  assert.match(console, /other\| here is the eMMC.*other\| here is the SD card/);
});
