/**
 * Two guests on the Odroid C4: the first drives its eMMC and its Ethernet by the unmodified kernel's own drivers and serves both; the second has
 * only what that one serves. On the board's wire is a server, for the second to talk to through the first.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MIB } from '../src/base/index.ts';
import { type BlockStore, copyOnWrite } from '../src/device/index.ts';
import { masterBootRecord } from '../src/payload/disk/mbr.ts';
import { type OutsideNetwork, outsideOf } from '../test/support/outside-run.ts';
import { loadProject, ProjectRun } from '../test/support/project-run.ts';
import { drivervm } from './machines.ts';
import { Ours, type Workload } from './shells.ts';

/** Not Debian's 6.1.192: its stmmac is an oops. */
const KERNEL = 'linux-image-6.1.0-50-arm64';
const MODULES =
  'fixed,gpio-regulator,meson_gx_mmc,gpio_keys,evdev,virtio_mmio,virtio_console,virtio_blk,virtio_net,dwmac-meson8b,mdio-mux-meson-g12a,realtek,bridge';
const EMMC = '/soc/mmc@ffe07000';
/** The second guest. */
const OTHER = 1;
const FIRST_PARTITION_BYTES = MIB;

const guest = (name: string, more: string): string =>
  `  - { name: ${name}, kernel: payload/Image, initrd: payload/initrd.cpio, ram: { size: 256 MiB }, stdout: virtio, ${more} }`;
const LINUX = 'console=hvc0 cryptomgr.notests';
const NOT_ITS_CHIP = 'initcall_blacklist=meson_gx_socinfo_init';
const REQUEST = `name: served
board: { dtb: payload/dtbs/amlogic/meson-sm1-odroid-c4.dtb, microkit: odroidc4 }
guests:
${guest('board', `pass: all, mac: { ethernet0: "02:00:00:00:00:10" }, bootargs: ${LINUX} drivervm.bridge, virtio: [console, { kind: net, mac: "02:00:00:00:00:11", reaches: [other] }], serves: [{ device: mmc1 }]`)}
${guest('other', `pass: [], bootargs: ${LINUX} ${NOT_ITS_CHIP}, virtio: [console, { kind: block, driver: board, partition: 1 }, { kind: net, mac: "02:00:00:00:00:20", reaches: [board] }]`)}
drivers: [{ name: uart, pass: [serial0] }]
`;

/** The guests when they have their shells and addresses, and what is beyond the board. */
export async function servedGuests(
  place: string,
  diskBytes: number,
): Promise<{ readonly guests: Ours; readonly outside: OutsideNetwork }> {
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, 'request.yaml'), REQUEST);
  await drivervm(
    'payload',
    'debian',
    '--kernel',
    KERNEL,
    '--server',
    '--modules',
    MODULES,
    '-o',
    join(place, 'payload'),
  );
  await drivervm('plan', join(place, 'request.yaml'), '-o', join(place, 'project'));
  const disk = cardOf(FIRST_PARTITION_BYTES + diskBytes);
  const run = new ProjectRun(
    loadProject(join(place, 'project')),
    {},
    { machine: { disks: new Map([[EMMC, disk]]) } },
  );
  const outside = outsideOf(run);
  const guests = new Ours(run);
  await guests.run(OTHER, 'ip addr add 10.0.2.20/24 dev eth0; ip link set eth0 up');
  return { guests, outside };
}

/** Nothing but a partition. */
function cardOf(sizeBytes: number): BlockStore {
  const record = masterBootRecord(sizeBytes, 1);
  return copyOnWrite({
    sizeBytes,
    readOnly: true,
    read: (offset, target) => {
      target.fill(0);
      if (offset < record.length) target.set(record.subarray(offset, offset + target.length));
    },
    write: () => {},
    flush: () => {},
  });
}

/** What the second guest does, and beside which of its own virtio's workloads. */
export function servedWorkloads({
  diskBytes,
  streamBytes,
  outside,
}: {
  readonly diskBytes: number;
  readonly streamBytes: number;
  readonly outside: OutsideNetwork;
}): readonly { readonly workload: Workload; readonly beside: string }[] {
  const dd = (rest: string) => `dd ${rest} 2>/dev/null`;
  return [
    {
      beside: 'block write',
      workload: {
        name: 'served block write',
        bytes: diskBytes,
        typed: [[OTHER, dd(`if=/dev/zero of=/dev/vda bs=1M count=${diskBytes / MIB} conv=fsync`)]],
      },
    },
    {
      beside: 'block read',
      workload: {
        name: 'served block read',
        bytes: diskBytes,
        typed: [
          [OTHER, 'echo 3 > /proc/sys/vm/drop_caches'],
          [OTHER, dd(`if=/dev/vda of=/dev/null bs=1M count=${diskBytes / MIB}`)],
        ],
      },
    },
    {
      beside: 'network (TCP)',
      workload: {
        name: 'served network (TCP)',
        bytes: streamBytes,
        typed: [[OTHER, `${dd(`if=/dev/zero bs=64k count=${streamBytes / 65536}`)} | nc 10.0.2.2 5000`]],
        holds: () => bytesOf(outside.connections.at(-1)) === streamBytes,
      },
    },
  ];
}

const bytesOf = (connection: OutsideNetwork['connections'][number] | undefined): number =>
  connection?.written.reduce((sum, { length }) => sum + length, 0) ?? 0;
