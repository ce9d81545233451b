/** The constructs of every loader that is read (`boot-constructs.ts` says what they are made of). */
import { gzipSync } from 'node:zlib';
import { writeDtb } from '../../src/devicetree/index.ts';
import { type Construct, OVERLAY, ramdisk, tree } from './boot-constructs.ts';
import { androidBoot, ukiOf, vendorBoot } from './boot-images.ts';
import { smallImage } from './kernel-image.ts';
import { type NodeLiteral, treeOf } from './tree-literal.ts';

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: U-Boot's and GRUB's variables look so.
const FOLLOWED = { answer: 'followed', kernel: 'a', tree: 'a', codes: [] } as const;
const extlinux = (text: string) => ({ 'boot/extlinux/extlinux.conf': text });
const A = ' kernel /boot/Image-a\n fdt /boot/a.dtb\n append root=/dev/sda1\n';
const B = ' kernel /boot/Image-b\n fdt /boot/b.dtb\n';

const EXTLINUX: readonly Omit<Construct, 'loader'>[] = [
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
    expected: { ...FOLLOWED, applied: [], codes: ['tree-step-refused'] },
  },
  {
    construct: '`fdtdir`, one tree in it',
    files: {
      ...extlinux('label x\n kernel /boot/Image-a\n fdtdir /boot/trees\n'),
      'boot/trees/v/one.dtb': tree('a'),
    },
    expected: FOLLOWED,
  },
  {
    construct: '`fdtdir`, the board chooses',
    files: {
      ...extlinux('label x\n kernel /boot/Image-a\n fdtdir /boot/trees\n fdtoverlays /boot/on.dtbo\n'),
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
    construct: '`fdtdir` with `--dtb`: of two kernels, the booted one’s',
    files: {
      ...extlinux('label x\n kernel /boot/Image-a\n fdtdir /boot/new\n'),
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
    files: { ...extlinux('label x\n kernel /boot/f.itb#a\n'), 'boot/f.itb': fit() },
    expected: { ...FOLLOWED, initrds: ['rd-a'] },
  },
  {
    construct: 'a keyword that U-Boot does not know',
    files: extlinux(`label x\n kernel /boot/Image-a\n frobnicate 1\n fdt /boot/b.dtb\n`),
    expected: { answer: 'guessed', kernel: 'a', doubts: ['extlinux.conf:3', 'extlinux.conf:4'] },
  },
  {
    construct: '`localboot`',
    files: extlinux('label x\n localboot 1\n'),
    expected: { answer: 'guessed', kernel: 'b' },
  },
];

const script = (text: string, more = {}) => ({ 'boot/boot.cmd': text, ...more });
const LOAD = 'load mmc 0:1 ${kernel_addr_r} /boot/Image-${w}\nload mmc 0:1 ${fdt_addr_r} /boot/${w}.dtb\n';
const BOOT = 'booti ${kernel_addr_r} - ${fdt_addr_r}\n';
const LOAD_AND_BOOT = `${LOAD}${BOOT}`;

const SCRIPT: readonly Omit<Construct, 'loader'>[] = [
  {
    construct: '`setenv`, `load` with variables',
    files: script(`setenv w a\n${LOAD_AND_BOOT}`),
    expected: FOLLOWED,
  },
  {
    construct: '`run`',
    files: script(
      "setenv w a; setenv get 'load mmc 0:1 ${kernel_addr_r} /boot/Image-${w}; load mmc 0:1 ${fdt_addr_r} /boot/${w}.dtb'\nrun get\n" +
        BOOT,
    ),
    expected: FOLLOWED,
  },
  {
    construct: '`for`, a file that is missing',
    files: script(
      `for w in c a b; do\n if load mmc 0:1 \${kernel_addr_r} /boot/Image-\${w}; then\n ${LOAD}${BOOT} fi\ndone\n`,
    ),
    expected: FOLLOWED,
  },
  {
    construct: '`while`, `setexpr`',
    files: script(
      `setenv n 0; while itest \${n} < 3; do setexpr n \${n} + 1; done\nif test \${n} = 3; then setenv w a; else setenv w b; fi\n${LOAD_AND_BOOT}`,
    ),
    expected: FOLLOWED,
  },
  {
    construct: '`if`, `elif`, `&&`, `||`, `test` with `-a`, `-o`, `!`',
    files: script(
      `if test 1 = 2 -o ! -n ""; then if false || test -e mmc 0:1 /boot/a.dtb && true; then setenv w a; fi; elif true; then setenv w b; fi\n${LOAD_AND_BOOT}`,
    ),
    expected: FOLLOWED,
  },
  {
    construct: '`itest`, in hexadecimal',
    files: script(
      `if itest 10 == 0x10 && itest a > 9; then setenv w a; else setenv w b; fi\n${LOAD_AND_BOOT}`,
    ),
    expected: FOLLOWED,
  },
  {
    construct: '`setexpr sub`, `gsub`',
    files: script(
      `setenv f v/a-x\nsetexpr f sub ".*/" "" \${f}\nsetexpr w gsub "-[a-z]" "" \${f}\n${LOAD_AND_BOOT}`,
    ),
    expected: FOLLOWED,
  },
  {
    construct: '`setexpr fmt`',
    files: script(`setexpr w fmt %s a\n${LOAD_AND_BOOT}`),
    expected: { answer: 'guessed', kernel: 'b', doubts: ['boot.cmd:1', 'boot.cmd:4'] },
  },
  {
    construct: 'memory of what was loaded (`setexpr.l`, `itest.l *`)',
    files: script(
      `load mmc 0:1 \${kernel_addr_r} /boot/Image-a\nsetexpr p \${kernel_addr_r} + 38\nif itest.l *\${p} == 644d5241; then setenv w a; else setenv w b; fi\n${LOAD_AND_BOOT}`,
    ),
    expected: FOLLOWED,
  },
  {
    construct: 'whether a device is there (`mmc dev`, `usb storage`, `nvme scan`)',
    files: script(`if mmc dev 1; then setenv w b; else setenv w a; fi\n${LOAD_AND_BOOT}`),
    expected: { answer: 'guessed', kernel: 'b', doubts: ['boot.cmd:1'] },
  },
  {
    construct: 'devices that nothing depends on',
    files: script(`usb start; mmc dev 0\nsetenv w a\n${LOAD_AND_BOOT}`),
    expected: FOLLOWED,
  },
  {
    construct: 'whether a variable of the board’s is there (`printenv`, `env exists`)',
    files: script(
      `if printenv rescue || env exists slot; then setenv w b; else setenv w a; fi\n${LOAD_AND_BOOT}`,
    ),
    expected: { answer: 'guessed', kernel: 'a', doubts: ['boot.cmd:1', 'boot.cmd:1'] },
  },
  {
    construct: 'whether a variable of the script’s own is there',
    files: script(
      `setenv x 1; if printenv x && env exists x; then setenv w a; else setenv w b; fi\n${LOAD_AND_BOOT}`,
    ),
    expected: FOLLOWED,
  },
  {
    construct: 'registers of the board',
    files: script(`setenv w a; itest.b *0x28 == 0x02 && setenv w b\n${LOAD_AND_BOOT}`),
    expected: { answer: 'guessed', kernel: 'a', tree: 'a', doubts: ['boot.cmd:1'] },
  },
  {
    construct: 'registers of the board, where nothing booted depends on them',
    files: script(`itest.b *0x28 == 0x02 && echo from eMMC\nsetenv w a\n${LOAD_AND_BOOT}`),
    expected: FOLLOWED,
  },
  {
    construct: '`env import` of `armbianEnv.txt`',
    files: script(
      `load mmc 0:1 \${load_addr} \${prefix}armbianEnv.txt && env import -t -r \${load_addr} \${filesize}\n${LOAD_AND_BOOT}`,
      { 'boot/armbianEnv.txt': 'x=1\r\nw=a\r\n' },
    ),
    expected: FOLLOWED,
  },
  {
    construct: 'a carriage return that `env import -t` keeps',
    files: script(
      `load mmc 0:1 \${load_addr} \${prefix}uEnv.txt; env import -t \${load_addr} \${filesize}\n${LOAD_AND_BOOT}`,
      { 'boot/uEnv.txt': 'w=b\r\n' },
    ),
    expected: { answer: 'guessed', kernel: 'b' },
  },
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
    construct: '`fdt set`, `rm`, `mknode`',
    files: script(
      `setenv w a\n${LOAD}fdt addr \${fdt_addr_r}\nfdt set /port@1000 status okay; fdt mknode / more; fdt rm /port@1000 phandle\n${BOOT}`,
    ),
    expected: {
      ...FOLLOWED,
      applied: ['fdt set /port@1000 status okay', 'fdt mknode / more', 'fdt rm /port@1000 phandle'],
    },
  },
  {
    construct: '`source` of another script',
    files: script(`load mmc 0:1 \${scriptaddr} /boot/next.scr; source \${scriptaddr}\n`, {
      'boot/next.scr': `setenv w a\n${LOAD_AND_BOOT}`,
    }),
    expected: FOLLOWED,
  },
  {
    construct: 'a boot command whose files were not loaded',
    files: script(
      `load mmc 0:1 \${ramdisk_addr_r} /boot/gone.itb\nbootm \${ramdisk_addr_r}#x\nsetenv w a\n${LOAD_AND_BOOT}`,
    ),
    expected: FOLLOWED,
  },
  {
    construct: 'a tree that is missing, where another file lies at its address',
    files: script(
      `load mmc 0:1 \${fdt_addr_r} /boot/env.txt\nload mmc 0:1 \${kernel_addr_r} /boot/Image-a\nload mmc 0:1 \${fdt_addr_r} /boot/gone.dtb\nbooti \${kernel_addr_r} - \${fdt_addr_r}\n`,
      { 'boot/env.txt': 'x=1\n' },
    ),
    expected: { answer: 'guessed', kernel: 'a', tree: undefined },
  },
  {
    construct: '`bootm` of a FIT’s configuration',
    files: script('load mmc 0:1 ${kernel_addr_r} /boot/f.itb\nbootm ${kernel_addr_r}#a\n', {
      'boot/f.itb': fit(),
    }),
    expected: { ...FOLLOWED, initrds: ['rd-a'] },
  },
  {
    construct: '`unzip` to another address',
    files: script(
      `load mmc 0:1 \${k_addr} /boot/Image.gz\nunzip \${k_addr} \${loadaddr}\nload mmc 0:1 \${fdt_addr_r} /boot/a.dtb\nbooti \${loadaddr} - \${fdt_addr_r}\n`,
      { 'boot/Image.gz': new Uint8Array(gzipSync(smallImage('6.1.0-1-arm64', 2048))) },
    ),
    expected: FOLLOWED,
  },
  {
    construct: 'addresses that only the board has',
    files: script(
      'load mmc 0:1 $image_addr /boot/Image-a\nload mmc 0:1 $tree_addr /boot/a.dtb\nbooti $image_addr - $tree_addr\n',
    ),
    expected: FOLLOWED,
  },
  {
    construct: 'a ramdisk with its size',
    files: script(
      'setenv w a\n' +
        LOAD +
        'load mmc 0:1 ${ramdisk_addr_r} /boot/rd-a.cpio\nbooti ${kernel_addr_r} ${ramdisk_addr_r}:${filesize} ${fdt_addr_r}\n',
    ),
    expected: { ...FOLLOWED, initrds: ['rd-a'] },
  },
  {
    construct: 'a bare ramdisk without its size',
    files: script(
      'setenv w a\n' +
        LOAD +
        'load mmc 0:1 ${ramdisk_addr_r} /boot/rd-a.cpio\nbooti ${kernel_addr_r} ${ramdisk_addr_r} ${fdt_addr_r}\n',
    ),
    expected: { answer: 'guessed', kernel: 'a', initrds: ['rd-a'], doubts: ['boot.cmd:5'] },
  },
  {
    construct: 'a ramdisk that is missing',
    files: script(
      'setenv w a\n' +
        LOAD +
        'load mmc 0:1 ${ramdisk_addr_r} /boot/gone\nbooti ${kernel_addr_r} ${ramdisk_addr_r} ${fdt_addr_r}\n',
    ),
    expected: { answer: 'guessed', kernel: 'a', initrds: [], doubts: ['boot.cmd:5'] },
  },
  {
    construct: '`fdtfile` of the board',
    files: script(
      `load mmc 0:1 \${kernel_addr_r} /boot/Image-a\nload mmc 0:1 \${fdt_addr_r} /boot/\${fdtfile}\n${BOOT}`,
    ),
    expected: { answer: 'guessed', kernel: 'a', tree: undefined, doubts: ['boot.cmd:2'] },
  },
  {
    construct: 'a variable that nothing here sets, in the name of a file',
    files: script(
      `load mmc 0:1 \${kernel_addr_r} /boot/Image-a\${flavour}\nload mmc 0:1 \${fdt_addr_r} /boot/a.dtb\n${BOOT}`,
    ),
    expected: { answer: 'guessed', kernel: 'a', tree: 'a', doubts: ['boot.cmd:1'] },
  },
  {
    construct: 'a variable that nothing here sets, as a word of its own',
    files: script(
      `load mmc 0:1 \${kernel_addr_r} \${image}\nload mmc 0:1 \${fdt_addr_r} /boot/a.dtb\n${BOOT}`,
    ),
    expected: { answer: 'guessed', doubts: ['boot.cmd:1', 'boot.cmd:3'] },
  },
  {
    construct: 'a variable that nothing here sets, which decides',
    files: script(
      `setenv w a; if test "\${slot}" = 2; then setenv w b; fi; test -n \${rescue} && setenv w b\n${LOAD_AND_BOOT}`,
    ),
    expected: { answer: 'guessed', kernel: 'a', tree: 'a', doubts: ['boot.cmd:1', 'boot.cmd:1'] },
  },
  {
    construct: 'a variable that nothing here sets, as a command (`run x`, `${x}`)',
    files: script(`setenv w a; run preboot_hook; \${quirk}\n${LOAD_AND_BOOT}`),
    expected: { answer: 'guessed', kernel: 'a', tree: 'a', doubts: ['boot.cmd:1', 'boot.cmd:1'] },
  },
  {
    construct: 'variables that nothing here sets, in the command line alone (`${extraargs}`, `${serial#}`)',
    files: script(
      `setenv bootargs "root=/dev/sda1 usb-storage.quirks=\${usbstoragequirks} serial=\${serial#} \${extraargs}"\nsetenv w a\n${LOAD_AND_BOOT}`,
    ),
    expected: {
      ...FOLLOWED,
      bootargs: 'root=/dev/sda1 usb-storage.quirks= serial=',
      doubts: ['boot.cmd:1', 'boot.cmd:1', 'boot.cmd:1'],
      codes: ['known-on-board'],
    },
  },
  {
    construct: 'files on the script’s own device (`${devtype} ${devnum}:${distro_bootpart}`)',
    files: script(
      `test -n "\${distro_bootpart}" || distro_bootpart=1\nsetenv w a\n${LOAD_AND_BOOT}`.replaceAll(
        'mmc 0:1',
        '${devtype} ${devnum}:${distro_bootpart}',
      ),
    ),
    expected: { ...FOLLOWED, doubts: [] },
  },
  {
    construct:
      'the script’s own device, where it decides (`test "${devtype}" = mmc`, `itest ${devnum} == 0`)',
    files: script(
      `setenv w b; if test "\${devtype}" = mmc && itest \${devnum} == 0; then setenv w a; fi\n${LOAD_AND_BOOT}`,
    ),
    expected: { answer: 'guessed', kernel: 'a', tree: 'a', doubts: ['boot.cmd:1', 'boot.cmd:1'] },
  },
  {
    construct: 'the script’s own device, in the name of a file',
    files: script(
      `load mmc 0:1 \${kernel_addr_r} /boot/Image-a\nload mmc 0:1 \${fdt_addr_r} /boot/\${devtype}.dtb\n${BOOT}`,
      { 'boot/mmc.dtb': tree('a') },
    ),
    expected: { answer: 'guessed', kernel: 'a', tree: 'a', doubts: ['boot.cmd:2'] },
  },
  {
    construct: 'the script’s own device, in the command line alone',
    files: script(`setenv bootargs root=/dev/mmcblk\${devnum}p1\nsetenv w a\n${LOAD_AND_BOOT}`),
    expected: { ...FOLLOWED, bootargs: 'root=/dev/mmcblk0p1', codes: ['known-on-board'] },
  },
  {
    construct: 'a file on a device that need not be the image (`test -e usb 0:1 …`)',
    files: script(`setenv w a; if test -e usb 0:1 /boot/Image-b; then setenv w b; fi\n${LOAD_AND_BOOT}`),
    expected: { answer: 'guessed', kernel: 'a', tree: 'a', doubts: ['boot.cmd:1'] },
  },
  {
    construct: 'a kernel on such a device (`load nvme 0:1 …`)',
    files: script(
      `setenv w a; load nvme 0:1 \${kernel_addr_r} /boot/Image-b && booti \${kernel_addr_r}\n${LOAD_AND_BOOT}`,
    ),
    expected: { answer: 'guessed', kernel: 'a', tree: 'a' },
  },
  {
    construct: 'no device but such a one',
    files: script(`setenv w a\n${LOAD_AND_BOOT}`.replaceAll('mmc 0:1', 'nvme 0:1')),
    expected: { answer: 'guessed', kernel: 'a', tree: 'a', doubts: ['boot.cmd:2', 'boot.cmd:3'] },
  },
  {
    construct: 'two MMC devices',
    files: script(
      `load mmc 1:1 \${kernel_addr_r} /boot/Image-b && booti \${kernel_addr_r} - -\nsetenv w a\n${LOAD_AND_BOOT}`,
    ),
    expected: { answer: 'guessed', kernel: 'b', doubts: ['boot.cmd:1'] },
  },
  {
    construct: '`part uuid` of a partition that is not in the source',
    files: script(`part uuid mmc 0:2 id\nsetenv bootargs root=PARTUUID=\${id}\nsetenv w a\n${LOAD_AND_BOOT}`),
    expected: {
      answer: 'followed',
      kernel: 'a',
      tree: 'a',
      bootargs: 'root=PARTUUID=<uuid-of-mmc-0:2>',
      codes: ['known-on-board'],
    },
  },
  {
    construct: '`part uuid`, `load` from another partition',
    files: [
      {
        files: {
          'boot.cmd': `part uuid mmc 0:2 id\nsetenv bootargs root=PARTUUID=\${id}\nload mmc 0:2 \${kernel_addr_r} /Image-a\nload mmc 0:1 \${fdt_addr_r} /a.dtb\n${BOOT}`,
        },
      },
      { files: {} },
    ],
    expected: { ...FOLLOWED, bootargs: 'root=PARTUUID=0000-02' },
  },
  {
    construct: 'variables of the shell (`x=1`), `${x:-y}`',
    files: script(`q=; test -n "\${q}" || q=a\nsetenv w \${q:-b}\n${LOAD_AND_BOOT}`),
    expected: FOLLOWED,
  },
  {
    construct: 'a command that is not known',
    files: script(`setenv w a\nhdmitx edid\n${LOAD_AND_BOOT}`),
    expected: { answer: 'guessed', kernel: 'a', tree: 'a', doubts: ['boot.cmd:2'] },
  },
  {
    construct: 'a question to the hardware (`i2c`, `gpio`)',
    files: script(`setenv w a\nif i2c probe 57; then setenv w b; fi\n${LOAD_AND_BOOT}`),
    expected: { answer: 'guessed', kernel: 'b', tree: 'b', doubts: ['boot.cmd:2'] },
  },
  {
    construct: 'raw blocks (`mmc read`)',
    files: script(`mmc read \${kernel_addr_r} 800 8000\nload mmc 0:1 \${fdt_addr_r} /boot/a.dtb\n${BOOT}`),
    expected: { answer: 'guessed', kernel: 'b', doubts: ['boot.cmd:1', 'boot.cmd:3'] },
  },
  {
    construct: 'the network (`dhcp`, `tftpboot`)',
    files: script(`setenv w a\nif tftpboot \${kernel_addr_r} x; then setenv w b; fi\n${LOAD_AND_BOOT}`),
    expected: { answer: 'guessed', kernel: 'a', tree: 'a', doubts: ['boot.cmd:2'] },
  },
  {
    construct: 'no boot command',
    files: script(`setenv w a\n${LOAD}`),
    expected: { answer: 'guessed', kernel: 'a', tree: 'a', doubts: ['boot.cmd'] },
  },
  {
    construct: 'pipes',
    files: script(`setenv w a\necho a | cat\n${LOAD_AND_BOOT}`),
    expected: { answer: 'guessed', kernel: 'a', doubts: ['boot.cmd:2'] },
  },
  {
    construct: '`uEnv.txt` with `uenvcmd`',
    files: {
      'boot/uEnv.txt':
        'w=a\nuenvcmd=load mmc 0:1 ${kernel_addr_r} /boot/Image-${w}; load mmc 0:1 ${fdt_addr_r} /boot/a.dtb; booti ${kernel_addr_r} - ${fdt_addr_r}\n',
    },
    expected: FOLLOWED,
  },
  {
    construct: '`uEnv.txt` for U-Boot’s own commands',
    files: { 'boot/uEnv.txt': 'fdtfile=a.dtb\n' },
    expected: { answer: 'guessed', kernel: 'b', doubts: ['uEnv.txt', 'uEnv.txt'] },
  },
];

