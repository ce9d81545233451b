/** Constructs of U-Boot scripts: commands whose status decides. */
import type { Construct } from '../boot-constructs.ts';
import { BOOT, FOLLOWED, LOAD, LOAD_AND_BOOT, script } from './layouts.ts';

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: U-Boot's and GRUB's variables look so.
const MAY_FAIL = [
  'fatinfo mmc 0:1',
  'gzwrite mmc 0 ${kernel_addr_r} 100',
  'saveenv',
  'env save',
  'bmp display ${load_addr}',
  'led status on',
  'wdt dev watchdog',
  'ubi part x',
  'gpio set 1',
];

/** Whether something decides: kernel `a` where it succeeds. */
const decides = (command: string): string =>
  `setenv w b; if ${command}; then setenv w a; fi\n${LOAD_AND_BOOT}`;
const onTree = (command: string): string =>
  `setenv w a\n${LOAD}fdt addr \${fdt_addr_r}; if ${command}; then load mmc 0:1 \${fdt_addr_r} /boot/a.dtb; else load mmc 0:1 \${fdt_addr_r} /boot/b.dtb; fi\n${BOOT}`;

export const SCRIPT_STATUS: readonly Omit<Construct, 'loader'>[] = [
  ...MAY_FAIL.map((command) => ({
    construct: `whether \`${command}\` succeeds`,
    files: script(decides(command)),
    expected: { answer: 'guessed', kernel: 'a', tree: 'a', doubts: ['boot.cmd:1'] } as const,
  })),
  {
    construct: 'a status that decides with `&&`, `||` and `while`',
    files: script(
      `setenv n 0; while itest \${n} < 2 && wdt dev x; do setexpr n \${n} + 1; setenv w a; done\nsaveenv || setenv w b\nled x on && setenv bootargs y\n${LOAD_AND_BOOT}`,
    ),
    expected: {
      answer: 'guessed',
      kernel: 'a',
      tree: 'a',
      doubts: ['boot.cmd:1', 'boot.cmd:2', 'boot.cmd:3'],
    },
  },
  {
    construct: 'the same commands, where nothing depends on their status',
    files: script(
      `${MAY_FAIL.join('\n')}\nls usb 0:1 /boot; env print -q foo; ls mmc 0:1 /gone\nsetenv w a\n${LOAD_AND_BOOT}`,
    ),
    expected: { ...FOLLOWED, doubts: [] },
  },
  {
    construct: '`echo`, `true`, `sleep`, `setenv`, which decide',
    files: script(decides('echo x && true && sleep 1 && setenv x 1 && printenv x && env print x')),
    expected: { ...FOLLOWED, doubts: [] },
  },
  {
    construct: 'whether a directory is there (`ls mmc 0:1 /boot`)',
    files: script(decides('ls mmc 0:1 /boot && fatls mmc 0:1')),
    expected: { ...FOLLOWED, doubts: [] },
  },
  {
    construct: 'a directory of another device (`ls usb 0:1 /boot`)',
    files: script(`setenv w a; if ls usb 0:1 /boot; then setenv w b; fi\n${LOAD_AND_BOOT}`),
    expected: { answer: 'guessed', kernel: 'a', tree: 'a', doubts: ['boot.cmd:1'] },
  },
  {
    construct: 'a directory that is not there (`ls mmc 0:1 /gone`)',
    files: script(
      `setenv w a; if ls mmc 0:1 /gone || ext4ls mmc 0:1 /boot/a.dtb; then setenv w b; fi\n${LOAD_AND_BOOT}`,
    ),
    expected: { ...FOLLOWED, doubts: [] },
  },
  {
    construct: '`env print -q foo`, which nothing here sets',
    files: script(`setenv w a; if env print -q foo; then setenv w b; fi\n${LOAD_AND_BOOT}`),
    expected: { answer: 'guessed', kernel: 'a', tree: 'a', doubts: ['boot.cmd:1'] },
  },
  {
    construct: '`env delete` of what is not set, which decides',
    files: script(`setenv w a; env delete foo && setenv w b\n${LOAD_AND_BOOT}`),
    expected: { answer: 'guessed', kernel: 'a', tree: 'a', doubts: ['boot.cmd:1'] },
  },
  {
    construct: '`fdt print`, `fdt list` of what is there',
    files: script(onTree('fdt print / model && fdt list /port@1000 && fdt pr /')),
    expected: FOLLOWED,
  },
  {
    construct: '`fdt print`, `fdt list` of what is not there',
    files: script(onTree('! fdt print / gone && ! fdt list /gone')),
    expected: FOLLOWED,
  },
  {
    construct: '`fdt checksign`, `fdt boardsetup`, which decide',
    files: script(onTree('fdt checksign && fdt boardsetup')),
    expected: { answer: 'guessed', kernel: 'a', tree: 'a', doubts: ['boot.cmd:4', 'boot.cmd:4'] },
  },
  {
    construct: 'a loop without an end',
    files: script(`setenv w a; while true; do echo x; done\n${LOAD_AND_BOOT}`),
    expected: { answer: 'guessed', kernel: 'a', tree: 'a', doubts: ['boot.cmd:1'] },
  },
];
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: as above.
