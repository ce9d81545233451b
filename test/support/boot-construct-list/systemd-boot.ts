import { GPT_EFI_SYSTEM, GPT_EXTENDED_BOOT } from '../../../src/payload/disk/partitions.ts';
import { type Construct, ramdisk, tree } from '../boot-constructs.ts';
import { ukiOf } from '../boot-images.ts';
import { smallImage } from '../kernel-image.ts';
import { FOLLOWED } from './layouts.ts';

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: U-Boot's and GRUB's variables look so.
const loaderEntry = (title: string, kernel: string, more = '') =>
  `title ${title}\nlinux /Image-${kernel}\ndevicetree /${kernel}.dtb\n${more}`;

export const SYSTEMD_BOOT: readonly Omit<Construct, 'loader'>[] = [
  {
    construct: '`default` of `loader.conf`, a pattern',
    files: [
      {
        files: {
          'loader/loader.conf': 'default ol*\n',
          'loader/entries/new.conf': loaderEntry('New', 'b'),
          'loader/entries/old.conf': loaderEntry(
            'Old',
            'a',
            'options x\noptions y\ninitrd /rd-b.cpio\ninitrd /rd-a.cpio\n',
          ),
        },
      },
    ],
    expected: { ...FOLLOWED, bootargs: 'x y', initrds: ['rd-b', 'rd-a'] },
  },
  {
    construct: '`default` with the entry’s ending, as its id has it',
    files: [
      {
        files: {
          'loader/loader.conf': 'default old.conf\n',
          'loader/entries/new.conf': loaderEntry('New', 'b'),
          'loader/entries/old.conf': loaderEntry('Old', 'a'),
        },
      },
    ],
    expected: FOLLOWED,
  },
  {
    construct: '`default` without it, which names no entry',
    files: [
      {
        files: {
          'loader/loader.conf': 'default old\n',
          'loader/entries/new.conf': loaderEntry('New', 'b'),
          'loader/entries/old.conf': loaderEntry('Old', 'a'),
        },
      },
    ],
    expected: { answer: 'guessed', doubts: ['loader.conf:1'] },
  },
  {
    construct: 'order by `sort-key` and version',
    files: [
      {
        files: {
          'loader/loader.conf': '',
          'loader/entries/1.conf': loaderEntry('Old', 'b', 'sort-key d\nversion 6.1.0-9\n'),
          'loader/entries/2.conf': loaderEntry('New', 'a', 'sort-key d\nversion 6.1.0-10\n'),
        },
      },
    ],
    expected: FOLLOWED,
  },
  {
    construct: 'boot counting: entries without tries left come last',
    files: [
      {
        files: {
          'loader/loader.conf': '',
          'loader/entries/z+0-3.conf': loaderEntry('Bad', 'b'),
          'loader/entries/a.conf': loaderEntry('Good', 'a'),
        },
      },
    ],
    expected: FOLLOWED,
  },
  {
    construct: '`architecture`: an entry for another is passed over',
    files: [
      {
        files: {
          'loader/loader.conf': '',
          'loader/entries/z.conf': loaderEntry('Z', 'b', 'architecture x64\n'),
          'loader/entries/a.conf': loaderEntry('A', 'a', 'architecture aa64\n'),
        },
      },
    ],
    expected: FOLLOWED,
  },
  {
    construct: '`architecture`, where no entry is for this one',
    files: [
      {
        files: {
          'loader/loader.conf': '',
          'loader/entries/a.conf': loaderEntry('A', 'a', 'architecture x64\n'),
        },
      },
    ],
    expected: { answer: 'guessed', kernel: 'a', doubts: ['a.conf'] },
  },
  {
    construct: 'entries called `auto-…` or `.…` are passed over',
    files: [
      {
        files: {
          'loader/loader.conf': '',
          'loader/entries/Auto-z.conf': loaderEntry('Auto', 'b'),
          'loader/entries/.z.conf': loaderEntry('Hidden', 'b'),
          'loader/entries/a.conf': loaderEntry('A', 'a'),
        },
      },
    ],
    expected: FOLLOWED,
  },
  {
    construct: 'an entry with both `linux` and `efi` is passed over',
    files: [
      {
        files: {
          'loader/loader.conf': '',
          'loader/entries/z.conf': loaderEntry('Z', 'b', 'efi /Image-b\n'),
          'loader/entries/a.conf': loaderEntry('A', 'a'),
        },
      },
    ],
    expected: FOLLOWED,
  },
  {
    construct: '`default` and ids, compared in lower case',
    files: [
      {
        files: {
          'loader/loader.conf': 'default OLD-*\n',
          'loader/entries/new.conf': loaderEntry('New', 'b'),
          'loader/entries/Old-1.conf': loaderEntry('Old', 'a'),
        },
      },
    ],
    expected: FOLLOWED,
  },
  {
    construct: '`default` of an entry whose name counts tries: they are a part of its id',
    files: [
      {
        files: {
          'loader/loader.conf': 'default old.conf\n',
          'loader/entries/old+3.conf': loaderEntry('Old', 'a'),
        },
      },
    ],
    expected: { answer: 'guessed', kernel: 'a', doubts: ['loader.conf:1'] },
  },
  {
    construct: 'profiles of a unified kernel image: the first takes the place of what is before it',
    files: [
      {
        files: {
          'EFI/Linux/x.efi': ukiOf({
            kernel: smallImage('6.1.0-1-arm64', 2048),
            dtb: tree('a'),
            cmdline: 'base',
            profiles: ['first', 'second'],
          }),
        },
      },
    ],
    expected: { ...FOLLOWED, bootargs: 'first' },
  },
  {
    construct: 'an entry whose kernel is not there is passed over',
    files: [
      {
        files: {
          'loader/loader.conf': '',
          'loader/entries/z.conf': loaderEntry('Z', 'gone'),
          'loader/entries/a.conf': loaderEntry('A', 'a'),
        },
      },
    ],
    expected: { ...FOLLOWED, codes: ['boot-file-missing'] },
  },
  {
    construct: '`devicetree-overlay`, which systemd-boot does not know and barebox applies',
    files: [
      {
        files: {
          'loader/loader.conf': '',
          'loader/entries/a.conf': loaderEntry('A', 'a', 'devicetree-overlay /on.dtbo\n'),
        },
      },
    ],
    expected: { answer: 'guessed', kernel: 'a', tree: 'a', applied: [], doubts: ['a.conf:4'] },
  },
  {
    construct: '`extra`',
    files: [
      {
        files: {
          'loader/loader.conf': '',
          'loader/entries/a.conf': loaderEntry('A', 'a', 'extra /x.addon.efi\n'),
        },
      },
    ],
    expected: { answer: 'guessed', kernel: 'a', tree: 'a', doubts: ['a.conf:4'] },
  },
  {
    construct: '`preferred`',
    files: [
      {
        files: {
          'loader/loader.conf': 'timeout 3\npreferred b*\n',
          'loader/entries/a.conf': loaderEntry('A', 'a'),
        },
      },
    ],
    expected: { answer: 'guessed', kernel: 'a', doubts: ['loader.conf:2'] },
  },
  {
    construct: 'add-ons of unified kernel images',
    files: [
      {
        files: {
          'EFI/Linux/x.efi': ukiOf({
            kernel: smallImage('6.1.0-1-arm64', 2048),
            initrd: ramdisk('rd-uki'),
            dtb: tree('a'),
            cmdline: 'root=x',
          }),
          'EFI/Linux/x.efi.extra.d/more.addon.efi': 'x',
        },
      },
    ],
    expected: { answer: 'guessed', kernel: 'a', doubts: ['more.addon.efi'] },
  },
  {
    construct: '`default @saved`',
    files: [
      { files: { 'loader/loader.conf': 'default @saved\n', 'loader/entries/a.conf': loaderEntry('A', 'a') } },
    ],
    expected: { answer: 'guessed', kernel: 'a', doubts: ['loader.conf:1'] },
  },
  {
    construct: 'a unified kernel image without a name in `.osrel` is passed over',
    files: [
      {
        files: {
          'loader/loader.conf': '',
          'loader/entries/a.conf': loaderEntry('A', 'a'),
          'EFI/Linux/z.efi': ukiOf({ kernel: smallImage('6.1.0-2-arm64', 2048), osRelease: '' }),
        },
      },
    ],
    expected: FOLLOWED,
  },
  {
    construct: 'nothing but such an image',
    files: [
      {
        files: {
          'EFI/Linux/z.efi': ukiOf({
            kernel: smallImage('6.1.0-1-arm64', 2048),
            osRelease: '',
            dtb: tree('a'),
          }),
        },
      },
    ],
    expected: { answer: 'guessed', kernel: 'a', doubts: ['z.efi'] },
  },
  {
    construct:
      'entries on a boot partition beside the EFI system partition (XBOOTLDR), by whose `loader.conf` they are chosen',
    files: [
      { type: GPT_EFI_SYSTEM, isBare: true, files: { 'loader/loader.conf': 'default a.conf\n' } },
      {
        type: GPT_EXTENDED_BOOT,
        files: {
          'loader/entries/b.conf': loaderEntry('B', 'b'),
          'loader/entries/a.conf': loaderEntry('A', 'a'),
        },
      },
    ],
    expected: FOLLOWED,
  },
  {
    construct: 'entries on both of them stand in one list',
    files: [
      {
        type: GPT_EFI_SYSTEM,
        files: { 'loader/loader.conf': 'timeout 3\n', 'loader/entries/x.conf': loaderEntry('X', 'b') },
      },
      { type: GPT_EXTENDED_BOOT, files: { 'loader/entries/y.conf': loaderEntry('Y', 'a') } },
    ],
    expected: FOLLOWED,
  },
  {
    construct: 'a default of theirs that names no entry',
    files: [
      { type: GPT_EFI_SYSTEM, isBare: true, files: { 'loader/loader.conf': 'default gone*\n' } },
      { type: GPT_EXTENDED_BOOT, files: { 'loader/entries/a.conf': loaderEntry('A', 'a') } },
    ],
    expected: { answer: 'guessed', kernel: 'a', doubts: ['loader.conf:1'] },
  },
  {
    construct: 'unified kernel images in `EFI/Linux`',
    files: [
      {
        files: {
          'EFI/Linux/x.efi': ukiOf({
            kernel: smallImage('6.1.0-1-arm64', 2048),
            initrd: ramdisk('rd-uki'),
            dtb: tree('a'),
            cmdline: 'root=x',
          }),
        },
      },
    ],
    expected: { ...FOLLOWED, initrds: ['rd-uki'], bootargs: 'root=x' },
  },
  {
    construct: 'order by version: `~` is before all, letters go by their codes',
    files: [
      {
        files: {
          'loader/loader.conf': '',
          'loader/entries/1.conf': loaderEntry('Candidate', 'b', 'sort-key d\nversion 6.12~rc1\n'),
          'loader/entries/2.conf': loaderEntry('Release', 'a', 'sort-key d\nversion 6.12\n'),
        },
      },
    ],
    expected: FOLLOWED,
  },
  {
    construct: '`uki`, whose command line is its own',
    files: [
      {
        files: {
          'loader/loader.conf': '',
          'loader/entries/u.conf': 'title U\nuki /EFI/u.efi\n',
          'EFI/u.efi': ukiOf({
            kernel: smallImage('6.1.0-1-arm64', 2048),
            dtb: tree('a'),
            cmdline: 'own',
            osRelease: 'ID=x\n',
          }),
        },
      },
    ],
    expected: { ...FOLLOWED, bootargs: 'own' },
  },
];
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: as above.
