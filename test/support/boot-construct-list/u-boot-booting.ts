/** Constructs of U-Boot scripts: the boot commands. */
import { type Construct, ramdisk } from '../boot-constructs.ts';
import { FOLLOWED, fit, script } from './layouts.ts';

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: U-Boot's and GRUB's variables look so.
const FIT_FILE = { 'boot/f.itb': fit() };
const loadA = (kernelAt: string) =>
  `load mmc 0:1 ${kernelAt} /boot/Image-a\nload mmc 0:1 \${fdt_addr_r} /boot/a.dtb\n`;

export const SCRIPT_BOOTING: readonly Omit<Construct, 'loader'>[] = [
  {
    construct: '`bootm` without an address: `${loadaddr}`, to which `load` without one loads',
    files: script('setenv bootfile /boot/f.itb; load mmc 0:1\nbootm\n', {
      'boot/f.itb': fit({ default: 'a' }),
    }),
    expected: { ...FOLLOWED, initrds: ['rd-a'] },
  },
  {
    construct: '`booti` without an address, behind which another is booted',
    files: script(
      `${loadA('${loadaddr}')}booti\nload mmc 0:1 \${kernel_addr_r} /boot/Image-b; booti \${kernel_addr_r} - \${fdt_addr_r}\n`,
    ),
    expected: { answer: 'guessed', kernel: 'a', doubts: ['boot.cmd:3'] },
  },
  {
    construct: '`booti` without a tree',
    files: script('load mmc 0:1 ${kernel_addr_r} /boot/Image-a\nbooti ${kernel_addr_r}\n'),
    expected: { answer: 'guessed', kernel: 'a', doubts: ['boot.cmd:2'] },
  },
  {
    construct: '`bootefi` without a tree, which gives the firmware’s',
    files: script('load mmc 0:1 ${kernel_addr_r} /boot/Image-a\nbootefi ${kernel_addr_r}\n'),
    expected: { answer: 'guessed', kernel: 'a', doubts: ['boot.cmd:2'] },
  },
  {
    construct: '`bootm FIT#a - TREE`: without a ramdisk',
    files: script(
      'load mmc 0:1 ${loadaddr} /boot/f.itb; load mmc 0:1 ${fdt_addr_r} /boot/b.dtb\nbootm ${loadaddr}#a - ${fdt_addr_r}\n',
      FIT_FILE,
    ),
    expected: { ...FOLLOWED, tree: 'b', initrds: [] },
  },
  {
    construct: '`bootm FIT#a FIT#a FIT#a`',
    files: script(
      'load mmc 0:1 ${loadaddr} /boot/f.itb\nbootm ${loadaddr}#a ${loadaddr}#a ${loadaddr}#a\n',
      FIT_FILE,
    ),
    expected: { ...FOLLOWED, initrds: ['rd-a'] },
  },
  {
    construct: '`bootm FIT#a#x`: the tree of another configuration is laid over',
    files: script('load mmc 0:1 ${loadaddr} /boot/f.itb\nbootm ${loadaddr}#a#x\n', FIT_FILE),
    expected: { ...FOLLOWED, initrds: ['rd-a'], applied: ['f.itb'] },
  },
  {
    construct: '`bootm FIT#a#gone`',
    files: script('load mmc 0:1 ${loadaddr} /boot/f.itb\nbootm ${loadaddr}#a#gone\n', FIT_FILE),
    expected: { answer: 'guessed', kernel: 'a', doubts: ['f.itb'] },
  },
  {
    construct: '`bootm FIT:ka FIT:ra FIT:ta`: parts by their names',
    files: script(
      'load mmc 0:1 ${loadaddr} /boot/f.itb\nbootm ${loadaddr}:ka ${loadaddr}:ra ${loadaddr}:ta\n',
      FIT_FILE,
    ),
    expected: { answer: 'guessed', doubts: ['boot.cmd:2'] },
  },
  {
    construct: '`bootefi` with a ramdisk',
    files: script(
      `load mmc 0:1 \${ramdisk_addr_r} /boot/rd-a.cpio; setenv n \${filesize}\n${loadA('${kernel_addr_r}')}bootefi \${kernel_addr_r}:800 \${ramdisk_addr_r}:\${n} \${fdt_addr_r}\n`,
    ),
    expected: { ...FOLLOWED, initrds: ['rd-a'] },
  },
  {
    construct: 'a ramdisk with the size of what was loaded after it',
    files: script(
      `load mmc 0:1 \${ramdisk_addr_r} /boot/long.cpio\n${loadA('${kernel_addr_r}')}booti \${kernel_addr_r} \${ramdisk_addr_r}:\${filesize} \${fdt_addr_r}\n`,
      { 'boot/long.cpio': new Uint8Array([...ramdisk('rd-a'), ...new Uint8Array(4096)]) },
    ),
    expected: { answer: 'guessed', kernel: 'a', initrds: ['rd-a'], doubts: ['boot.cmd:4'] },
  },
  {
    construct: 'a command line that the tree has, where the script sets none',
    files: {
      'boot/boot.cmd': `${loadA('${kernel_addr_r}')}fdt addr \${fdt_addr_r}; fdt resize 1000; fdt mknode / chosen; fdt set /chosen bootargs "root=/dev/x"\nsetenv bootargs; booti \${kernel_addr_r} - \${fdt_addr_r}\n`,
    },
    expected: { ...FOLLOWED, bootargs: 'root=/dev/x' },
  },
];
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: as above.
