import { encodeStrings, writeDtb } from '../../../src/devicetree/index.ts';
import type { Construct } from '../boot-constructs.ts';
import { treeOf } from '../tree-literal.ts';
import { BOOT, FOLLOWED, LOAD, LOAD_AND_BOOT, script } from './layouts.ts';

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: U-Boot's and GRUB's variables look so.
/** It makes the tree longer by two thousand bytes. */
const LONG = writeDtb(
  treeOf({ 'fragment@0': { 'target-path': '/', __overlay__: { more: encodeStrings(['x'.repeat(2000)]) } } }),
);
const APPLY_LONG = 'load mmc 0:1 ${load_addr} /boot/long.dtbo; fdt apply ${load_addr}\n';

export const SCRIPT_TREES: readonly Omit<Construct, 'loader'>[] = [
  {
    construct: '`fdt apply`',
    files: script(
      `setenv w a\n${LOAD}fdt addr \${fdt_addr_r}; fdt resize 65536\nfor o in on; do load mmc 0:1 \${load_addr} /boot/\${o}.dtbo && fdt apply \${load_addr}; done\n${BOOT}`,
    ),
    expected: { ...FOLLOWED, applied: ['on.dtbo'] },
  },
  {
    construct: '`fdt apply` that fails',
    files: script(
      `setenv w a\n${LOAD}fdt addr \${fdt_addr_r}\nload mmc 0:1 \${load_addr} /boot/foreign.dtbo; fdt apply \${load_addr} || setenv bad 1\nif test "\${bad}" = 1; then load mmc 0:1 \${fdt_addr_r} /boot/a.dtb; else load mmc 0:1 \${fdt_addr_r} /boot/b.dtb; fi\n${BOOT}`,
    ),
    expected: { ...FOLLOWED, applied: [], codes: ['tree-step-refused'] },
  },
  {
    construct: 'a tree that an overlay has made invalid, which does not apply',
    files: script(
      `setenv w a\n${LOAD}fdt addr \${fdt_addr_r}\nload mmc 0:1 \${load_addr} /boot/foreign.dtbo; fdt apply \${load_addr}\n${BOOT}`,
    ),
    expected: {
      answer: 'guessed',
      kernel: 'a',
      doubts: ['boot.cmd:6'],
      codes: ['boot-doubt', 'tree-step-refused'],
    },
  },
  {
    construct: 'an overlay that is missing',
    files: script(
      `setenv w a\n${LOAD}fdt addr \${fdt_addr_r}\nload mmc 0:1 \${load_addr} /boot/gone.dtbo; fdt apply \${load_addr}\n${BOOT}`.replaceAll(
        'mmc 0:1',
        '${devtype} ${devnum}:1',
      ),
    ),
    expected: { ...FOLLOWED, applied: [], codes: ['boot-file-missing'] },
  },
  {
    construct: 'a list of overlays, of which one is missing and one does not apply: the tree is loaded anew',
    files: script(
      `setenv w a; setenv bad no; load mmc 0:1 \${load_addr} \${prefix}armbianEnv.txt && env import -t \${load_addr} \${filesize}\n${LOAD}fdt addr \${fdt_addr_r}\nfor o in \${overlays}; do if load mmc 0:1 \${load_addr} /boot/\${o}.dtbo; then fdt apply \${load_addr} || setenv bad yes; fi; done\nif test "\${bad}" = yes; then load mmc 0:1 \${fdt_addr_r} /boot/a.dtb; fi\n${BOOT}`,
      { 'boot/armbianEnv.txt': 'overlays=on gone foreign\n' },
    ),
    expected: { ...FOLLOWED, applied: [], codes: ['boot-file-missing', 'tree-step-refused'] },
  },
  {
    construct: 'a list of overlays that nothing here sets',
    files: script(
      `setenv w a\n${LOAD}fdt addr \${fdt_addr_r}\nfor o in \${overlays}; do load mmc 0:1 \${load_addr} /boot/\${o}.dtbo && fdt apply \${load_addr}; done\n${BOOT}`,
    ),
    expected: { answer: 'guessed', kernel: 'a', tree: 'a', doubts: ['boot.cmd:5'] },
  },
  {
    construct: 'a list of overlays that an imported file of settings does not set',
    files: script(
      `setenv w a\nload mmc 0:1 \${load_addr} /boot/armbianEnv.txt; env import -t \${load_addr} \${filesize}\n${LOAD}fdt addr \${fdt_addr_r}\nfor o in \${overlays}; do load mmc 0:1 \${load_addr} /boot/\${o}.dtbo && fdt apply \${load_addr}; done\n${BOOT}`,
      { 'boot/armbianEnv.txt': 'verbosity=1\n' },
    ),
    expected: { ...FOLLOWED, doubts: ['boot.cmd:6'], codes: ['known-on-board'] },
  },
  {
    construct: 'a list that such a file does not set, and that decides the kernel',
    files: script(
      `setenv w a\nload mmc 0:1 \${load_addr} /boot/armbianEnv.txt; env import -t \${load_addr} \${filesize}\nfor k in \${kernels}; do setenv w \${k}; done\n${LOAD_AND_BOOT}`,
      { 'boot/armbianEnv.txt': 'verbosity=1\n' },
    ),
    expected: { answer: 'guessed', kernel: 'a', tree: 'a', doubts: ['boot.cmd:3'] },
  },
  {
    construct: 'variables that nothing here sets, in the place of a device',
    files: script(`setenv w a\n${LOAD_AND_BOOT}`.replaceAll('mmc 0:1', '${medium} ${number}:${part}')),
    expected: { answer: 'guessed', kernel: 'a', tree: 'a' },
  },
  {
    construct: '`fdt apply` of what is in no file',
    files: script(`setenv w a\n${LOAD}fdt addr \${fdt_addr_r}\nfdt apply \${overlay_addr}\n${BOOT}`),
    expected: { answer: 'guessed', kernel: 'a', tree: 'a', doubts: ['boot.cmd:5'] },
  },
  {
    construct: 'the firmware’s own tree (`fdt addr ${fdt_addr}`)',
    files: script(
      `load mmc 0:1 \${kernel_addr_r} /boot/Image-a\nfdt addr \${fdt_addr} && fdt get value bootargs /chosen bootargs\nbooti \${kernel_addr_r} - \${fdt_addr}\n`,
    ),
    expected: { answer: 'guessed', kernel: 'a', tree: undefined },
  },
  {
    construct: 'a tree that is loaded over the kernel, by the script’s own addresses',
    files: script(
      'load mmc 0:1 0x80000 /boot/Image-a\nload mmc 0:1 0x80400 /boot/a.dtb\nbooti 0x80000 - 0x80400\n',
    ),
    expected: { answer: 'guessed', kernel: 'a', tree: 'a', doubts: ['boot.cmd:3', 'boot.cmd:3'] },
  },
  {
    construct: 'a kernel that is loaded over its tree',
    files: script(
      'load mmc 0:1 0x80400 /boot/a.dtb\nload mmc 0:1 0x80000 /boot/Image-a\nbooti 0x80000 - 0x80400\n',
    ),
    expected: { answer: 'guessed', kernel: 'a', tree: 'a', doubts: ['boot.cmd:3', 'boot.cmd:3'] },
  },
  {
    construct: '`fdt set` of a path that is not there, which decides',
    files: script(
      `setenv w b\n${LOAD}fdt addr \${fdt_addr_r}\nfdt set /gone status okay || load mmc 0:1 \${fdt_addr_r} /boot/a.dtb\nload mmc 0:1 \${kernel_addr_r} /boot/Image-a\n${BOOT}`,
    ),
    expected: { ...FOLLOWED, codes: ['tree-step-refused'] },
  },
  {
    construct: '`fdt apply` and `fdt set` without `fdt addr`',
    files: script(
      `setenv w a\n${LOAD}load mmc 0:1 \${load_addr} /boot/on.dtbo; fdt apply \${load_addr} && load mmc 0:1 \${kernel_addr_r} /boot/Image-b\nfdt set / model x\n${BOOT}`,
    ),
    expected: { ...FOLLOWED, applied: [], doubts: [], codes: ['tree-step-refused'] },
  },
  {
    construct: '`fdt apply` of an overlay that the tree has no room for, without `fdt resize`',
    files: script(`setenv w a\n${LOAD}fdt addr \${fdt_addr_r}\n${APPLY_LONG}${BOOT}`, {
      'boot/long.dtbo': LONG,
    }),
    expected: {
      answer: 'guessed',
      kernel: 'a',
      doubts: ['boot.cmd:6'],
      codes: ['boot-doubt', 'tree-step-refused'],
    },
  },
  {
    construct: '`fdt resize` and `fdt addr ADDRESS LENGTH`, which make room',
    files: script(
      `setenv w a\n${LOAD}fdt addr \${fdt_addr_r} 0x100000\n${APPLY_LONG}load mmc 0:1 \${fdt_addr_r} /boot/a.dtb; fdt addr \${fdt_addr_r}; fdt resize 2000\n${APPLY_LONG}${BOOT}`,
      { 'boot/long.dtbo': LONG },
    ),
    expected: { ...FOLLOWED, applied: ['long.dtbo'] },
  },
  {
    construct: '`fdt mknode` without room, which decides',
    files: script(
      `setenv w a\n${LOAD}fdt addr \${fdt_addr_r}\nfdt mknode / more && load mmc 0:1 \${kernel_addr_r} /boot/Image-b\n${BOOT}`,
    ),
    expected: { ...FOLLOWED, applied: [], codes: ['tree-step-refused'] },
  },
  {
    construct: '`fdt move`',
    files: script(
      'setenv w a\n' +
        LOAD +
        'fdt addr ${fdt_addr_r}; fdt move ${fdt_addr_r} 0x90000000 10000; fdt set / model a\nbooti ${kernel_addr_r} - 0x90000000\n',
    ),
    expected: { ...FOLLOWED, applied: ['fdt set / model a'] },
  },
  {
    construct: 'what else `fdt` can do to a tree (`rsvmem add`)',
    files: script(`setenv w a\n${LOAD}fdt addr \${fdt_addr_r}; fdt rsvmem add 0 1000\n${BOOT}`),
    expected: { answer: 'guessed', kernel: 'a', tree: 'a', doubts: ['boot.cmd:4'] },
  },
  {
    construct: '`fdt set`, `rm`, `mknode`',
    files: script(
      `setenv w a\n${LOAD}fdt addr \${fdt_addr_r}; fdt resize\nfdt set /port@1000 status okay; fdt mknode / more; fdt rm /port@1000 phandle\n${BOOT}`,
    ),
    expected: {
      ...FOLLOWED,
      applied: ['fdt set /port@1000 status okay', 'fdt mknode / more', 'fdt rm /port@1000 phandle'],
    },
  },
];
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: as above.
