/** Descriptions that are nearly right: each is one of the seeds with a few values, attributes or elements changed. */
import { type Random, seededRandom } from '../../fuzz/random.ts';

/** Values at which readers part: limits, signs, other bases, powers of two and their neighbours. */
const AWKWARD: readonly string[] = [
  '',
  ' ',
  '0',
  '-1',
  '+1',
  '1',
  '0x0',
  '0x10',
  '0X10',
  '0x',
  '1_0',
  '61',
  '62',
  '63',
  '64',
  '127',
  '128',
  '254',
  '255',
  '256',
  '0x1000',
  '4096',
  '0x1001',
  '0x1fffff',
  '0x200000',
  '0x60000000',
  '0x7fff0000',
  '0xbf800000',
  '0xbfc10000',
  '0xc0000000',
  '0xfffffffff000',
  '9007199254740993',
  '0x7fffffffffffffff',
  '9223372036854775808',
  '18446744073709551615',
  '18446744073709551616',
  'true',
  'false',
  'TRUE',
  'r',
  'w',
  'rx',
  'rwx',
  'monitor',
  'level',
  'edge',
  '10 us',
  '10  us',
  '72057594037927935 ticks',
  '72057594037927936 ticks',
];

/** Attributes that some element takes, for where none does. */
const ATTRIBUTES: readonly string[] = [
  'name',
  'id',
  'cpu',
  'priority',
  'budget',
  'period',
  'passive',
  'smc',
  'domain',
  'fpu',
  'stack_size',
  'setvar_id',
  'phys_addr',
  'page_size',
  'prefill_path',
  'cached',
  'perms',
  'trigger',
  'pp',
  'notify',
  'setvar_vaddr',
  'xmlns:a',
];

const ATTRIBUTE = /\s([\w:]+)="([^"]*)"/g;
/** An element without content, or one from its tag to its end tag where nothing of its name is inside. */
const ELEMENT = /<([a-z_]+)\b[^<>]*\/>|<([a-z_]+)\b[^<>]*[^/<>]>(?:(?!<\2\b)[\s\S])*?<\/\2>/g;
const OPENING = /<[a-z_]+(?=[\s/>])/g;
const MOST_CHANGES = 3;
const PAGE_BYTES = 0x1000;

type Change = (text: string, random: Random) => string;

function matches(text: string, pattern: RegExp): readonly RegExpMatchArray[] {
  return [...text.matchAll(pattern)];
}

const cut = (text: string, found: RegExpMatchArray, replacement: string): string => {
  const at = found.index ?? 0;
  return text.slice(0, at) + replacement + text.slice(at + found[0].length);
};

function onOne(
  pattern: RegExp,
  change: (found: RegExpMatchArray, random: Random, text: string) => string,
): Change {
  return (text, random) => {
    const all = matches(text, pattern);
    if (all.length === 0) return text;
    const found = random.pick(all);
    return cut(text, found, change(found, random, text));
  };
}

/** A number a little higher or lower, or twice or half of it, in its own base. */
function nearby(value: string, random: Random): string {
  if (!/^(0x[0-9a-f_]+|[0-9]+)$/i.test(value)) return value;
  const number = BigInt(value.replaceAll('_', ''));
  const steps = [1n, -1n, BigInt(PAGE_BYTES), BigInt(-PAGE_BYTES), number, -number / 2n, 0x20_0000n];
  const changed = number + random.pick(steps);
  if (changed < 0n) return value;
  return value.startsWith('0x') ? `0x${changed.toString(16)}` : String(changed);
}

const CHANGES: readonly Change[] = [
  onOne(ATTRIBUTE, ([, name], random) => ` ${name}="${random.pick(AWKWARD)}"`),
  onOne(ATTRIBUTE, ([, name, value = ''], random) => ` ${name}="${nearby(value, random)}"`),
  onOne(ATTRIBUTE, ([, name, value = ''], random) => ` ${name}="${nearby(value, random)}"`),
  onOne(ATTRIBUTE, ([, name], random, text) => ` ${name}="${random.pick(matches(text, ATTRIBUTE))[2]}"`),
  onOne(ATTRIBUTE, ([, name], random, text) => {
    const same = matches(text, ATTRIBUTE).filter((other) => other[1] === name);
    return ` ${name}="${random.pick(same)[2]}"`;
  }),
  onOne(ATTRIBUTE, () => ''),
  onOne(ATTRIBUTE, ([, , value], random) => ` ${random.pick(ATTRIBUTES)}="${value}"`),
  onOne(OPENING, ([tag], random) => `${tag} ${random.pick(ATTRIBUTES)}="${random.pick(AWKWARD)}"`),
  onOne(ELEMENT, () => ''),
  onOne(ELEMENT, ([element]) => element + element),
  onOne(ELEMENT, ([element], random, text) => element + random.pick(matches(text, ELEMENT))[0]),
  onOne(ELEMENT, (_, random, text) => random.pick(matches(text, ELEMENT))[0]),
  onOne(OPENING, ([tag], random, text) => random.pick(matches(text, OPENING))[0] || tag),
];

/** The same `count` mutants of the seeds for the same seed. */
export function* mutantsOf(seeds: readonly string[], count: number, seed: number): Generator<string> {
  const random = seededRandom(seed);
  for (let made = 0; made < count; made++) {
    let text = random.pick(seeds);
    for (let changes = 1 + random.below(MOST_CHANGES); changes > 0; changes--)
      text = random.pick(CHANGES)(text, random);
    yield text;
  }
}
