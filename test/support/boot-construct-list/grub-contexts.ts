/** Constructs of GRUB's configuration: contexts, menus of their own, what ends what, which entry a default means. */
import { GPT_EFI_SYSTEM, GPT_EXTENDED_BOOT } from '../../../src/payload/disk/partitions.ts';
import type { Construct } from '../boot-constructs.ts';
import { FOLLOWED, grub } from './layouts.ts';

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: U-Boot's and GRUB's variables look so.
const entry = (title: string, kernel: string) =>
  `menuentry '${title}' {\n linux /boot/Image-${kernel} x\n devicetree /boot/${kernel}.dtb\n}\n`;
const [A, B] = [entry('A', 'a'), entry('B', 'b')];
const BY_VARIABLE = entry('W', '$w');
const other = (text: string) => ({ 'boot/grub/x.cfg': text });
const GONE = "menuentry 'Gone' {\n linux /boot/gone x\n}\n";

export const GRUB_CONTEXTS: readonly Omit<Construct, 'loader'>[] = [
  {
    construct: '`configfile`: a menu of its own',
    files: grub(`${B}configfile /boot/grub/x.cfg\n`, other(A)),
    expected: FOLLOWED,
  },
  {
    construct: '`configfile`: variables that are not exported, `default` too',
    files: grub(
      'set w=b; set default=1\nconfigfile /boot/grub/x.cfg\n',
      other(`if [ "$w" = b ]; then set default=1; fi\n${A}${B}`),
    ),
    expected: FOLLOWED,
  },
  {
    construct: '`configfile`: variables that are exported',
    files: grub('set w=a; export w\nconfigfile /boot/grub/x.cfg\n', other(BY_VARIABLE)),
    expected: FOLLOWED,
  },
  {
    construct: '`configfile` of a file without entries',
    files: grub(`configfile /boot/grub/x.cfg\n${A}${B}`, other('set default=1\n')),
    expected: FOLLOWED,
  },
  {
    construct: '`configfile` in an entry: the default of its menu',
    files: grub(
      `menuentry 'other' {\n configfile /boot/grub/x.cfg\n}\n${B}`,
      other(`set default=1\n${B}${A}`),
    ),
    expected: FOLLOWED,
  },
  {
    construct: 'a submenu sees what is exported, and its entries what it sets',
    files: grub(`set w=b\nsubmenu S {\n if [ -z "$w" ]; then w=a; fi\n ${BY_VARIABLE}}\n`),
    expected: FOLLOWED,
  },
  {
    construct: '`default` that a submenu sets itself',
    files: grub(`submenu S {\n set default=1\n ${B}${A}}\n`),
    expected: FOLLOWED,
  },
  {
    construct: '`return` in a function, `break`, `continue`, `shift`',
    files: grub(
      `function f {\n shift\n for n in 0 1 2; do\n  if [ $n = 0 ]; then continue; fi\n  set default=$1\n  break\n  set default=0\n done\n return\n set default=0\n}\nf 0 1\n${B}${A}`,
    ),
    expected: FOLLOWED,
  },
  {
    construct: '`exit` before the menu',
    files: grub(`exit\n${A}`),
    expected: { answer: 'guessed', kernel: 'a', tree: 'a', doubts: ['grub.cfg:1'] },
  },
  {
    construct: '`reboot` before the menu, where only the board decides',
    files: grub(`if loadfont x; then reboot; fi\n${A}`),
    expected: { answer: 'guessed' },
  },
  {
    construct: '`linux` fails where the kernel is not there',
    files: grub(
      `menuentry 'A' {\n if linux /boot/gone x; then initrd /boot/rd-b.cpio; else linux /boot/Image-a x; fi\n devicetree /boot/a.dtb\n}\n`,
    ),
    expected: { ...FOLLOWED, initrds: [] },
  },
  {
    construct: '`fallback`, where the default’s kernel is not there',
    files: grub(`set default=0; set fallback="7 2"\n${GONE}${B}${A}`),
    expected: { ...FOLLOWED, codes: ['boot-file-missing'] },
  },
  {
    construct: '`test` with `-a` before `-o`, and parentheses',
    files: grub(
      `if [ a = a -o b = c -a d = e ]; then if [ ! "(" a = a ")" -o "(" b = b -a c = c ")" ]; then set default=1; fi; fi\n${B}${A}`,
    ),
    expected: FOLLOWED,
  },
  {
    construct: 'a title with `>`, doubled',
    files: grub(`set default="more>>less>A >> 1"\n${B}submenu 'more>less' {\n${B}${entry('A > 1', 'a')}}\n`),
    expected: FOLLOWED,
  },
  ...[
    { id: '1f8a-6.1.0-1', what: 'a digit' },
    { id: '0f8a-6.1.0-1', what: 'a zero' },
    { id: 'af8a-6.1.0-1', what: 'a letter' },
  ].map(({ id, what }) => ({
    construct: `\`blscfg\`: \`saved_entry\` is an id that begins with ${what}`,
    files: grub('load_env\nset default="${saved_entry}"\nblscfg\n', {
      'boot/grub/grubenv': `saved_entry=${id}\n`,
      'boot/loader/entries/9f-new.conf': 'title New\nversion 3\nlinux /boot/Image-b\n',
      'boot/loader/entries/9e-rescue.conf': 'title Rescue\nversion 2\nlinux /boot/Image-b\n',
      [`boot/loader/entries/${id}.conf`]:
        'title Old\nversion 1\nlinux /boot/Image-a\ndevicetree /boot/a.dtb\n',
    }),
    expected: FOLLOWED,
  })),
  {
    construct:
      '`blscfg` on an extended boot partition (XBOOTLDR), with no systemd-boot on the EFI system partition',
    files: [
      { type: GPT_EFI_SYSTEM, isBare: true, files: { 'EFI/BOOT/BOOTAA64.EFI': 'x' } },
      {
        type: GPT_EXTENDED_BOOT,
        files: {
          'grub2/grub.cfg': 'load_env\nset default="${saved_entry}"\nblscfg\n',
          'grub2/grubenv': 'saved_entry=old\n',
          'loader/entries/new.conf': 'title New\nversion 2\nlinux /Image-b\n',
          'loader/entries/old.conf': 'title Old\nversion 1\nlinux /Image-a\ndevicetree /a.dtb\n',
        },
      },
    ],
    expected: FOLLOWED,
  },
  {
    construct: 'a default that is a number to GRUB, and the title of another entry',
    files: grub(`set default="1 old"\nmenuentry "1 old" {\n linux /boot/Image-b\n}\n${A}`),
    expected: { answer: 'guessed', kernel: 'a', doubts: ['grub.cfg'] },
  },
  {
    construct: 'a default that begins with a number (`1 x`, `0x1`)',
    files: grub(`set default=0x1\n${B}submenu s {\n set default="1 x"\n${B}${A}}\n`),
    expected: FOLLOWED,
  },
  {
    construct: '`"$@"`: words as they are',
    files: grub(
      `function f { g "$@"; }\nfunction g { if [ "$1" = "a b" ]; then set default="$2"; fi; }\nf "a b" 1\n${B}${A}`,
    ),
    expected: FOLLOWED,
  },
  {
    construct: '`root` in parentheses',
    files: grub(`set root=(hd0,gpt1)\n${A}`),
    expected: FOLLOWED,
  },
  {
    construct: '`configfile` in an entry, which leads back to the entry',
    files: grub(`menuentry 'again' {\n configfile /boot/grub/grub.cfg\n}\n${B}`),
    expected: { answer: 'guessed', doubts: ['grub.cfg:1', 'grub.cfg:2'] },
  },
];
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: as above.
