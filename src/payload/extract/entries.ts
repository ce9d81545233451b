/** The boot configurations of a volume: where each loader looks, on a root filesystem and on a boot partition of its own. */

import type { BootEntry, BootWorld } from '../boot/entry.ts';
import { textOf } from '../boot/entry.ts';
import { parseExtlinux } from '../boot/extlinux.ts';
import { parseGrub } from '../boot/grub.ts';
import { hasSystemdBoot, isReadBesideLoader, readSystemdBoot } from '../boot/loader-spec.ts';
import { parseConfigTxt } from '../boot/raspberry-pi.ts';
import { runBootEnvironment, runBootScript, scriptText } from '../boot/u-boot-script.ts';
import { readUki } from '../boot-image/uki.ts';
import { namesIn, openPath } from '../filesystem/tree.ts';
import type { Volume } from '../filesystem/volumes.ts';
import { isArm64Image } from '../kernel/image.ts';
import type { FoundEntry, FoundKernel } from './findings.ts';
import { isOverlayTable } from './overlay-table.ts';
import { readTree, worldOf } from './world.ts';

/** `boot.scr` where there is one, else what it is made from; `boot.ini` is HardKernel's. */
const SCRIPTS = ['boot.scr.uimg', 'boot.scr', 'boot.cmd', 'boot.ini'] as const;
/** U-Boot looks in the root first. */
const DIRECTORIES = ['', '/boot'] as const;

/** @param kernels those that were found in the volume */
export function readBootEntries(
  volumes: readonly Volume[],
  volume: Volume,
  kernels: readonly FoundKernel[],
  boardTree: string | undefined,
): readonly FoundEntry[] {
  if (volume.system.kind === 'raw') {
    const overlays = volumes.find(isOverlayPartition);
    return kernels.flatMap((kernel) => rawEntries(kernel, overlays));
  }
  const world = worldOf(volumes, volume);
  const text = (path: string): string | undefined => textOf(openPath(volume.system, path));
  const entries: BootEntry[] = [];
  for (const directory of DIRECTORIES) {
    const extlinux = `${directory}/extlinux/extlinux.conf`;
    const extlinuxText = text(extlinux);
    if (extlinuxText !== undefined) {
      entries.push(...parseExtlinux(extlinuxText, extlinux, `${directory}/extlinux`, world));
    }
    const script = SCRIPTS.map((name) => `${directory}/${name}`).find((path) => text(path) !== undefined);
    const source = script === undefined ? undefined : openPath(volume.system, script);
    if (script !== undefined && source !== undefined) {
      entries.push(runBootScript(scriptText(source), script, `${directory}/`, world));
    }
    const environment = script === undefined ? text(`${directory}/uEnv.txt`) : undefined;
    if (environment !== undefined) {
      const entry = runBootEnvironment(environment, `${directory}/uEnv.txt`, `${directory}/`, world);
      // Beside another configuration it most likely only holds variables for that.
      if (entry.kernel !== undefined || entries.length === 0) entries.push(entry);
    }
    for (const grub of [`${directory}/grub/grub.cfg`, `${directory}/grub2/grub.cfg`]) {
      const grubText = text(grub);
      if (grubText !== undefined) entries.push(...parseGrub(grubText, grub, world));
    }
    const config = [`${directory}/firmware/config.txt`, `${directory}/config.txt`].find(
      (path) => text(path) !== undefined,
    );
    if (config !== undefined) {
      const overlayMap = (file: { readonly path: string }) => readTree(openPath(volume.system, file.path));
      entries.push(parseConfigTxt(text(config) ?? '', config, world, boardTree, overlayMap));
    }
  }
  for (const top of ['', '/efi', '/boot', '/boot/efi']) {
    // Entries that GRUB's blscfg has taken are GRUB's; beside a grub.cfg without it nothing says whose they are.
    const areOfGrub = entries.some(
      ({ loader, file }) => loader === 'grub' && /\/loader\/entries\/[^/]*$/.test(file),
    );
    if ((hasSystemdBoot({ path: top }, world) || !areOfGrub) && !isReadBesideLoader(world))
      entries.push(...readSystemdBoot(top, world));
    if (!entries.some(({ loader }) => loader === 'grub')) {
      for (const name of namesIn(volume.system, `${top}/EFI`)) {
        const path = `${top}/EFI/${name}/grub.cfg`;
        const stub = text(path);
        if (stub !== undefined) entries.push(...parseGrub(stub, path, world));
      }
    }
  }
  if (entries.length === 0) entries.push(...fallbackPrograms(volume, world));
  return entries.map((entry) => ({ volume, entry }));
}

/** What UEFI starts where nothing else is set up (UEFI, "Removable Media Boot Behavior"): a unified kernel image, or a kernel. */
function fallbackPrograms(volume: Volume, world: BootWorld): readonly BootEntry[] {
  const directory = '/EFI/BOOT';
  const name = namesIn(volume.system, directory).find((each) => each.toUpperCase() === 'BOOTAA64.EFI');
  const file = { path: `${directory}/${name}` };
  const source = name === undefined ? undefined : world.open(file);
  const uki = source && readUki(source);
  if (source === undefined || (uki === undefined && !isArm64Image(source.read(0, 64)))) return [];
  const label = uki?.title ?? 'BOOTAA64.EFI';
  const bootargs = uki?.cmdline ?? '';
  const empty = { initrds: [], dtb: undefined, treeSteps: [], doubts: [] };
  return [{ loader: 'uki', file: file.path, label, isDefault: true, kernel: file, bootargs, ...empty }];
}

/** Android's `dtbo`: overlays of which the loader applies those for its board. */
function isOverlayPartition({ system }: Volume): boolean {
  if (system.kind !== 'raw') return false;
  return namesIn(system, '/').some((name) => {
    const head = openPath(system, `/${name}`)?.read(0, 4);
    return head !== undefined && isOverlayTable(head);
  });
}

/** A boot image that fills its partition is a configuration itself. */
function rawEntries(
  { volume, path, configurations, wrappers }: FoundKernel,
  overlays: Volume | undefined,
): readonly FoundEntry[] {
  const loader = wrappers[0] === 'android' ? 'android' : 'fit';
  if (configurations === undefined) return [];
  return configurations.map(({ name, isDefault, bootargs }) => ({
    volume,
    entry: {
      loader,
      file: path,
      label: name,
      isDefault,
      kernel: { path },
      configuration: name,
      initrds: [],
      dtb: undefined,
      treeSteps: [],
      bootargs,
      doubts:
        overlays === undefined || loader === 'fit'
          ? []
          : [
              {
                file: path,
                line: undefined,
                text: overlays.name,
                reason: 'holds overlays, of which the loader applies those for its board',
                kind: 'board',
                about: ['device tree'],
              },
            ],
    },
  }));
}
