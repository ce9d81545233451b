/**
 * Guests that share devices, on seL4 by the project's own `make qemu`: what is typed reaches the guest it is for, a disk keeps what a
 * guest wrote, guests reach each other and the host, and 16 MiB arrive as they were sent.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { masterBootRecord } from '../../src/payload/disk/mbr.ts';
import { runOracle } from '../support/oracles.ts';
import type { Stack } from './stack.ts';

const LIMIT_MS = Number(process.env['DRIVERVM_BOOT_SECONDS'] ?? 900) * 1000;
const SENT_BYTES = 16 * 1024 * 1024;
const COLOURS = new RegExp(`${String.fromCharCode(0x1b)}\\[[0-9;]*[A-Za-z]`, 'g');
/** QEMU's own: leave. */
const LEAVE = '\x01x';
const FIRST_SECTOR_BYTES = 2048 * 512;
const PARTITION_BYTES = 16 * 1024 * 1024;

/** Waits for text, then types. Texts are looked for in what came since the last was found. */
export interface Step {
  readonly wait: RegExp;
  readonly type: string;
}

/** What the serial port said, without colours, when the last step was done or the time was over. */
export function driveQemu(
  directory: string,
  { sdk, libvmm }: Stack,
  steps: readonly Step[],
  settings: readonly string[] = [`LIBVMM=${libvmm}`],
  heard: (text: string) => void = () => {},
): Promise<string> {
  const make = spawn('make', ['-C', directory, 'qemu', `MICROKIT_SDK=${sdk}`, ...settings]);
  return drive(make, steps, heard);
}

function drive(
  child: ChildProcessWithoutNullStreams,
  steps: readonly Step[],
  heard: (text: string) => void = () => {},
): Promise<string> {
  const left = [...steps];
  let [said, from] = ['', 0];
  return new Promise((resolve) => {
    const leave = (): void => {
      if (child.stdin.writable) child.stdin.write(LEAVE);
    };
    const limit = setTimeout(leave, LIMIT_MS);
    child.on('error', ({ message }) => resolve(message));
    child.on('close', () => {
      clearTimeout(limit);
      resolve(said);
    });
    child.stdin.on('error', () => {});
    child.stderr.setEncoding('latin1').on('data', (text: string) => {
      said += text;
    });
    child.stdout.setEncoding('latin1').on('data', (text: string) => {
      heard(text);
      said = (said + text).replaceAll(COLOURS, '').replaceAll('\r', '');
      for (let step = left[0]; step !== undefined; step = left[0]) {
        const found = step.wait.exec(said.slice(from));
        if (found === null) return;
        left.shift();
        from = said.length;
        if (child.stdin.writable) child.stdin.write(step.type);
      }
      leave();
    });
  });
}

const SERVED_BYTES = 4 * 1024 * 1024;

/** A disk with an ext4 filesystem in its one partition. */
export function writeServedDisk(path: string): void {
  const fs = `${path}.fs`;
  runOracle('mke2fs', ['-q', '-F', '-t', 'ext4', fs, '32M']);
  const content = readFileSync(fs);
  const bytes = FIRST_SECTOR_BYTES + content.length;
  writeFileSync(
    path,
    Buffer.concat([masterBootRecord(bytes, 1), Buffer.alloc(FIRST_SECTOR_BYTES - 512), content]),
  );
}

