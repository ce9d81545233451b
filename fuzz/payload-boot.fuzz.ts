/** Boot configuration: scripts and files as a hostile image could hold them. */
import { parseConfigTxt, parseExtlinux, parseGrub, rootOf, runBootScript } from '../src/payload/index.ts';
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
  'kernel=x',
] as const;
const ENVIRONMENT = 'a=${b}\nb=${a}${a}\n';
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: as above.

export function fuzz({ runs, seed }: FuzzOptions): void {
  const random = seededRandom(seed);
  for (let run = 0; run < runs; run++) {
    const text = randomText(random);
    const world = { exists: (path: string) => path.length % 2 === 0, readFile: () => ENVIRONMENT };
    const started = performance.now();
    const entries = [
      runBootScript(text, '/boot/boot.scr', '/boot/', world),
      ...parseExtlinux(text, 'extlinux.conf', '/boot'),
      ...parseGrub(text, 'grub.cfg'),
      parseConfigTxt(text, 'config.txt', text),
    ];
    for (const entry of entries) rootOf(entry.bootargs);
    check(performance.now() - started < 1000, 'more than a second', () => JSON.stringify(text));
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
