import { type Construct, tree } from '../boot-constructs.ts';
import { BOOT, FOLLOWED, LOAD_AND_BOOT, script } from './layouts.ts';

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: U-Boot's and GRUB's variables look so.
export const SCRIPT_BOARD: readonly Omit<Construct, 'loader'>[] = [
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
    construct: 'directories (`test -e … overlays`), whether the script’s own device is known',
    files: script(
      `setenv w b; if test -e \${devtype} \${devnum}:1 boot && test -n "\${devtype}" -a -n "\${devnum}"; then setenv w a; fi\n${LOAD_AND_BOOT}`.replaceAll(
        'mmc 0:1',
        '${devtype} ${devnum}:1',
      ),
    ),
    expected: { ...FOLLOWED, doubts: [] },
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
    expected: { answer: 'guessed', kernel: 'b', doubts: ['boot.cmd:1', 'boot.cmd:1'] },
  },
];
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: as above.
