import { type Construct, tree } from '../boot-constructs.ts';
import { A, B, extlinux, FOLLOWED, fit } from './layouts.ts';

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: U-Boot's and GRUB's variables look so.
export const EXTLINUX: readonly Omit<Construct, 'loader'>[] = [
  {
    construct: 'first label',
    files: extlinux(`label x\n${A}label y\n${B}`),
    expected: { ...FOLLOWED, bootargs: 'root=/dev/sda1' },
  },
  {
    construct: '`default`, the last one counts',
    files: extlinux(`default y\ndefault x\nlabel y\n${B}label x\n${A}`),
    expected: FOLLOWED,
  },
  {
    construct: '`menu default`',
    files: extlinux(`label y\n${B}label x\n menu default\n${A}`),
    expected: FOLLOWED,
  },
  {
    construct: '`ontimeout`',
    files: extlinux(`default y\nontimeout x\nlabel y\n${B}label x\n${A}`),
    expected: FOLLOWED,
  },
  {
    construct: '`default` of a label that is not there: the first one',
    files: extlinux(`default nosuch\nlabel x\n${A}label y\n${B}`),
    expected: { answer: 'guessed', kernel: 'a', tree: 'a', doubts: ['extlinux.conf:1'] },
  },
  {
    construct: 'a default whose files are missing: the next label',
    files: extlinux(`default z\nlabel z\n kernel /boot/gone\nlabel x\n${A}label y\n${B}`),
    expected: { ...FOLLOWED, codes: ['boot-file-missing'] },
  },
  {
    construct: '`include`',
    files: { ...extlinux('include more.conf\n'), 'boot/extlinux/more.conf': `label x\n${A}` },
    expected: FOLLOWED,
  },
  {
    construct: '`fdtoverlays`, `devicetree-overlay`',
    files: extlinux(`label x\n${A} devicetree-overlay /boot/on.dtbo\n`),
    expected: { ...FOLLOWED, applied: ['on.dtbo'] },
  },
  {
    construct: 'an overlay that is missing',
    files: extlinux(`label x\n${A} fdtoverlays /boot/gone.dtbo /boot/on.dtbo\n`),
    expected: { ...FOLLOWED, applied: ['on.dtbo'], codes: ['boot-file-missing'] },
  },
  {
    construct: 'an overlay that does not apply',
    files: extlinux(`label x\n${A} fdtoverlays /boot/foreign.dtbo\n`),
    expected: {
      answer: 'guessed',
      kernel: 'a',
      tree: 'a',
      applied: [],
      codes: ['boot-doubt', 'tree-step-refused'],
    },
  },
  {
    construct: 'a default whose overlay does not apply: the next label',
    files: extlinux(`label y\n${B} fdtoverlays /boot/foreign.dtbo\nlabel x\n${A}`),
    expected: { ...FOLLOWED, codes: [] },
  },
  {
    construct: 'files that are missing in all labels',
    files: extlinux(`label x\n${A} initrd /boot/gone\n`),
    expected: { answer: 'guessed', kernel: 'a', doubts: ['extlinux.conf'] },
  },
  {
    construct: '`fdtdir`, one tree in it',
    files: {
      ...extlinux('label x\n kernel /boot/Image-a\n fdtdir /boot/trees\n append x\n'),
      'boot/trees/v/one.dtb': tree('a'),
    },
    expected: FOLLOWED,
  },
  {
    construct: '`fdtdir`, the board chooses',
    files: {
      ...extlinux(
        'label x\n kernel /boot/Image-a\n fdtdir /boot/trees\n fdtoverlays /boot/on.dtbo\n append x\n',
      ),
      'boot/trees/one.dtb': tree('a'),
      'boot/trees/two.dtb': tree('b'),
    },
    expected: {
      answer: 'followed',
      kernel: 'a',
      tree: undefined,
      codes: ['dtb-not-chosen', 'tree-steps-left'],
    },
  },
  {
    construct: '`fdtdir` with `--dtb`: the booted kernel’s directory does not have it, another’s does',
    dtb: 'board.dtb',
    files: {
      ...extlinux('label x\n kernel /boot/Image-a\n fdtdir /boot/dtb-a\n append root=/dev/sda1\n'),
      'boot/dtb-a/other.dtb': tree('b'),
      'boot/dtb-b/board.dtb': tree('a'),
    },
    expected: { answer: 'guessed', kernel: 'a', tree: 'a', doubts: ['extlinux.conf'] },
  },
  {
    construct: '`fdtdir` with `--dtb`: of two kernels, the booted one’s',
    files: {
      ...extlinux('label x\n kernel /boot/Image-a\n fdtdir /boot/new\n append x\n'),
      'boot/new/one.dtb': tree('a'),
      'boot/old/one.dtb': tree('b'),
    },
    dtb: 'one.dtb',
    expected: FOLLOWED,
  },
  {
    construct: '`initrd`, `initrd=` in `append`',
    files: extlinux(
      'label x\n kernel /boot/Image-a\n fdt /boot/a.dtb\n append quiet initrd=/boot/rd-a.cpio\n',
    ),
    expected: { ...FOLLOWED, initrds: ['rd-a'] },
  },
  {
    construct: 'a FIT’s configuration',
    files: { ...extlinux('label x\n kernel /boot/f.itb#a\n append x\n'), 'boot/f.itb': fit() },
    expected: { ...FOLLOWED, initrds: ['rd-a'] },
  },
  {
    construct: 'a keyword that U-Boot does not know',
    files: extlinux(`label x\n kernel /boot/Image-a\n frobnicate 1\n fdt /boot/b.dtb\n`),
    expected: {
      answer: 'guessed',
      kernel: 'a',
      doubts: ['extlinux.conf:3', 'extlinux.conf:4', 'extlinux.conf'],
    },
  },
  {
    construct: '`localboot`',
    files: extlinux('label x\n localboot 1\n'),
    expected: { answer: 'guessed', kernel: 'b' },
  },
  {
    construct: 'two labels of one name: the last is the default',
    files: extlinux(`default x\nlabel x\n${B}label x\n${A}`),
    expected: FOLLOWED,
  },
  {
    construct: 'a keyword without its value, for which nothing of the file is read',
    files: extlinux(`label x\n initrd\n${A}`),
    expected: { answer: 'guessed', kernel: 'a', doubts: ['extlinux.conf:2'] },
  },
  {
    construct: 'a name with white space behind it',
    files: extlinux('label x\n kernel /boot/Image-a \n fdt /boot/a.dtb\n append x\n'),
    expected: { answer: 'guessed', kernel: 'a', doubts: ['extlinux.conf:2'] },
  },
  {
    construct: 'a second `fdt`, which ends the label',
    files: extlinux(`label x\n kernel /boot/Image-a\n fdt /boot/a.dtb\n fdt /boot/b.dtb\n append x\n`),
    expected: { answer: 'guessed', kernel: 'a', tree: 'a' },
  },
  {
    construct: '`ipappend`, and a label without `append`',
    files: extlinux(`label x\n${A} ipappend 3\nlabel y\n kernel /boot/Image-b\n`),
    expected: { ...FOLLOWED, codes: ['known-on-board'] },
  },
  {
    construct: 'a label without `append`: the command line is the environment’s',
    files: extlinux('label x\n kernel /boot/Image-a\n fdt /boot/a.dtb\n'),
    expected: { ...FOLLOWED, codes: ['known-on-board'] },
  },
  {
    construct: 'a FIT’s configuration with the tree of another laid over (`#a#x`)',
    files: { ...extlinux('label x\n kernel /boot/f.itb#a#x\n append x\n'), 'boot/f.itb': fit() },
    expected: { ...FOLLOWED, initrds: ['rd-a'], applied: ['f.itb'] },
  },
];
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: as above.
