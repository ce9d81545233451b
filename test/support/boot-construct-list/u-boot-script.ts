/** Constructs of U-Boot scripts: the shell, files, boot commands. */
import { gzipSync } from 'node:zlib';
import { type Construct, ramdisk } from '../boot-constructs.ts';
import { legacyRamdisk } from '../boot-images.ts';
import { smallImage } from '../kernel-image.ts';
import { BOOT, FOLLOWED, fit, LOAD, LOAD_AND_BOOT, script } from './layouts.ts';

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: U-Boot's and GRUB's variables look so.
export const SCRIPT: readonly Omit<Construct, 'loader'>[] = [
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
    construct: '`unzip` of what is not gzip, which fails',
    files: script(
      `setenv w b; load mmc 0:1 \${k_addr} /boot/Image-a; if unzip \${k_addr} \${loadaddr}; then true; else setenv w a; fi\n${LOAD_AND_BOOT}`,
    ),
    expected: { ...FOLLOWED, doubts: [] },
  },
  {
    construct: '`cp` of all that was loaded',
    files: script(
      `setenv w a\n${LOAD}cp.b \${kernel_addr_r} \${ramdisk_addr_r} 100000\nbooti \${ramdisk_addr_r} - \${fdt_addr_r}\n`,
    ),
    expected: { ...FOLLOWED, doubts: [] },
  },
  {
    construct: '`cp` of a part, or of memory that nothing was loaded to',
    files: script(
      `setenv w a\n${LOAD}cp.b \${kernel_addr_r} \${ramdisk_addr_r} 10\ncp.b 9000 \${fdt_addr_r} 100\nbooti \${ramdisk_addr_r} - \${fdt_addr_r}\n`,
    ),
    expected: { answer: 'guessed', kernel: 'a', doubts: ['boot.cmd:4', 'boot.cmd:5'] },
  },
  {
    construct: '`iminfo` of an Image and of nothing’s header, which fail',
    files: script(
      `setenv w b\nload mmc 0:1 \${kernel_addr_r} /boot/Image-a\nif iminfo \${kernel_addr_r}; then true; else setenv w a; fi\n${LOAD_AND_BOOT}`,
    ),
    expected: { ...FOLLOWED, doubts: [] },
  },
  {
    construct: '`iminfo` of one of U-Boot’s images',
    files: script(
      `setenv w b\nload mmc 0:1 \${loadaddr} /boot/uRd\nif iminfo \${loadaddr}; then setenv w a; fi\n${LOAD_AND_BOOT}`,
      { 'boot/uRd': legacyRamdisk(ramdisk('x')) },
    ),
    expected: { ...FOLLOWED, doubts: [] },
  },
  {
    construct: 'a partition that the image does not have (`load mmc 0:7`)',
    files: [
      {
        files: {
          'boot.cmd': `setenv w b; setenv bootargs x\nload mmc 0:7 \${kernel_addr_r} /Image-b || setenv w a\nload mmc 0:1 \${kernel_addr_r} /Image-\${w}\nload mmc 0:1 \${fdt_addr_r} /\${w}.dtb\n${BOOT}`,
        },
      },
      { files: {} },
    ],
    expected: { ...FOLLOWED, doubts: [] },
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
    construct: 'a part of a file (`load … FILE BYTES`), `mw` into what was loaded',
    files: script(
      `setenv w a\nload mmc 0:1 \${kernel_addr_r} /boot/Image-a 100\nload mmc 0:1 \${fdt_addr_r} /boot/a.dtb\nmw.l \${fdt_addr_r} 0\n${BOOT}`,
    ),
    expected: { answer: 'guessed', kernel: 'a', tree: 'a', doubts: ['boot.cmd:2', 'boot.cmd:4'] },
  },
  {
    construct: 'other ways to boot (`bootefi bootmgr`, `pxe boot`, `bootflow`)',
    files: script(`setenv w a\nbootefi bootmgr; pxe get; pxe boot\n${LOAD_AND_BOOT}`),
    expected: { answer: 'guessed', kernel: 'a', tree: 'a', doubts: ['boot.cmd:2', 'boot.cmd:2'] },
  },
  {
    construct: '`boot`, where the script has set `bootcmd`',
    files: script(`setenv w a\nsetenv bootcmd '${LOAD_AND_BOOT.trim().replaceAll('\n', '; ')}'\nboot\n`),
    expected: FOLLOWED,
  },
  {
    construct: '`bootz`, which is for 32-bit kernels',
    files: script(`setenv w a\n${LOAD}bootz \${kernel_addr_r} - \${fdt_addr_r}\n`),
    expected: { answer: 'guessed', kernel: 'a', tree: 'a', doubts: ['boot.cmd:4'] },
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
    construct: 'an `if`, a `for` or a quote that is not ended',
    files: script(`setenv w a\nif true; then setenv w b\n${LOAD_AND_BOOT}`),
    expected: { answer: 'guessed', doubts: ['boot.cmd', 'boot.cmd:2'] },
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
        'w=a\nbootargs=x\nuenvcmd=load mmc 0:1 ${kernel_addr_r} /boot/Image-${w}; load mmc 0:1 ${fdt_addr_r} /boot/a.dtb; booti ${kernel_addr_r} - ${fdt_addr_r}\n',
    },
    expected: FOLLOWED,
  },
  {
    construct: '`uEnv.txt` for U-Boot’s own commands',
    files: { 'boot/uEnv.txt': 'fdtfile=a.dtb\nbootargs=x\n' },
    expected: { answer: 'guessed', kernel: 'b', doubts: ['uEnv.txt', 'uEnv.txt'] },
  },
];
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: as above.
