import type { Construct } from '../boot-constructs.ts';
import { A, ENTRY_A, ENTRY_B, extlinux, FOLLOWED, grub, LOAD_AND_BOOT, script } from './layouts.ts';

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
];
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: as above.
