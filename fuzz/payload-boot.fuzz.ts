/** Boot configuration: scripts and files as a hostile image could hold them. */
import {
  type BootEntry,
  parseConfigTxt,
  parseExtlinux,
  parseGrub,
  readSystemdBoot,
  rootOf,
  runBootEnvironment,
  runBootScript,
} from '../src/payload/index.ts';
import { bootWorld } from '../test/support/boot-world.ts';
import { check } from './check.ts';
import { mutateBytes } from './mutate.ts';
import { type Random, seededRandom } from './random.ts';
import type { FuzzOptions } from './run.ts';

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: U-Boot's and GRUB's variables look so.
const WORDS = [
  'if',
  'then',
  'else',
  'elif',
  'fi',
  'test',
  '-e',
  '-n',
  '!',
  '=',
  '!=',
  '&&',
  '||',
  ';',
  '\n',
  'setenv',
  'load',
  'env',
  'import',
  '-t',
  'booti',
  '${a}',
  '$a',
  '"${b}"',
  "'x'",
  '"',
  "'",
  'a',
  'b',
  'mmc',
  '0',
  '/Image',
  'menuentry',
  '{',
  '}',
  'linux',
  'initrd',
  'label',
  'kernel',
  'append',
  'root=UUID=1',
  'default',
  'set',
  'submenu',
  '#',
  '\\\n',
  '[all]',
  '[pi4]',
  'kernel=x',
  'include x',
  'dtoverlay=a,b=1',
  'dtparam=x',
  'for',
  'while',
  'in',
  'do',
  'done',
  'run',
  'a=b',
  'source',
  'itest',
  'setexpr',
  'sub',
  '*0x1000000',
  'fdt',
  'apply',
  'addr',
  'set',
  'rm',
  '0x1000000',
  '${kernel_addr_r}',
  '${fdt_addr_r}',
  '$?',
  'part',
  'uuid',
  '0:1',
  'exit',
  'function',
  'configfile',
  '/grub.cfg',
  'blscfg',
  'search',
  '--set=root',
  '(hd0,gpt1)/x',
  'load_env',
  '>',
  'fdtoverlays',
  'fdtdir',
  'menu',
  '&&',
  '|',
] as const;
const ENVIRONMENT = 'a=${b}\nb=${a}${a}\n';
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: as above.

/** Many of its runs are whole scripts. */
export const testRuns = 1000;

export function fuzz({ runs, seed }: FuzzOptions): void {
  const random = seededRandom(seed);
  for (let run = 0; run < runs; run++) {
    const text = randomText(random);
    const world = bootWorld(
      {
        '/Image': 'x'.repeat(100),
        '/boot/a': text,
        '/a': ENVIRONMENT,
        '/x': text,
        '/grub.cfg': text,
        '/boot/grubenv': 'default=1>0\n',
        '/loader/loader.conf': text,
        '/loader/entries/a.conf': text,
        '/loader/entries/b+0.conf': text,
      },
      { own: 1, refused: ['/a'] },
    );
    const started = process.cpuUsage();
    const entries: BootEntry[] = [
      runBootScript(text, '/boot/boot.scr', '/boot/', world),
      runBootEnvironment(`uenvcmd=${text}`, '/uEnv.txt', '/', world),
      ...parseExtlinux(text, 'extlinux.conf', '/boot', world),
      ...parseGrub(text, '/boot/grub.cfg', world),
      ...readSystemdBoot('', world),
      parseConfigTxt(
        text,
        'config.txt',
        world,
        random.below(2) === 0 ? undefined : 'bcm2711-rpi-4-b.dtb',
        () => undefined,
      ),
    ];
    for (const entry of entries) rootOf(entry.bootargs);
    // The processor's time, since other work may hold this one up.
    check(process.cpuUsage(started).user < 1_000_000, 'more than a second', () => JSON.stringify(text));
    check(
      entries.every((entry) => entry.bootargs.length <= 1 << 20),
      'text without end',
      () => JSON.stringify(text),
    );
  }
}

function randomText(random: Random): string {
  const text = Array.from({ length: random.below(80) }, () => random.pick(WORDS)).join(
    random.pick([' ', ' ', '\n', '']),
  );
  return random.below(4) === 0
    ? new TextDecoder().decode(mutateBytes(random, new TextEncoder().encode(text)))
    : text;
}
