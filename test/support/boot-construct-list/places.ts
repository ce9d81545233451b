import { type Construct, tree } from '../boot-constructs.ts';
import { smallImage } from '../kernel-image.ts';
import { A, ENTRY_A, ENTRY_B, extlinux, FOLLOWED, fit, grub, LOAD_AND_BOOT, script } from './layouts.ts';

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: U-Boot's and GRUB's variables look so.
export const PLACES: readonly Omit<Construct, 'loader'>[] = [
  {
    construct: 'the partition marked bootable',
    files: [
      { files: { 'extlinux/extlinux.conf': 'label b\n kernel /Image-b\n append x\n' } },
      {
        isBootable: true,
        files: { 'extlinux/extlinux.conf': 'label a\n kernel /Image-a\n fdt /a.dtb\n append x\n' },
      },
    ],
    expected: { ...FOLLOWED, codes: ['boot-other'] },
  },
  {
    construct: 'two partitions, none marked',
    files: [
      { files: { 'extlinux/extlinux.conf': 'label a\n kernel /Image-a\n fdt /a.dtb\n append x\n' } },
      { files: { 'extlinux/extlinux.conf': 'label b\n kernel /Image-b\n append x\n' } },
    ],
    expected: { answer: 'guessed', kernel: 'a', codes: ['boot-ambiguous'] },
  },
  {
    construct: 'extlinux beside a script',
    files: { ...extlinux(`label x\n${A}`), ...script(`setenv w b\n${LOAD_AND_BOOT}`) },
    expected: { ...FOLLOWED, codes: ['boot-other'] },
  },
  {
    construct: 'U-Boot’s configuration beside GRUB’s',
    files: { ...extlinux(`label x\n${A}`), ...grub(ENTRY_B) },
    expected: { answer: 'guessed', kernel: 'a', codes: ['boot-ambiguous'] },
  },
  {
    construct: 'GRUB’s configuration without `blscfg` beside loader/entries without loader.conf',
    files: {
      ...grub(ENTRY_A),
      'boot/loader/entries/b.conf': 'title B\nlinux /boot/Image-b\ndevicetree /boot/b.dtb\n',
    },
    expected: { answer: 'guessed', kernel: 'a', tree: 'a', codes: ['boot-ambiguous'] },
  },
  { construct: 'no configuration', files: {}, expected: { answer: 'guessed', kernel: 'b' } },
  {
    construct: 'a kernel that is on another partition than the loader looks on',
    files: [
      { files: { 'grub/grub.cfg': 'menuentry a {\n linux /K x\n devicetree /a.dtb\n}\n' } },
      { files: { K: smallImage('6.1.0-1-arm64', 2048) } },
    ],
    expected: { answer: 'guessed', kernel: 'a', tree: 'a', doubts: ['grub.cfg'] },
  },
  {
    construct: 'a path with `/boot` on a boot partition that has none',
    files: [{ files: { 'grub/grub.cfg': 'menuentry a {\n linux /boot/Image-a x\n devicetree /a.dtb\n}\n' } }],
    expected: { answer: 'guessed', kernel: 'a', tree: 'a', doubts: ['grub.cfg'] },
  },
  {
    construct: 'one tree that no configuration names: the firmware gives its own',
    files: [
      {
        isBare: true,
        files: {
          K: smallImage('6.1.0-1-arm64', 2048),
          'only.dtb': tree('a'),
          'grub/grub.cfg': 'menuentry a {\n linux /K x\n}\n',
        },
      },
    ],
    expected: { answer: 'guessed', kernel: 'a', tree: 'a', doubts: ['grub.cfg'] },
  },
  {
    construct: 'a default that boots what is no kernel',
    files: [{ files: { 'grub/grub.cfg': 'menuentry a {\n linux /a.dtb x\n}\n' } }],
    expected: { answer: 'guessed', kernel: 'b', doubts: ['grub.cfg'] },
  },
  {
    construct: 'a FIT’s configuration that is not in it',
    files: { ...extlinux('label x\n kernel /boot/f.itb#gone\n append x\n'), 'boot/f.itb': fit() },
    expected: { answer: 'guessed', doubts: ['extlinux.conf'] },
  },
  {
    construct: 'a FIT with several configurations, none of them the default',
    files: [{ files: { 'image.itb': fit({ default: '' }) }, isRaw: true }],
    expected: { answer: 'guessed', doubts: ['image.itb'] },
  },
  {
    construct: 'U-Boot’s configuration on a partition that is not marked, where another is',
    files: [
      { isBootable: true, isBare: true, files: { note: 'x' } },
      { files: { 'extlinux/extlinux.conf': 'label a\n kernel /Image-a\n fdt /a.dtb\n append x\n' } },
    ],
    expected: { answer: 'guessed', kernel: 'a', tree: 'a', doubts: ['extlinux.conf'] },
  },
  {
    construct: 'U-Boot’s configuration on the second partition, where none is marked',
    files: [
      { isBare: true, files: { note: 'x' } },
      { files: { 'extlinux/extlinux.conf': 'label a\n kernel /Image-a\n fdt /a.dtb\n append x\n' } },
    ],
    expected: { answer: 'guessed', kernel: 'a', tree: 'a', doubts: ['extlinux.conf'] },
  },
  {
    construct: 'a script in the root, and extlinux in `/boot`',
    files: {
      ...extlinux(`label x\n${A}`),
      'boot.cmd': `setenv bootargs x; setenv w b\n${LOAD_AND_BOOT}`,
    },
    expected: { answer: 'guessed', kernel: 'a', codes: ['boot-ambiguous'] },
  },
];
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: as above.
