/**
 * Two disks that a request calls read-only, on seL4: of the second the monitor hides that it is, so that Linux writes to it, as a guest may
 * that does not go by what it is told. Neither changes.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runOracle } from '../support/oracles.ts';
import { driveQemu } from './shared.ts';
import { dumpTree, type Stack } from './stack.ts';

export const READ_ONLY = 'read-only-on-sel4';
/** One that another guest serves: its monitor says that it is, and refuses what is written to it. */
export const READ_ONLY_SERVED = 'served-read-only-on-sel4';
const IMAGES = ['one.img', 'two.img'] as const;
const REQUEST = `name: ${READ_ONLY}
board: { dtb: virt.dtb, microkit: qemu_virt_aarch64 }
kernel: ../../payload/Image
initrd: ../../payload/initrd.cpio
ram: 256 MiB
pass: []
stdout: virtio
bootargs: console=hvc0 cryptomgr.notests
virtio: [console, ${IMAGES.map((image) => `{ kind: block, image: ${image}, mode: read-only }`).join(', ')}]
drivers:
  - { name: uart, pass: ["pl011@9000000"] }
  - { name: disk, pass: ["virtio_mmio@a000000"], class: block }
`;
/** A master boot record's table of partitions (UEFI 2.10 §5.2.1). */
const [FIRST_ENTRY_BYTES, ENTRY_BYTES, LBA_BYTES, SECTOR_BYTES] = [446, 16, 8, 512];
const FEATURE = '*features |= 1u << VIRTIO_BLK_F_RO;';
const ASKED = [
  'cat /sys/block/vda/ro /sys/block/vdb/ro | tr "\\n" " "; mkdir /d; mount -t ext4 -o ro /dev/vda /d && ls /d',
  'dd if=/dev/zero of=/dev/vda bs=4k count=4; echo fi""rst $?; dd if=/dev/zero of=/dev/vdb bs=4k count=4 conv=fsync; echo sec""ond $?',
  'dd if=/dev/zero of=/dev/vdb bs=512 count=1 seek=9 conv=fsync; echo th""ird $?; echo al""l tried',
];

const ASKED_SERVED =
  'echo ro $(cat /sys/block/vda/ro); mkdir /d; mount -t ext4 -o ro /dev/vda /d && ls /d; blockdev --setrw /dev/vda; dd if=/dev/zero of=/dev/vda bs=4k count=4 conv=fsync; echo writ""ten $?; echo al""l tried';

/** A project in a directory of its own. */
export function layOutReadOnly(directory: string): void {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'request.yaml'), REQUEST);
  dumpTree(join(directory, 'virt.dtb'), 1);
  for (const image of IMAGES)
    runOracle('mke2fs', [
      '-q',
      '-F',
      '-t',
      'ext4',
      '-d',
      '/usr/include/linux',
      join(directory, image),
      '16M',
    ]);
}

/** `examples/served/on-sel4`, in a directory that has it, with a client that may only read. */
export function makeServedReadOnly(directory: string): void {
  const request = join(directory, 'request.yaml');
  const client = '{ kind: block, driver: disk, partition: 1 }';
  const readOnly = '{ kind: block, driver: disk, partition: 1, mode: read-only }';
  const text = readFileSync(request, 'utf8');
  // A directory that is kept has it already.
  if (!text.includes(client) && !text.includes(readOnly)) throw new Error(`${request} has no ${client}`);
  writeFileSync(request, text.replace(client, readOnly));
}

/** What is wrong, in words, or nothing. */
export async function tryServedReadOnly(
  project: string,
  _disk: string,
  stack: Stack,
): Promise<{ readonly said: string; readonly wrong: readonly string[] }> {
  const disk = join(project, '..', 'card.img');
  const before = readFileSync(disk);
  const said = await driveQemu(project, stack, [
    { wait: /built-in shell[\s\S]*built-in shell[\s\S]*# /, type: '\x1c1\r' },
    { wait: /^/, type: `${ASKED_SERVED}\n` },
    { wait: /all tried/, type: '' },
  ]);
  const wrong: string[] = [];
  if (!/^ro 1$/m.test(said)) wrong.push('Linux does not know that its disk is read-only');
  if (!said.includes('lost+found')) wrong.push('the disk is not mounted');
  if (!/^written [1-9]/m.test(said)) wrong.push('a write has no error');
  if (!readFileSync(disk).equals(before)) wrong.push('the disk has changed');
  return { said, wrong };
}

/** What is wrong, in words, or nothing. */
export async function tryReadOnly(
  project: string,
  disk: string,
  stack: Stack,
): Promise<{ readonly said: string; readonly wrong: readonly string[] }> {
  if (!hideFirst(join(project, 'vmm.c')))
    return { said: '', wrong: ['the monitor has not two read-only disks'] };
  const said = await driveQemu(project, stack, [
    { wait: /built-in shell[\s\S]*# /, type: `${ASKED.join('\n')}\n` },
    { wait: /all tried/, type: '' },
  ]);
  const wrong = [...wrongIn(said)];
  const after = readFileSync(disk);
  for (const [index, image] of IMAGES.entries()) {
    const before = readFileSync(join(project, '..', image));
    const from = after.readUInt32LE(FIRST_ENTRY_BYTES + ENTRY_BYTES * index + LBA_BYTES) * SECTOR_BYTES;
    if (!after.subarray(from, from + before.length).equals(before)) wrong.push(`${image} has changed`);
  }
  return { said, wrong };
}

/** Has one of a monitor's two read-only disks not say that it is. A directory that is kept has it hidden already. */
function hideFirst(monitor: string): boolean {
  const [first = '', ...rest] = readFileSync(monitor, 'utf8').split(FEATURE);
  if (rest.length === IMAGES.length) writeFileSync(monitor, `${first}${FEATURE}${rest.join('')}`);
  return rest.length === IMAGES.length || rest.length === IMAGES.length - 1;
}

function wrongIn(said: string): readonly string[] {
  const wrong: string[] = [];
  const claim = (good: boolean, words: string): void => {
    if (!good) wrong.push(words);
  };
  claim(/^1 0 /m.test(said), 'Linux does not know which disk is read-only');
  claim(said.includes('lost+found'), 'the read-only disk is not mounted');
  for (const word of ['first', 'second', 'third'])
    claim(new RegExp(`^${word} [1-9]`, 'm').test(said), `the ${word} write has no error`);
  return wrong;
}