/** `examples/served/on-sel4`: one guest writes to the disk that the other serves; what is wrong, in words, or nothing. */
export async function tryServedDisk(
  project: string,
  disk: string,
  stack: Stack,
): Promise<{ readonly said: string; readonly wrong: readonly string[] }> {
  const lines = [
    'mkdir /d; mount /dev/vda /d',
    `for i in 1 2 3; do cat /bin/busybox; done | head -c ${SERVED_BYTES} > /d/much; md5sum /d/much; umount /d; echo al""l written`,
  ];
  const said = await driveQemu(project, stack, [
    { wait: /built-in shell[\s\S]*built-in shell[\s\S]*# /, type: '\x1c1\r' },
    { wait: /^/, type: `${lines.join('\n')}\n` },
    { wait: /all written/, type: '' },
  ]);
  const wrong: string[] = [];
  if (!/disk-server: \S+: serves \/dev\/vda/.test(said))
    wrong.push('the first guest does not serve its disk');
  const [, sum] = /([0-9a-f]{32}) {2}\/d\/much/.exec(said) ?? [];
  const [partition, out] = ['partition.img', 'much'].map((name) => join(project, 'build', name));
  writeFileSync(partition ?? '', readFileSync(disk).subarray(FIRST_SECTOR_BYTES));
  runOracle('debugfs', ['-R', `dump /much ${out}`, partition ?? '']);
  const kept = existsSync(out ?? '')
    ? createHash('md5')
        .update(readFileSync(out ?? ''))
        .digest('hex')
    : undefined;
  if (sum === undefined || kept !== sum)
    wrong.push(`4 MiB to the disk that is served: ${sum} was written, ${kept} is there`);
  if (runOracle('e2fsck', ['-fn', partition ?? '']).status !== 0) wrong.push('the filesystem is damaged');
  return { said, wrong };
}

/** `examples/served/network-on-sel4`: one guest fetches a file of the host's through the other; what is wrong, in words, or nothing. */
export async function tryServedNetwork(
  project: string,
  stack: Stack,
): Promise<{ readonly said: string; readonly wrong: readonly string[] }> {
  const content = Buffer.alloc(SENT_BYTES, 'what the host has to tell, through another guest\n');
  const sum = createHash('md5').update(content).digest('hex');
  const host = createServer((_, response) => response.end(content));
  await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve));
  const { port } = host.address() as AddressInfo;
  const lines = [
    'udhcpc; ping -c 2 10.0.2.2',
    `wget -q -O /f http://10.0.2.2:${port}/; md5sum /f; echo al""l fetched`,
  ];
  const said = await driveQemu(project, stack, [
    { wait: /built-in shell[\s\S]*built-in shell[\s\S]*# /, type: '\x1c1\r' },
    { wait: /^/, type: `${lines.join('\n')}\n` },
    { wait: /all fetched/, type: '' },
  ]);
  host.close();
  const wrong: string[] = [];
  if (!/br0 bridges eth0 eth1/.test(said)) wrong.push('the first guest bridges nothing');
  if (!/2 packets transmitted, 2 packets received/.test(said)) wrong.push('the host is not reached');
  if (!said.includes(`${sum}  /f`)) wrong.push('16 MiB from the host did not arrive as they are');
  return { said, wrong };
}

