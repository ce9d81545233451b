import { type Construct, ramdisk, tree } from '../boot-constructs.ts';
import { ukiOf } from '../boot-images.ts';
import { smallImage } from '../kernel-image.ts';
import { ENTRY_A, ENTRY_B, FOLLOWED, grub, HEAD, MENU, OLD } from './layouts.ts';

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: U-Boot's and GRUB's variables look so.
export const GRUB: readonly Omit<Construct, 'loader'>[] = [
  {
    construct: 'first entry; several ramdisks; quoting, `--class`',
    files: grub(`${HEAD}${ENTRY_A}${ENTRY_B}`),
    expected: OLD,
  },
  {
    construct: 'a number; submenus have one of their own',
    files: grub(`${HEAD}set default=1\n${MENU}`),
    expected: OLD,
  },
  { construct: '`1>0`', files: grub(`${HEAD}set default="1>0"\n${MENU}`), expected: OLD },
  { construct: 'titles', files: grub(`${HEAD}set default="More>Old"\n${MENU}`), expected: OLD },
  {
    construct: 'ids',
    files: grub(`${HEAD}set default=more>old\n${MENU}`.replace('more>old', '"more>old"')),
    expected: OLD,
  },
  {
    construct: '`saved_entry` of `grubenv`',
    files: grub(
      `${HEAD}if [ "\${next_entry}" ] ; then set default="\${next_entry}"; else set default="\${saved_entry}"; fi\n${MENU}`,
      { 'boot/grub/grubenv': '# GRUB Environment Block\nsaved_entry=more>old\n####' },
    ),
    expected: OLD,
  },
  {
    construct: '`load_env` of another disk, all of it',
    files: grub(`load_env -f (hd1,gpt1)/grubenv\n${HEAD}${ENTRY_A}${ENTRY_B}`),
    expected: { answer: 'guessed', kernel: 'a', doubts: ['grub.cfg:1'] },
  },
  {
    construct: '`load_env` of another disk, a variable that decides',
    files: grub(
      `load_env -f (hd1,gpt1)/grubenv next\n${HEAD}if [ "\${next}" ]; then set default=1; fi\n${ENTRY_A}${ENTRY_B}`,
    ),
    expected: { answer: 'guessed', kernel: 'a', doubts: ['grub.cfg:1'] },
  },
  {
    construct: '`load_env` of another disk, a variable that nothing uses',
    files: grub(`load_env -f (hd1,gpt1)/grubenv next\n${HEAD}${ENTRY_A}${ENTRY_B}`),
    expected: { ...FOLLOWED, doubts: [] },
  },
  {
    construct: 'a default that names no entry',
    files: grub(`${HEAD}set default=gone\n${ENTRY_A}${ENTRY_B}`),
    expected: { answer: 'guessed', kernel: 'a', doubts: ['grub.cfg'] },
  },
  {
    construct: 'functions',
    files: grub(`function pick {\n set default=1\n}\n${HEAD}pick\n${MENU}`),
    expected: OLD,
  },
  {
    construct: '`configfile`, `source`',
    files: grub('source $prefix/more.cfg\n', { 'boot/grub/more.cfg': `${HEAD}${ENTRY_A}` }),
    expected: OLD,
  },
  {
    construct: 'a file that is not there',
    files: grub(`${HEAD}${ENTRY_A}source $prefix/custom.cfg\n`),
    expected: { answer: 'guessed', kernel: 'a' },
  },
  {
    construct: '`search --fs-uuid --set=root`, `(hd0,gpt2)`',
    files: [
      {
        files: {
          'grub/grub.cfg':
            'menuentry x {\n search --no-floppy --fs-uuid --set=root 22-22\n linux /Image-a\n devicetree (hd0,gpt1)/a.dtb\n}\n',
        },
      },
      { files: {}, uuid: '22-22' },
    ],
    expected: FOLLOWED,
  },
  {
    construct: '`blscfg`',
    files: grub('load_env\nset default="${saved_entry}"\nblscfg\n', {
      'boot/grub/grubenv': 'saved_entry=old\nkernelopts=root=/dev/sda1\n',
      'boot/loader/entries/new.conf': 'title New\nversion 2\nlinux /boot/Image-b\n',
      'boot/loader/entries/old.conf':
        'title Old\nversion 1\nlinux /boot/Image-a\ndevicetree /boot/a.dtb\noptions $kernelopts ro\n',
    }),
    expected: { ...FOLLOWED, bootargs: 'root=/dev/sda1 ro' },
  },
  {
    construct: 'a kernel on a device that is unlocked or put together (`cryptouuid/…`, `lvmid/…`)',
    files: [
      {
        files: {
          'grub/grub.cfg':
            "set root='cryptouuid/1234'\nmenuentry x {\n linux /Image-a root=/dev/mapper/x\n devicetree /a.dtb\n}\n",
        },
      },
    ],
    expected: { answer: 'guessed', kernel: 'a', doubts: ['grub.cfg:3'] },
  },
  {
    construct: '`linux` and `boot` outside of menu entries',
    files: grub(`${HEAD}linux /boot/Image-a quiet\ndevicetree /boot/a.dtb\nboot\n${ENTRY_B}`),
    expected: { ...FOLLOWED, bootargs: 'quiet' },
  },
  {
    construct: '`linux` outside of menu entries, without `boot`',
    files: grub(`${HEAD}linux /boot/Image-a quiet\ndevicetree /boot/a.dtb\n`),
    expected: { answer: 'guessed', kernel: 'a', tree: 'a', doubts: ['grub.cfg'] },
  },
  {
    construct: '`linux` outside of menu entries, before a menu',
    files: grub(`linux /boot/Image-b\n${ENTRY_A}`),
    expected: { answer: 'guessed', kernel: 'a', doubts: ['grub.cfg'] },
  },
  {
    construct: '`chainloader` as the default',
    files: grub(`${HEAD}menuentry 'Other' {\n chainloader /EFI/other/grubaa64.efi\n}\n${ENTRY_A}`),
    expected: { answer: 'guessed', doubts: ['grub.cfg:11'] },
  },
  {
    construct: '`chainloader` of a unified kernel image',
    files: [
      {
        files: {
          'grub/grub.cfg': "menuentry 'UKI' {\n chainloader /EFI/Linux/x.efi\n}\n",
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
    construct: 'a default that boots no kernel (`fwsetup`)',
    files: grub(`${HEAD}menuentry 'Setup' {\n fwsetup\n}\n${ENTRY_A}`),
    expected: { answer: 'guessed', doubts: ['grub.cfg:10'] },
  },
  {
    construct: '`$1`, `$2`, `$#` of a function and of an entry',
    files: grub(
      `function get { linux /boot/Image-$2 n=$#; devicetree /boot/$1.dtb; }\nmenuentry x --class y a {\n get $2 $2\n}\n`,
    ),
    expected: { ...FOLLOWED, bootargs: 'n=2' },
  },
  {
    construct: '`$cmdpath`, and what else the firmware says',
    files: grub(
      `${HEAD}if [ "$net_default_server" ]; then set default=1; fi\nmenuentry x {\n linux /boot/Image-a\n devicetree $cmdpath/a.dtb\n}\n`,
      {
        'boot/grub/a.dtb': tree('a'),
      },
    ),
    expected: { answer: 'guessed', kernel: 'a', tree: 'a', doubts: ['grub.cfg:13', 'grub.cfg:10'] },
  },
  {
    construct: '`search` that finds nothing in an image',
    files: [
      {
        files: {
          'grub/grub.cfg':
            'search --fs-uuid --set=root 99-99\nmenuentry x {\n linux /Image-a\n devicetree /a.dtb\n}\n',
        },
      },
      { files: {}, uuid: '22-22' },
    ],
    expected: { answer: 'guessed', kernel: 'a', tree: 'a', doubts: ['grub.cfg:1'] },
  },
  {
    construct: 'a command that is not followed, in the entry (`loopback`)',
    files: grub('menuentry x {\n loopback l /boot/x.iso\n linux /boot/Image-a\n devicetree /boot/a.dtb\n}\n'),
    expected: { answer: 'guessed', kernel: 'a', tree: 'a', doubts: ['grub.cfg:2'] },
  },
  {
    construct: 'patterns of files (`for k in /boot/vmlinuz-*`)',
    files: grub('for k in /boot/Image-*; do\n menuentry x {\n linux /boot/Image-a\n }\ndone\n'),
    expected: { answer: 'guessed', kernel: 'a', doubts: ['grub.cfg:1'] },
  },
  {
    construct: '`initrd newc:…`, and one of several ramdisks that is missing',
    files: grub(
      'menuentry x {\n linux /boot/Image-a\n initrd newc:x:/boot/rd-a.cpio /boot/gone\n devicetree /boot/a.dtb\n}\n',
    ),
    expected: { answer: 'guessed', kernel: 'a', tree: 'a', doubts: ['grub.cfg:3', 'grub.cfg:3'] },
  },
  ...[
    'insmod x',
    'ls /gone',
    'loadfont x',
    'background_image x',
    'save_env x',
    'terminal_output gfxterm',
  ].map((command) => ({
    construct: `whether \`${command}\` succeeds`,
    files: grub(`if ${command}; then set default=1; fi\n${MENU}`),
    expected: { answer: 'guessed', kernel: 'a', doubts: ['grub.cfg:1'] } as const,
  })),
  {
    construct: 'the same commands, where nothing booted depends on their status',
    files: grub(
      `insmod gzio\nif loadfont unicode; then set gfxmode=auto; insmod gfxterm; fi\nterminal_output gfxterm\nif echo x; then set default=1; fi\n${MENU}`,
    ),
    expected: { ...OLD, doubts: [] },
  },
  {
    construct: 'a kernel on another disk (`(hd1,gpt1)/…`, `root=hd1,gpt1`)',
    files: grub(
      'menuentry x {\n linux (hd1,gpt1)/boot/Image-a\n set root=hd1,gpt1\n initrd /boot/rd-a.cpio\n devicetree (hd0)/boot/a.dtb\n}\n',
    ),
    expected: { answer: 'guessed', kernel: 'a', tree: 'a', doubts: ['grub.cfg:2', 'grub.cfg:4'] },
  },
  {
    construct: 'a file on another disk, which decides (`[ -f (hd1,gpt1)/x ]`)',
    files: grub(`if [ -f (hd1,gpt1)/x ]; then set default=0; else set default=1; fi\n${MENU}`),
    expected: { answer: 'guessed', kernel: 'a', doubts: ['grub.cfg:1'] },
  },
  {
    construct: 'another disk as `root`, until `search` finds the image',
    files: grub(`set root=hd1,gpt2\nsearch --no-floppy --fs-uuid --set=root 11-11\nset default=1\n${MENU}`),
    expected: { ...OLD, doubts: [] },
  },
  {
    construct: 'which of two files is newer (`-nt`, `-ot`)',
    files: grub(`set default=1; if [ /boot/a -nt /boot/b ]; then set default=0; fi\n${MENU}`),
    expected: { answer: 'guessed', kernel: 'a', doubts: ['grub.cfg:1'] },
  },
  {
    construct: 'a loop that waits for something (`until`, `while`)',
    files: grub(
      `set default=1\nuntil [ -f /boot/gone ]; do sleep 1; done\nwhile true; do sleep 1; done\n${MENU}`,
    ),
    expected: {
      answer: 'guessed',
      kernel: 'a',
      initrds: ['rd-b', 'rd-a'],
      doubts: ['grub.cfg:2', 'grub.cfg:3'],
    },
  },
  {
    construct: '`[ -d … ]`, `[ -f … ]`',
    files: grub(`if [ -d /boot/grub -a ! -f /boot/grub ]; then set default=1; fi\n${MENU}`),
    expected: OLD,
  },
  {
    construct: 'a command that is not followed',
    files: grub(`${HEAD}frobnicate\n${ENTRY_A}`),
    expected: { answer: 'guessed', kernel: 'a', doubts: ['grub.cfg:10'] },
  },
];
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: as above.
