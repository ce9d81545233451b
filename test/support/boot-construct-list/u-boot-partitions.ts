/** Constructs of U-Boot scripts: which partition of its device a command means. */
import { type Construct, tree } from '../boot-constructs.ts';
import { smallImage } from '../kernel-image.ts';
import { BOOT, FOLLOWED } from './layouts.ts';

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: U-Boot's and GRUB's variables look so.
const system = (name: 'a' | 'b', release: 1 | 2) => ({
  K: smallImage(`6.1.0-${release}-arm64`, 2048),
  'T.dtb': tree(name),
});
/** System `a` on the first partition, `b` on the second beside the script. */
const partitions = (text: string, isBootable = true) => [
  { files: system('a', 1) },
  { isBootable, files: { ...system('b', 2), 'boot.cmd': `setenv bootargs x; ${text}` } },
];
/** That the script is run at all is a guess where its partition is not marked. */
const UNMARKED = { answer: 'guessed', kernel: 'a', tree: 'a', doubts: ['boot.cmd'] } as const;
const loadFrom = (device: string) =>
  `load mmc ${device} \${kernel_addr_r} /K\nload mmc ${device} \${fdt_addr_r} /T.dtb\n${BOOT}`;
const inOneLine = (text: string) => text.replaceAll('\n', '; ');

export const SCRIPT_PARTITIONS: readonly Omit<Construct, 'loader'>[] = [
  {
    construct: 'a device without a partition: the first one, not the script’s',
    files: partitions(loadFrom('0')),
    expected: FOLLOWED,
  },
  {
    construct: 'the script’s own device without a partition: the first one, not the script’s',
    files: partitions(loadFrom('${devnum}')),
    expected: FOLLOWED,
  },
  {
    construct: '`auto`: the partition marked bootable',
    files: [
      ...partitions(loadFrom('0:auto'), false).toReversed(),
      { isBootable: true, files: system('a', 1) },
    ],
    expected: UNMARKED,
  },
  {
    construct: '`auto`, none marked: the first partition',
    files: partitions(loadFrom('0:auto'), false),
    expected: UNMARKED,
  },
  {
    construct: 'a partition by a name that there is not (`load mmc 0#gone`)',
    files: partitions(`setenv p 0; load mmc 0#gone \${load_addr} /K || setenv p 0:1\n${loadFrom('${p}')}`),
    expected: FOLLOWED,
  },
  {
    construct: 'a file on a partition whose filesystem is not read here',
    files: [
      ...partitions(`setenv p 0:1; test -e mmc 0:3 /K && setenv p 0:2\n${loadFrom('${p}')}`),
      { isUnread: true, files: {} },
    ],
    expected: { answer: 'guessed', kernel: 'a', tree: 'a', doubts: ['boot.cmd:1'] },
  },
  {
    construct: 'the whole of a partitioned device (`load mmc 0:0`) has no files',
    files: partitions(`setenv p 0:2; load mmc 0:0 \${load_addr} /K || setenv p 0:1\n${loadFrom('${p}')}`),
    expected: FOLLOWED,
  },
  {
    construct: '`part list -bootable` where none is: the variable is deleted',
    files: partitions(
      `part list mmc 0 -bootable ps; env exists ps || setenv ps 1\nfor p in \${ps}; do ${inOneLine(loadFrom('0:${p}'))} done\n`,
      false,
    ),
    expected: UNMARKED,
  },
];
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: as above.
