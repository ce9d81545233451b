/** Constructs of U-Boot scripts: what its commands compute otherwise than a shell's user would think. */
import type { Construct } from '../boot-constructs.ts';
import { BOOT, FOLLOWED, LOAD, LOAD_AND_BOOT, script } from './layouts.ts';

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: U-Boot's and GRUB's variables look so.
/** Takes `a` where a condition holds. */
const decided = (condition: string, before = '') =>
  script(`${before}setenv w b; if ${condition}; then setenv w a; fi\n${LOAD_AND_BOOT}`);
/** With a property of the tree in the variable `c`. */
const ofProperty = (words: string, get: string, expected: string) =>
  decided(
    `test "\${c}" = "${expected}"`,
    `load mmc 0:1 \${fdt_addr_r} /boot/a.dtb; fdt addr \${fdt_addr_r}; fdt resize 1000; fdt set /port@1000 x ${words}; fdt get value c /port@1000 x${get}\n`,
  );
const imported = (text: string, names = '', then = '') =>
  script(
    `setenv v a; load mmc 0:1 \${load_addr} /boot/uEnv.txt; env import -t \${load_addr} \${filesize}${names}\n${then}${LOAD}${BOOT}`,
    { 'boot/uEnv.txt': text },
  );

export const SCRIPT_COMPUTED: readonly Omit<Construct, 'loader'>[] = [
  {
    construct: '`test` with `==`, `-d`, `-f`, `-s`, which it does not know: true',
    files: decided('test 1 == 2 && test -d mmc 0:1 /gone && test -f mmc 0:1 /gone && test -s mmc 0:1 /gone'),
    expected: FOLLOWED,
  },
  {
    construct: '`test` with what it does not know behind what it knows: true',
    files: decided('test ! 1 = 1 -o 1 == 2 -a 1 = 2'),
    expected: FOLLOWED,
  },
  {
    construct: '`[` without `]` fails',
    files: decided('! [ 1 = 1'),
    expected: FOLLOWED,
  },
  {
    construct: '`fdt get value` of several texts: the first',
    files: ofProperty('"acme,a" "acme,b"', '', 'acme,a'),
    expected: FOLLOWED,
  },
  {
    construct: '`fdt get value` of several texts, by an index',
    files: ofProperty('"acme,a" "acme,b"', ' 1', 'acme,b'),
    expected: FOLLOWED,
  },
  {
    construct: '`fdt get value` of a cell, in capitals',
    files: ofProperty('<0xab>', '', '0x000000AB'),
    expected: FOLLOWED,
  },
  {
    construct: '`fdt get value` of cells, by an index and all',
    files: {
      ...ofProperty('<1 2>', ' 1', '0x00000002'),
    },
    expected: FOLLOWED,
  },
  {
    construct: '`fdt get value` of cells without an index: all their digits',
    files: ofProperty('<1 2>', '', '0000000100000002'),
    expected: FOLLOWED,
  },
  {
    construct: '`fdt get value` with an index that there is not fails',
    files: decided(
      '! fdt get value c / model 3',
      'load mmc 0:1 ${fdt_addr_r} /boot/a.dtb; fdt addr ${fdt_addr_r}\n',
    ),
    expected: FOLLOWED,
  },
  {
    construct: '`fdt set` of a cell in octal',
    files: ofProperty('<010>', '', '0x00000008'),
    expected: FOLLOWED,
  },
  {
    construct: '`fdt mknode` of a node that is there fails',
    files: decided(
      '! fdt mknode / port@1000',
      'load mmc 0:1 ${fdt_addr_r} /boot/a.dtb; fdt addr ${fdt_addr_r}; fdt resize 1000\n',
    ),
    expected: FOLLOWED,
  },
  {
    construct: '`env import -t`: backslashes are taken away',
    files: imported('w=\\\\a\n', '', 'setexpr w sub "^.(.)" "\\\\1"\n'),
    expected: FOLLOWED,
  },
  {
    construct: '`env import -t`: a backslash at the end of a line goes on with the next',
    files: imported('w=a\nargs=x\\\n y\n', '', 'setenv bootargs "${args}"\n'),
    expected: { ...FOLLOWED, bootargs: 'x y' },
  },
  {
    construct: '`env import -t` of names: those that are not in the file are deleted',
    files: imported('x=1\n', ' v x', 'setenv w b; if test -z "${v}"; then setenv w a; fi\n'),
    expected: FOLLOWED,
  },
  {
    construct: '`exit` in what `run` runs ends that alone',
    files: script(`setenv x 'setenv w a; exit; setenv w b'; run x\n${LOAD_AND_BOOT}`),
    expected: FOLLOWED,
  },
  {
    construct: '`exit` in a script that `source` runs ends that alone',
    files: script(`load mmc 0:1 \${scriptaddr} /boot/x.cmd; source \${scriptaddr}\n${LOAD_AND_BOOT}`, {
      'boot/x.cmd': 'setenv w a\nfor n in 1 2; do exit; done\nsetenv w b\n',
    }),
    expected: FOLLOWED,
  },
  {
    construct: '`exit` that the board decides',
    files: script(
      `setenv w a; setenv x 'if gpio input 1; then exit; fi; setenv w a'; run x\n${LOAD_AND_BOOT}`,
    ),
    expected: { answer: 'guessed', kernel: 'a', doubts: ['boot.cmd:1'] },
  },
  {
    construct: 'a script with the line ends of DOS',
    files: script(`setenv w a\r\n${LOAD_AND_BOOT.replaceAll('\n', '\r\n')}`),
    expected: { answer: 'guessed', kernel: 'a', tree: 'a', doubts: ['boot.cmd:1'] },
  },
  {
    construct: 'a command line that nothing sets',
    files: { 'boot/boot.cmd': `setenv w a\n${LOAD_AND_BOOT}` },
    expected: { ...FOLLOWED, codes: ['known-on-board'] },
  },
  {
    construct: '`fdt addr -c`, which is about U-Boot’s own tree',
    files: script(`setenv w a; ${LOAD}fdt addr -c \${fdt_addr_r}; fdt set /port@1000 status okay\n${BOOT}`),
    expected: { ...FOLLOWED, applied: [], codes: ['tree-step-refused'] },
  },
  {
    construct: '`fdt chosen` with the addresses of a ramdisk',
    files: script(`setenv w a; ${LOAD}fdt addr \${fdt_addr_r}; fdt chosen 1000000 1001000\n${BOOT}`),
    expected: { answer: 'guessed', kernel: 'a', tree: 'a', doubts: ['boot.cmd:3'] },
  },
];
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: as above.
