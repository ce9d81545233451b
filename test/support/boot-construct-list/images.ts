/** Constructs of boot images: FIT, Android. */
import { gzipSync } from 'node:zlib';
import { type Construct, ramdisk, tree } from '../boot-constructs.ts';
import { androidBoot, multiImage, ukiOf, vendorBoot } from '../boot-images.ts';
import { smallImage } from '../kernel-image.ts';
import { FOLLOWED, fit, script } from './layouts.ts';

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: U-Boot's and GRUB's variables look so.
const raw = (name: string, content: Uint8Array) => [{ files: { [name]: content }, isRaw: true }];

export const IMAGES: readonly Omit<Construct, 'loader'>[] = [
  {
    construct: 'a FIT in a partition: its default configuration',
    files: raw('image.itb', fit({ default: 'a' })),
    expected: { ...FOLLOWED, initrds: ['rd-a'] },
  },
  {
    construct: 'a FIT’s overlays',
    files: raw('image.itb', fit({ default: 'o' })),
    expected: { ...FOLLOWED, applied: ['image.itb'] },
  },
  {
    construct: 'a FIT’s default that is not in it',
    files: raw('image.itb', fit({ default: 'gone', only: 'a' })),
    expected: { answer: 'guessed', kernel: 'a', tree: 'a', doubts: ['image.itb'] },
  },
  {
    construct: 'a FIT’s configurations for several boards (`compatible`)',
    files: raw('image.itb', fit({ default: 'a', isForBoards: true })),
    expected: { answer: 'guessed', kernel: 'a', tree: 'a', doubts: ['image.itb'] },
  },
  {
    construct: 'a FIT’s overlay that does not apply',
    files: raw('image.itb', fit({ default: 'f' })),
    expected: { answer: 'guessed', kernel: 'a', applied: [], codes: ['boot-doubt', 'tree-step-refused'] },
  },
  {
    construct: 'a FIT’s image that is encrypted',
    files: raw('image.itb', fit({ default: 'e' })),
    expected: { answer: 'guessed', kernel: 'a', doubts: ['image.itb'] },
  },
  {
    construct: 'a FIT’s image compressed with lzo',
    files: raw('image.itb', fit({ default: 'l' })),
    expected: { answer: 'guessed', kernel: 'b', codes: ['unsupported'] },
  },
  {
    construct: 'Android boot image, version 2',
    files: raw(
      'boot.img',
      androidBoot({
        version: 2,
        kernel: smallImage('6.1.0-1-arm64', 2048),
        ramdisk: ramdisk('rd-and'),
        dtb: tree('a'),
        cmdline: 'x',
      }),
    ),
    expected: { ...FOLLOWED, initrds: ['rd-and'], bootargs: 'x' },
  },
  {
    construct: 'Android boot image beside a partition of overlays (`dtbo`)',
    files: [
      ...raw(
        'boot.img',
        androidBoot({
          version: 2,
          kernel: smallImage('6.1.0-1-arm64', 2048),
          ramdisk: ramdisk('rd-and'),
          dtb: tree('a'),
          cmdline: 'x',
        }),
      ),
      ...raw('dtbo.img', Uint8Array.from([0xd7, 0xb7, 0xab, 0x1e, ...new Uint8Array(28)])),
    ],
    expected: { answer: 'guessed', kernel: 'a', tree: 'a', doubts: ['boot.img'] },
  },
  {
    construct: 'Android boot image with a tree behind the kernel',
    files: raw(
      'boot.img',
      androidBoot({
        version: 0,
        kernel: new Uint8Array([...gzipSync(smallImage('6.1.0-1-arm64', 2048)), ...tree('a')]),
        cmdline: 'x',
      }),
    ),
    expected: FOLLOWED,
  },
  {
    construct: 'Android boot image with a tree behind a kernel that is not compressed',
    files: raw(
      'boot.img',
      androidBoot({
        version: 0,
        kernel: new Uint8Array([...smallImage('6.1.0-1-arm64', 2048), ...tree('a')]),
        cmdline: 'x',
      }),
    ),
    expected: FOLLOWED,
  },
  {
    construct: 'Android boot image with several trees behind such a kernel',
    files: raw(
      'boot.img',
      androidBoot({
        version: 0,
        kernel: new Uint8Array([
          ...smallImage('6.1.0-1-arm64', 2048),
          ...tree('a'),
          ...new Uint8Array(8),
          ...tree('b'),
        ]),
        cmdline: 'x',
      }),
    ),
    expected: { answer: 'guessed', kernel: 'a', tree: 'a', doubts: ['boot.img'] },
  },
  {
    construct: 'Android boot image, version 4, with `vendor_boot`',
    files: [
      ...raw(
        'boot.img',
        androidBoot({
          version: 4,
          kernel: smallImage('6.1.0-1-arm64', 2048),
          ramdisk: ramdisk('rd-own'),
          cmdline: 'own',
        }),
      ),
      ...raw(
        'vendor_boot.img',
        vendorBoot({ ramdisk: ramdisk('rd-vendor'), dtb: tree('a'), cmdline: 'vendor' }),
      ),
    ],
    expected: { ...FOLLOWED, initrds: ['rd-vendor', 'rd-own'], bootargs: 'vendor own' },
  },
  {
    construct: 'Android boot image, version 4, without it',
    files: raw(
      'boot.img',
      androidBoot({ version: 4, kernel: smallImage('6.1.0-1-arm64', 2048), cmdline: '' }),
    ),
    expected: { answer: 'guessed', kernel: 'a' },
  },
  {
    construct: 'Android’s `init_boot`, which has the ramdisk since Android 13',
    files: [
      ...raw('boot.img', androidBoot({ version: 4, kernel: smallImage('6.1.0-1-arm64', 2048), cmdline: '' })),
      ...raw(
        'init_boot.img',
        androidBoot({ version: 4, kernel: new Uint8Array(0), ramdisk: ramdisk('rd-init'), cmdline: '' }),
      ),
      ...raw('vendor_boot.img', vendorBoot({ ramdisk: ramdisk('rd-vendor'), dtb: tree('a'), cmdline: 'v' })),
    ],
    expected: { ...FOLLOWED, initrds: ['rd-vendor', 'rd-init'], bootargs: 'v' },
  },
  {
    construct: 'Android boot image without a ramdisk, and no `init_boot`',
    files: [
      ...raw('boot.img', androidBoot({ version: 4, kernel: smallImage('6.1.0-1-arm64', 2048), cmdline: '' })),
      ...raw('vendor_boot.img', vendorBoot({ ramdisk: ramdisk('rd-vendor'), dtb: tree('a'), cmdline: 'v' })),
    ],
    expected: { answer: 'guessed', kernel: 'a', tree: 'a', doubts: ['boot.img'] },
  },
  {
    construct: 'Android’s `vendor_boot` with pieces for recovery, and with a bootconfig',
    files: [
      ...raw(
        'boot.img',
        androidBoot({
          version: 4,
          kernel: smallImage('6.1.0-1-arm64', 2048),
          ramdisk: ramdisk('rd-own'),
          cmdline: '',
        }),
      ),
      ...raw(
        'vendor_boot.img',
        vendorBoot({
          ramdisk: ramdisk('rd-vendor'),
          dtb: tree('a'),
          cmdline: 'v bootconfig',
          pieces: [1, 2],
          bootconfig: 'androidboot.x=1\n',
        }),
      ),
    ],
    expected: { answer: 'guessed', kernel: 'a', tree: 'a', doubts: ['boot.img', 'boot.img'] },
  },
  {
    construct: 'Android boot image with a tree as its second stage',
    files: raw(
      'boot.img',
      androidBoot({
        version: 0,
        kernel: smallImage('6.1.0-1-arm64', 2048),
        second: tree('a'),
        cmdline: 'x',
      }),
    ),
    expected: { ...FOLLOWED, bootargs: 'x' },
  },
  {
    construct: 'Android boot image with another second stage, as Rockchip’s',
    files: raw(
      'boot.img',
      androidBoot({
        version: 0,
        kernel: smallImage('6.1.0-1-arm64', 2048),
        second: new TextEncoder().encode('RSCE'),
        cmdline: 'x',
      }),
    ),
    expected: { answer: 'guessed', kernel: 'a', tree: undefined, doubts: ['boot.img'] },
  },
  {
    construct: 'a program that UEFI starts by itself (`EFI/BOOT/BOOTAA64.EFI`): a unified kernel image',
    files: [
      {
        files: {
          'EFI/BOOT/BOOTAA64.EFI': ukiOf({
            kernel: smallImage('6.1.0-1-arm64', 2048),
            dtb: tree('a'),
            cmdline: 'own',
          }),
        },
      },
    ],
    expected: { ...FOLLOWED, bootargs: 'own' },
  },
  {
    construct: 'an image of several parts (`mkimage -T multi`)',
    files: script('load mmc 0:1 ${loadaddr} /boot/multi\nbootm ${loadaddr}\n', {
      'boot/multi': multiImage([smallImage('6.1.0-1-arm64', 2048), ramdisk('rd-multi'), tree('a')]),
    }),
    expected: { ...FOLLOWED, initrds: ['rd-multi'], bootargs: 'x' },
  },
];
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: as above.
