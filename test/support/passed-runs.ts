/**
 * Linux's own drivers on what a plan brings: for each chip, and each kind of its devices that `run` has a model of, one board's
 * device is passed beside the console, and a guest with the modules is asked what it found.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { resolveTree } from '../../src/devicetree/index.ts';
import { outcomeOf } from './command.ts';
import { type DeviceClass, passDevices } from './passed-devices.ts';
import { treeOfDtb } from './trees.ts';

export interface PassedRun {
  readonly chip: string;
  readonly class: DeviceClass;
  readonly compatible: string;
  /** How many devices of the boards it stands for. */
  readonly devices: number;
  readonly board: string;
  readonly path: string;
  /** What Linux calls what its driver found, such as `eth0` or `mmcblk0`; empty where it found nothing. */
  readonly found: string;
  /** Findings of the run. */
  readonly findings: readonly string[];
}

interface Candidate extends Omit<PassedRun, 'found' | 'findings'> {
  readonly dtb: string;
  readonly stdout: string;
}

/** One device for each chip, class and `compatible`. A chip is the last `compatible` of a tree's root. */
export function candidates(boards: ReadonlyMap<string, string>): readonly Candidate[] {
  const found = new Map<string, Candidate>();
  for (const [board, dtb] of boards) {
    const blob = new Uint8Array(readFileSync(dtb));
    const modelled = passDevices(board, blob).filter(({ isModelled }) => isModelled);
    if (modelled.length === 0) continue;
    const { compatible, devices, stdout } = resolveTree(treeOfDtb(blob, board));
    const chip = compatible.at(-1) ?? '';
    for (const { path, class: deviceClass, result } of modelled) {
      const name = devices.find((device) => device.path === path)?.compatible[0] ?? '';
      const key = `${chip}\n${deviceClass}\n${name}`;
      const known = found.get(key);
      if (known !== undefined) found.set(key, { ...known, devices: known.devices + 1 });
      else if (stdout !== undefined && result.kind === 'given') {
        const which = { chip, class: deviceClass, compatible: name, devices: 1 };
        found.set(key, { ...which, board, path, dtb, stdout: stdout.path });
      }
    }
  }
  return [...found.values()];
}

const DISK_BYTES = 16 << 20;
const ASKED = 'sleep 6; echo FOUND $(ls /sys/class/net /sys/block); poweroff -f\n';
const EXPECTED: Readonly<Record<DeviceClass, RegExp>> = {
  Ethernet: /\beth\d+\b/,
  'eMMC, SD': /\bmmcblk\d+\b/,
  USB: /\busb\d+\b/,
};

/** `payload` holds a kernel and a ramdisk with the modules of all candidates. */
export async function runPassed(
  candidate: Candidate,
  payload: string,
  workplace: string,
): Promise<PassedRun> {
  const { dtb, stdout, path, ...which } = candidate;
  const project = join(workplace, `${candidate.chip}-${candidate.compatible}`.replace(/\W/g, '_'));
  mkdirSync(project, { recursive: true });
  const files = ['--kernel', join(payload, 'Image'), '--initrd', join(payload, 'initrd.cpio')];
  const plan = [
    'plan',
    '--dtb',
    dtb,
    ...files,
    '--pass',
    `${stdout},${path}`,
    '--ram',
    '192 MiB',
    '-o',
    project,
  ];
  const first = await outcomeOf(plan);
  const base = /base: (0x[0-9a-f]+)/.exec(first.err)?.[1];
  if (first.status !== 0 && base !== undefined) await outcomeOf([...plan, '--ram-base', base, '--force']);
  const disk = join(project, 'disk.img');
  writeFileSync(disk, new Uint8Array(DISK_BYTES));
  const disks = which.class === 'eMMC, SD' ? ['--disk', `${path}=${disk}`] : [];
  const { out, err } = await outcomeOf(['run', project, ...disks, '--timeout', '300'], ASKED);
  const names = /^FOUND (.*)$/ms.exec(out.replaceAll('\r', ''))?.[1] ?? '';
  return {
    ...which,
    path,
    found: EXPECTED[which.class].exec(names)?.[0] ?? '',
    findings: err.match(/(?:warning|error)\[[\w/-]+\]/g) ?? [],
  };
}