const grub = (text: string, more = {}) => ({ 'boot/grub/grub.cfg': text, ...more });
const ENTRY_B =
  "menuentry 'New' --class debian --id new {\n linux /boot/Image-b x\n devicetree /boot/b.dtb\n}\n";
const ENTRY_A =
  "menuentry 'Old' --class debian $menuentry_id_option 'old' {\n linux /boot/Image-a root=\"UUID=1\" quiet # a comment\n initrd /boot/rd-b.cpio /boot/rd-a.cpio\n devicetree /boot/a.dtb\n}\n";
const MENU = `${ENTRY_B}submenu 'More' --id more {\n${ENTRY_A}}\nmenuentry 'Rescue' {\n linux /boot/Image-b rescue\n}\n`;
const HEAD =
  'if [ -s $prefix/grubenv ]; then\n  set have_grubenv=true\n  load_env\nfi\nif [ x"${feature_menuentry_id}" = xy ]; then\n menuentry_id_option="--id"\nelse\n menuentry_id_option=""\nfi\n';
const OLD = { ...FOLLOWED, initrds: ['rd-b', 'rd-a'], bootargs: 'root=UUID=1 quiet' } as const;

const GRUB: readonly Omit<Construct, 'loader'>[] = [
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
    construct: 'a command that is not followed',
    files: grub(`${HEAD}frobnicate\n${ENTRY_A}`),
    expected: { answer: 'guessed', kernel: 'a', doubts: ['grub.cfg:10'] },
  },
];

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

