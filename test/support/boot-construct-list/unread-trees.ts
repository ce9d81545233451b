/** What is named as a tree and is none, for each loader that names one. */
import { type Construct, ramdisk } from '../boot-constructs.ts';
import { androidBoot, ukiOf } from '../boot-images.ts';
import { smallImage } from '../kernel-image.ts';
import { extlinux, grub } from './layouts.ts';

const construct = 'a tree that is no device tree';
const expected = { answer: 'guessed', kernel: 'a', tree: undefined, codes: ['tree-unread'] } as const;
const KERNEL = smallImage('6.1.0-1-arm64', 2048);
const GARBAGE = new TextEncoder().encode('no tree '.repeat(16));

export const UNREAD_TREES: readonly Construct[] = [
  {
    loader: 'extlinux',
    construct,
    files: extlinux('label x\n kernel /boot/Image-a\n fdt /boot/Image-b\n append x\n'),
    expected,
  },
  {
    loader: 'extlinux',
    construct: 'a tree that is the kernel itself, which is no FIT',
    files: extlinux('label x\n kernel /boot/Image-a\n fdt /boot/Image-a\n append x\n'),
    expected,
  },
  {
    loader: 'GRUB',
    construct,
    files: grub('menuentry x {\n linux /boot/Image-a\n devicetree /boot/Image-b\n}\n'),
    expected,
  },
  {
    loader: 'Raspberry Pi',
    construct,
    files: [
      {
        files: {
          'config.txt': 'kernel=Image-a\ndevice_tree=cmdline.txt\n',
          'cmdline.txt': 'root=/dev/mmcblk0p2 rootwait console=tty1',
        },
      },
    ],
    expected,
  },
  {
    loader: 'systemd-boot',
    construct,
    files: [
      {
        files: {
          'loader/loader.conf': '',
          'loader/entries/a.conf': 'linux /Image-a\ndevicetree /Image-b\n',
        },
      },
    ],
    expected,
  },
  {
    loader: 'systemd-boot',
    construct: 'a `.dtb` of a unified kernel image that is no device tree',
    files: [{ files: { 'EFI/Linux/x.efi': ukiOf({ kernel: KERNEL, dtb: GARBAGE, cmdline: 'root=x' }) } }],
    expected,
  },
  {
    loader: 'boot images',
    construct: 'Android boot image, version 2, whose tree is no device tree',
    files: [
      {
        files: {
          'boot.img': androidBoot({
            version: 2,
            kernel: KERNEL,
            ramdisk: ramdisk('rd-and'),
            dtb: GARBAGE,
            cmdline: 'x',
          }),
        },
        isRaw: true,
      },
    ],
    expected,
  },
];
