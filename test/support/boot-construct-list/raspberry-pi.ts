import { writeDtb } from '../../../src/devicetree/index.ts';
import { type Construct, OVERLAY, ramdisk, tree } from '../boot-constructs.ts';
import { smallImage } from '../kernel-image.ts';
import { treeOf } from '../tree-literal.ts';
import { FOLLOWED } from './layouts.ts';

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: U-Boot's and GRUB's variables look so.
const pi = (config: string, more = {}) => [
  {
    files: {
      'config.txt': config,
      'cmdline.txt': 'root=/dev/mmcblk0p2\n',
      'bcm2711-rpi-4-b.dtb': tree('a'),
      'overlays/on.dtbo': OVERLAY,
      ...more,
    },
  },
];
const PI_KERNEL = 'kernel=Image-a\ndevice_tree=a.dtb\n';

export const RASPBERRY_PI: readonly Omit<Construct, 'loader'>[] = [
  {
    construct: '`kernel`, `initramfs`, `device_tree`, `cmdline.txt`',
    files: pi(`${PI_KERNEL}initramfs rd-a.cpio followkernel\n`),
    expected: { ...FOLLOWED, initrds: ['rd-a'], bootargs: 'root=/dev/mmcblk0p2' },
  },
  {
    construct: '`device_tree=` without a name, which turns the tree off',
    files: pi('kernel=Image-a\ndevice_tree=\ndtoverlay=on\n'),
    expected: {
      answer: 'guessed',
      kernel: 'a',
      tree: undefined,
      applied: [],
      doubts: ['config.txt:2'],
      codes: ['boot-doubt'],
    },
  },
  {
    construct: '`cmdline`',
    files: pi(`${PI_KERNEL}cmdline=other.txt\n`, { 'other.txt': 'quiet' }),
    expected: { ...FOLLOWED, bootargs: 'quiet' },
  },
  {
    construct: '`os_prefix`',
    files: pi('os_prefix=new/\nkernel=k\ndevice_tree=t.dtb\n', {
      'new/k': smallImage('6.1.0-1-arm64', 2048),
      'new/t.dtb': tree('a'),
      'new/cmdline.txt': 'new',
    }),
    expected: { ...FOLLOWED, bootargs: 'new' },
  },
  {
    construct: '`auto_initramfs`',
    files: pi('auto_initramfs=1\ndevice_tree=a.dtb\n', {
      'kernel8.img': smallImage('6.1.0-1-arm64', 2048),
      initramfs8: ramdisk('rd-auto'),
    }),
    expected: { ...FOLLOWED, initrds: ['rd-auto'] },
  },
  {
    construct: '`include`',
    files: pi('include extra.txt\n', { 'extra.txt': PI_KERNEL }),
    expected: FOLLOWED,
  },
  {
    construct: 'filters `[all]`, `[none]`',
    files: pi(`[none]\nkernel=Image-b\n[all]\n${PI_KERNEL}`),
    expected: FOLLOWED,
  },
  {
    construct: 'filters of models, the board known by `--dtb`',
    files: pi('kernel=Image-b\n[pi5]\nkernel=Image-b\n[pi4]\nkernel=Image-a\n[all]\n'),
    dtb: 'bcm2711-rpi-4-b.dtb',
    expected: FOLLOWED,
  },
  {
    construct: 'filters of models, the board unknown',
    files: pi(`${PI_KERNEL}[pi5]\nkernel=Image-b\n`),
    expected: { answer: 'guessed', kernel: 'a', doubts: ['config.txt:4'] },
  },
  {
    construct: 'filters that only the board answers (`[gpio4=1]`)',
    files: pi(`${PI_KERNEL}[gpio4=1]\ndtoverlay=on\n`),
    expected: { answer: 'guessed', kernel: 'a', applied: [], doubts: ['config.txt:4'] },
  },
  {
    construct: '`dtoverlay`',
    files: pi(`${PI_KERNEL}dtoverlay=on\n`),
    expected: { ...FOLLOWED, applied: ['on.dtbo'] },
  },
  {
    construct: '`dtoverlay` with parameters, `dtparam` behind it',
    files: pi(`${PI_KERNEL}dtoverlay=on,rate=5\ndtparam=rate=6\n`),
    expected: { ...FOLLOWED, applied: ['on.dtbo,rate=5,rate=6'] },
  },
  {
    construct: '`dtparam` of the board',
    files: pi(`${PI_KERNEL}dtparam=own=3\n`),
    expected: { ...FOLLOWED, applied: ['dtparam=own=3'] },
  },
  {
    construct: 'a parameter that is not there',
    files: pi(`${PI_KERNEL}dtparam=other=on\n`),
    expected: { ...FOLLOWED, applied: [], codes: ['tree-step-refused'] },
  },
  {
    construct: 'an overlay that is missing',
    files: pi(`${PI_KERNEL}dtoverlay=gone\n`),
    expected: { ...FOLLOWED, applied: [], codes: ['boot-file-missing'] },
  },
  {
    construct: '`overlay_map.dtb`, the board known',
    files: pi('kernel=Image-a\ndtoverlay=any\n', {
      'overlays/overlay_map.dtb': writeDtb(treeOf({ any: { bcm2711: 'on', bcm2712: 'other' } })),
    }),
    dtb: 'bcm2711-rpi-4-b.dtb',
    expected: { ...FOLLOWED, applied: ['on.dtbo'] },
  },
  {
    construct: '`overlay_map.dtb`, the board unknown',
    files: pi(`${PI_KERNEL}dtoverlay=on\n`, {
      'overlays/overlay_map.dtb': writeDtb(treeOf({ on: { bcm2711: new Uint8Array(0), bcm2712: 'other' } })),
    }),
    expected: { answer: 'guessed', kernel: 'a', applied: ['on.dtbo'] },
  },
  {
    construct: '`camera_auto_detect`, `display_auto_detect`, `enable_uart`, `otg_mode`',
    files: pi(
      `${PI_KERNEL}camera_auto_detect=1\ndisplay_auto_detect=1\nenable_uart=1\notg_mode=1\ncamera_auto_detect=0\n`,
    ),
    expected: {
      ...FOLLOWED,
      doubts: ['config.txt:3', 'config.txt:4', 'config.txt:5', 'config.txt:6'],
      codes: ['known-on-board'],
    },
  },
  {
    construct: '`console=serial0` in `cmdline.txt`',
    files: pi(PI_KERNEL, { 'cmdline.txt': 'console=serial0,115200 root=/dev/mmcblk0p2\n' }),
    expected: {
      ...FOLLOWED,
      bootargs: 'console=serial0,115200 root=/dev/mmcblk0p2',
      doubts: ['cmdline.txt:1'],
      codes: ['known-on-board'],
    },
  },
  {
    construct: 'a `cmdline.txt` that is not there, or has several lines',
    files: pi(`${PI_KERNEL}cmdline=two.txt\n`, { 'two.txt': 'quiet\nsplash\n' }),
    expected: { ...FOLLOWED, doubts: ['config.txt'], codes: ['known-on-board'] },
  },
  {
    construct: 'settings of clocks, screens and the like',
    files: pi(`${PI_KERNEL}arm_boost=1\nhdmi_mode:1=4\ngpu_mem=64\ndisable_splash=1\nmax_framebuffers=2\n`),
    expected: { ...FOLLOWED, doubts: [] },
  },
  {
    construct: 'a setting that is not known',
    files: pi(`${PI_KERNEL}frobnicate=1\nno setting at all\n`),
    expected: { answer: 'guessed', kernel: 'a', tree: 'a', doubts: ['config.txt:3', 'config.txt:4'] },
  },
  {
    construct: '`upstream_kernel`, `boot_ramdisk`',
    files: pi(`${PI_KERNEL}upstream_kernel=1\nboot_ramdisk=1\n`),
    expected: { answer: 'guessed', kernel: 'a', doubts: ['config.txt:3', 'config.txt:4'] },
  },
  {
    construct: '`autoboot.txt`, which names another partition',
    files: [
      ...pi(`kernel=Image-b\ndevice_tree=b.dtb\n`, {
        'autoboot.txt': '[all]\ntryboot_a_b=1\nboot_partition=2\n[tryboot]\nboot_partition=3\n',
      }),
      ...pi(PI_KERNEL),
    ],
    expected: FOLLOWED,
  },
  {
    construct: '`autoboot.txt` alone on the first partition',
    files: [
      { isBare: true, files: { 'autoboot.txt': '[all]\ntryboot_a_b=1\nboot_partition=3\n' } },
      ...pi('kernel=Image-b\ndevice_tree=b.dtb\n'),
      ...pi(PI_KERNEL),
    ],
    expected: FOLLOWED,
  },
  {
    construct: '`autoboot.txt` and `--dtb`: the tree of the partition that it names',
    dtb: 'bcm2711-rpi-4-b.dtb',
    files: [
      { isBare: true, files: { 'autoboot.txt': 'boot_partition=3\n' } },
      ...pi('kernel=Image-b\n', { 'bcm2711-rpi-4-b.dtb': tree('b') }),
      ...pi('kernel=Image-a\n'),
    ],
    expected: FOLLOWED,
  },
  {
    construct: '`autoboot.txt`, which names a partition that is not there',
    files: pi(PI_KERNEL, { 'autoboot.txt': 'boot_partition=2\n' }),
    expected: { answer: 'guessed', kernel: 'a', tree: 'a', doubts: ['config.txt'] },
  },
  {
    construct: 'U-Boot as the kernel, which goes on to extlinux',
    files: [
      {
        files: {
          'config.txt': 'kernel=u-boot.bin\n',
          'u-boot.bin': 'x',
          'extlinux/extlinux.conf': 'label x\n kernel /Image-a\n fdt /a.dtb\n append x\n',
        },
      },
    ],
    expected: FOLLOWED,
  },
  {
    construct: 'a line of more than 98 characters, of which the firmware reads so many',
    files: pi(`${PI_KERNEL}dtoverlay=on,rate=5,${'x'.repeat(90)}=1\n`),
    expected: { answer: 'guessed', kernel: 'a', tree: 'a', doubts: ['config.txt:3'] },
  },
];
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: as above.