/** `examples/served/console-on-sel4`: the first guest shows what the second says, and is at its console; what is wrong, in words, or nothing. */
export async function tryServedConsole(
  project: string,
  stack: Stack,
): Promise<{ readonly said: string; readonly wrong: readonly string[] }> {
  const said = await driveQemu(project, stack, [
    // What is typed before microcom has begun is lost, so a prompt is asked for when it has.
    {
      wait: /built-in shell[\s\S]*# /,
      type: '(sleep 4; echo > "$(cat /run/consoles/red)") & console red\r',
    },
    { wait: /Ctrl-X leaves it\n/, type: '' },
    { wait: /# /, type: 'hostname red; echo "I am $(hostname)"; seq 1 14000; echo "en""d"\r' },
    { wait: /13999\n14000\nend/, type: '\x18' },
    { wait: /# /, type: '(sleep 2; echo "echo out of red" > "$(cat /run/consoles/red)") &\r' },
    { wait: /red: out of red/, type: '' },
  ]);
  const wrong: string[] = [];
  if (!/I am red/.test(said)) wrong.push("the first guest is not at the second's console");
  if (!/^red: out of red/m.test(said)) wrong.push('what the second says is not shown');
  if (!/^red: \[ {4}0\.000000\] Booting Linux/m.test(said))
    wrong.push("the second's first line is not shown");
  return { said, wrong };
}

/** What its monitor says of a guest's last word, which the kernel's own may not be: it ends before its virtio console has written that. */
const OFF = /the guest has turned itself off/;

/** `examples/shared/in-typescript`, on seL4 by \`make VMM=ts\` with these settings; what is wrong, in words, or nothing. */
export async function tryInTypescript(
  project: string,
  stack: Stack,
  settings: readonly string[],
): Promise<{ readonly said: string; readonly raw: string; readonly wrong: readonly string[] }> {
  const copy = 'cat /bin/busybox /bin/busybox /bin/busybox';
  const [left, right] = [
    [
      'dmesg',
      `mkdir /d; mount /dev/vda /d; ${copy} | head -c ${SERVED_BYTES} > /d/much; md5sum /d/much`,
      'umount /d; mount /dev/vda /d && md5sum /d/much',
      'ip addr add 10.0.2.15/24 dev eth0; ip link set eth0 up',
      '(nc -l -p 5000 > /g; md5sum /g; echo al""l arrived) &',
      'echo lef""t is done',
    ],
    [
      'dmesg',
      'ip addr add 10.0.2.16/24 dev eth0; ip link set eth0 up; ping -c 2 10.0.2.15',
      `${copy} ${copy.slice(4)} ${copy.slice(4)} | head -c ${SENT_BYTES} > /f`,
      'md5sum /f; nc 10.0.2.15 5000 < /f',
    ],
  ].map((lines) => `${lines.join('\n')}\n`);
  const steps = [
    { wait: /built-in shell[\s\S]*built-in shell[\s\S]*# /, type: left ?? '' },
    { wait: /left is done/, type: `\x1c1\r${right}` },
    { wait: /all arrived/, type: '\x1c0\rreboot -f\n' },
    { wait: /built-in shell[\s\S]*# /, type: 'uname -s; poweroff -f\n' },
    { wait: OFF, type: '' },
  ];
  let raw = '';
  const said = await driveQemu(project, stack, steps, settings, (text) => {
    raw += text;
  });
  const wrong: string[] = [];
  const sums = (name: string) =>
    [...said.matchAll(new RegExp(`([0-9a-f]{32}) {2}${name}`, 'g'))].map(([, each]) => each);
  const [written, read] = sums('/d/much');
  if (written === undefined || written !== read)
    wrong.push(`on the disk: ${written} was written, ${read} read`);
  if (!/2 packets transmitted, 2 packets received/.test(said))
    wrong.push('one guest does not reach the other');
  const [sent, arrived] = [sums('/f')[0], sums('/g')[0]];
  if (sent === undefined || sent !== arrived)
    wrong.push(`16 MiB from guest to guest: ${sent} was sent, ${arrived} arrived`);
  if (!OFF.test(said)) wrong.push('a guest does not restart and power off');
  return { said, raw, wrong };
}

/** Everything of `examples/shared/on-sel4`; what is wrong, in words, or nothing. */
export async function trySharedDevices(
  project: string,
  disk: string,
  stack: Stack,
): Promise<{ readonly said: string; readonly wrong: readonly string[] }> {
  const content = Buffer.alloc(SENT_BYTES, 'what the host has to tell its guests\n');
  const sum = createHash('md5').update(content).digest('hex');
  const host = createServer((_, response) => response.end(content));
  await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve));
  const { port } = host.address() as AddressInfo;
  const [left, right] = [
    [
      'mkdir /d; mount /dev/vda /d && echo written inside > /d/inside; umount /d',
      'ip addr add 10.0.2.15/24 dev eth0; ip link set eth0 up; ping -c 2 10.0.2.2',
      '(nc -l -p 5000 > /g; md5sum /g; echo al""l arrived) &',
      `wget -q -O /w http://10.0.2.2:${port}/ && md5sum /w; echo lef""t is done`,
    ],
    [
      'mkdir /d; mount /dev/vda /d && echo written on the right > /d/inside; umount /d',
      'ip addr add 10.0.2.16/24 dev eth0; ip link set eth0 up; ping -c 2 10.0.2.15; ping -c 2 10.0.2.2',
      `for i in 1 2 3 4 5 6 7 8 9; do cat /bin/busybox; done | head -c ${SENT_BYTES} > /f`,
      'md5sum /f; nc 10.0.2.15 5000 < /f',
    ],
  ].map((lines) => `${lines.join('\n')}\n`);
  // What is typed before both consoles are open is lost.
  const said = await driveQemu(project, stack, [
    { wait: /built-in shell[\s\S]*built-in shell[\s\S]*# /, type: left ?? '' },
    { wait: /left is done/, type: `\x1c1\r${right}` },
    { wait: /all arrived/, type: '' },
  ]);
  host.close();
  const wrong: string[] = [];
  const want = (holds: boolean, words: string): void => {
    if (!holds) wrong.push(words);
  };
  const sums = (name: string) =>
    [...said.matchAll(new RegExp(`([0-9a-f]{32}) {2}/${name}`, 'g'))].map(([, each]) => each);
  want(sums('w')[0] === sum, '16 MiB from the host did not arrive as they are');
  want(
    said.match(/2 packets transmitted, 2 packets received/g)?.length === 3,
    'one guest does not reach the other, or the host',
  );
  const [sent, arrived] = [sums('f')[0], sums('g')[0]];
  want(
    sent !== undefined && sent === arrived,
    `16 MiB from guest to guest: ${sent} was sent, ${arrived} arrived`,
  );
  const partition = join(project, 'build', 'partition.img');
  for (const [index, words] of ['written inside', 'written on the right'].entries()) {
    writeFileSync(partition, readFileSync(disk).subarray(FIRST_SECTOR_BYTES + index * PARTITION_BYTES));
    const kept = runOracle('debugfs', ['-R', 'cat /inside', partition]).stdout.toString();
    want(kept.includes(words), `partition ${index + 1} does not hold what its guest wrote`);
  }
  return { said, wrong };
}
