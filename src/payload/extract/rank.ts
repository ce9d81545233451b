/** Which of several boot configurations counts, as far as an image can say. */
import type { DiagnosticSink } from '../../base/index.ts';
import type { Loader } from '../boot/entry.ts';
import { payloadCodes } from '../diagnostics.ts';
import type { Volume } from '../filesystem/volumes.ts';
import type { Findings, FoundEntry } from './findings.ts';
import { sameFile } from './places.ts';

/** U-Boot tries extlinux before scripts; what firmware starts comes behind what it starts itself. */
const LOADER_ORDER: readonly Loader[] = [
  'extlinux',
  'u-boot-script',
  'u-boot-environment',
  'grub',
  'systemd-boot',
  'uki',
  'fit',
  'android',
  'raspberry-pi',
];
export const OF_U_BOOT: readonly Loader[] = ['extlinux', 'u-boot-script', 'u-boot-environment'];

/** The first that is a default counts. */
export function rankEntries(volumes: readonly Volume[], found: Findings): readonly FoundEntry[] {
  const isFirmware = (each: FoundEntry): boolean =>
    each.entry.loader === 'raspberry-pi' &&
    found.kernels.some((kernel) => sameFile(volumes, each, each.entry.kernel, kernel));
  const key = (each: FoundEntry): readonly number[] => [
    // A config.txt whose kernel is none, but U-Boot, leads to the others.
    isFirmware(each) ? 0 : 1,
    isMarked(each) ? 0 : 1,
    LOADER_ORDER.indexOf(each.entry.loader),
  ];
  return [...found.entries].sort((a, b) => {
    const [left, right] = [key(a), key(b)];
    return (
      left.map((value, index) => value - (right[index] ?? 0)).find((difference) => difference !== 0) ?? 0
    );
  });
}

function isMarked({ volume }: FoundEntry): boolean {
  return volume.partition?.isBootable === true;
}

/**
 * Reports other configurations that would boot something else. False where nothing in the image says which of them
 * counts.
 */
export function reportOthers(
  volumes: readonly Volume[],
  found: Findings,
  entries: readonly FoundEntry[],
  taken: FoundEntry,
  sink: DiagnosticSink,
): boolean {
  const kernelOf = (each: FoundEntry) =>
    found.kernels.find((kernel) => sameFile(volumes, each, each.entry.kernel, kernel));
  const others = entries.filter(
    (each) =>
      each !== taken &&
      each.entry.isDefault &&
      kernelOf(each) !== undefined &&
      (kernelOf(each) !== kernelOf(taken) || each.entry.bootargs !== taken.entry.bootargs),
  );
  let isTold = true;
  for (const other of others) {
    const why = whyBefore(taken, other);
    isTold &&= why !== undefined;
    const position = { file: `${taken.volume.name}: ${taken.entry.file}` };
    const shown = { taken: taken.entry.label, other: `${other.volume.name}: ${other.entry.file}`, why };
    sink.report(payloadCodes[why === undefined ? 'boot-ambiguous' : 'boot-other'].at(position, shown));
  }
  return isTold;
}

/** U-Boot looks in the root, and in `/boot`. */
function isInBoot({ entry: { file } }: FoundEntry): boolean {
  return file.startsWith('/boot/');
}

function whyBefore(taken: FoundEntry, other: FoundEntry): string | undefined {
  if (taken.entry.loader === 'raspberry-pi') return "the Raspberry Pi's firmware comes first";
  if (isMarked(taken) !== isMarked(other)) return 'its partition is the one marked bootable';
  const areBothOfUBoot = [taken, other].every(({ entry }) => OF_U_BOOT.includes(entry.loader));
  if (taken.volume === other.volume && areBothOfUBoot && taken.entry.loader !== other.entry.loader) {
    // By directories (include/config_distro_bootcmd.h), or by kinds (boot/bootflow.c): as U-Boot was built.
    if (isInBoot(taken) && !isInBoot(other)) return undefined;
    return `U-Boot tries ${taken.entry.loader} before ${other.entry.loader}`;
  }
  if (taken.volume === other.volume && areBothOfUBoot) return 'U-Boot looks there first';
  return undefined;
}