const RASPBERRY_PI: readonly Omit<Construct, 'loader'>[] = [
  {
    construct: '`kernel`, `initramfs`, `device_tree`, `cmdline.txt`',
    files: pi(`${PI_KERNEL}initramfs rd-a.cpio followkernel\n`),
    expected: { ...FOLLOWED, initrds: ['rd-a'], bootargs: 'root=/dev/mmcblk0p2' },
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
    construct: 'U-Boot as the kernel, which goes on to extlinux',
    files: [
      {
        files: {
          'config.txt': 'kernel=u-boot.bin\n',
          'u-boot.bin': 'x',
          'extlinux/extlinux.conf': 'label x\n kernel /Image-a\n fdt /a.dtb\n',
        },
      },
    ],
    expected: FOLLOWED,
  },
];

const loaderEntry = (title: string, kernel: string, more = '') =>
  `title ${title}\nlinux /Image-${kernel}\ndevicetree /${kernel}.dtb\n${more}`;

const SYSTEMD_BOOT: readonly Omit<Construct, 'loader'>[] = [
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
    construct: '`devicetree-overlay`',
    files: [
      {
        files: {
          'loader/loader.conf': '',
          'loader/entries/a.conf': loaderEntry('A', 'a', 'devicetree-overlay /on.dtbo\n'),
        },
      },
    ],
    expected: { ...FOLLOWED, applied: ['on.dtbo'] },
  },
  {
    construct: '`default @saved`',
    files: [
      { files: { 'loader/loader.conf': 'default @saved\n', 'loader/entries/a.conf': loaderEntry('A', 'a') } },
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
];

const raw = (name: string, content: Uint8Array) => [{ files: { [name]: content }, isRaw: true }];

const IMAGES: readonly Omit<Construct, 'loader'>[] = [
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
];

const PLACES: readonly Omit<Construct, 'loader'>[] = [
  {
    construct: 'the partition marked bootable',
    files: [
      { files: { 'extlinux/extlinux.conf': 'label b\n kernel /Image-b\n' } },
      { isBootable: true, files: { 'extlinux/extlinux.conf': 'label a\n kernel /Image-a\n fdt /a.dtb\n' } },
    ],
    expected: { ...FOLLOWED, codes: ['boot-other'] },
  },
  {
    construct: 'two partitions, none marked',
    files: [
      { files: { 'extlinux/extlinux.conf': 'label a\n kernel /Image-a\n fdt /a.dtb\n' } },
      { files: { 'extlinux/extlinux.conf': 'label b\n kernel /Image-b\n' } },
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
  { construct: 'no configuration', files: {}, expected: { answer: 'guessed', kernel: 'b' } },
];

export const CONSTRUCTS: readonly Construct[] = [
  ...EXTLINUX.map((each) => ({ loader: 'extlinux', ...each })),
  ...SCRIPT.map((each) => ({ loader: 'U-Boot script', ...each })),
  ...GRUB.map((each) => ({ loader: 'GRUB', ...each })),
  ...RASPBERRY_PI.map((each) => ({ loader: 'Raspberry Pi', ...each })),
  ...SYSTEMD_BOOT.map((each) => ({ loader: 'systemd-boot', ...each })),
  ...IMAGES.map((each) => ({ loader: 'boot images', ...each })),
  ...PLACES.map((each) => ({ loader: 'which counts', ...each })),
];
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: as above.

/** Two kernels, a ramdisk each, trees, and configurations that join them; `o` with an overlay, `l` with lzo. */
function fit(options: { readonly default?: string } = {}): Uint8Array {
  const image = (type: string, data: Uint8Array, compression = 'none'): NodeLiteral => ({
    type,
    compression,
    data,
  });
  const kernel = (name: string, release: string) => ({ [name]: image('kernel', smallImage(release, 2048)) });
  return writeDtb(
    treeOf({
      images: {
        ...kernel('ka', '6.1.0-1-arm64'),
        ...kernel('kb', '6.1.0-2-arm64'),
        kl: image('kernel', Uint8Array.from([0x89, 0x4c, 0x5a, 0x4f, 0, 1, 2, 3]), 'lzo'),
        ra: image('ramdisk', ramdisk('rd-a')),
        ta: image('flat_dt', tree('a')),
        tb: image('flat_dt', tree('b')),
        on: image('flat_dt', OVERLAY),
      },
      configurations: {
        default: options.default ?? 'b',
        a: { kernel: 'ka', fdt: 'ta', ramdisk: 'ra' },
        b: { kernel: 'kb', fdt: 'tb' },
        o: { kernel: 'ka', fdt: new TextEncoder().encode('ta\0on\0') },
        l: { kernel: 'kl', fdt: 'ta' },
      },
    }),
  );
}
