/**
 * Descriptions: mutants of good ones, pieces of XML in any order, and bytes that are nothing. Whatever comes is read,
 * checked, explained, drawn and compared without a crash; every finding lies inside the file; and what is read without errors
 * is written to a text that says the same, and that is written to itself.
 */
import { isDeepStrictEqual } from 'node:util';
import { type DiagnosticSink, DiagnosticSink as Sink } from '../src/base/index.ts';
import {
  authorityOf,
  checkDescription,
  compareAuthority,
  decodeText,
  explainAuthority,
  formatDescription,
  MICROKIT_BOARDS,
  needsPreprocessor,
  plainSource,
  type ReadDescription,
  readDescription,
} from '../src/microkit/index.ts';
import { comparedDiagram, picturesOf, picturesSvg } from '../src/picture/index.ts';
import { BOARD_DTS, GUEST_SYSTEM, resolvedTree } from '../test/support/guest-trees.ts';
import { mutateBytes } from './mutate.ts';
import { type Random, seededRandom } from './random.ts';
import type { FuzzOptions } from './run.ts';

const FILE = 'fuzz.system';
/** Trees and boards make a check slower and depend on few bytes. */
const TREE_EVERY = 8;

const SEEDS: readonly string[] = [
  GUEST_SYSTEM,
  '<system><protection_domain name="a" id="1"><program_image path="p"/></protection_domain></system>',
  `<system><domains><domain name="d" id="1"/><domain_schedule start_index="0" index_shift="1"><schedule_entry domain="d" duration="1_0 us"/><schedule_end_marker/></domain_schedule></domains>
<memory_region name="m" size="0x200_000" prefill_path="f" page_size="0x200000"/>
<io_address_space name="s" peripheral_id="0:1f.2" domain_id="1"><iomap mr="m" iovaddr="0x200000" perms="r"/></io_address_space>
<protection_domain name="p" domain="d" priority="3" budget="10" period="20" passive="true" stack_size="0x2000" smc="false" cpu="0" fpu="false">
<program_image path="p.elf" path_for_symbols="q.elf"/><map mr="m" vaddr="0x1000000" perms="rwx" setvar_size="x" setvar_prefill_size="y"/>
<irq irq="40" id="0" trigger="edge" setvar_id="z"/><irq pin="1" ioapic="0" vector="2" id="1" polarity="low"/><irq pcidev="1:2.3" handle="1" vector="3" id="2"/>
<ioport id="3" addr="0x3f8" size="8" setvar_addr="w"/><setvar symbol="v" region_paddr="m"/>
<cspace><cap_tcb slot="1" pd="c"/><cap_sc slot="2" pd="c"/><cap_vspace slot="3" pd="c"/></cspace>
<virtual_machine name="g" id="1"><map mr="m" vaddr="0"/></virtual_machine>
<protection_domain name="c" id="4" setvar_id="u"><program_image path="c.elf"/></protection_domain></protection_domain>
<channel><end pd="p" id="9" pp="true"/><end pd="c" id="9" notify="false" setvar_id="t"/></channel></system>`,
];

const PIECES: readonly string[] = [
  '<',
  '>',
  '/>',
  '</system>',
  '<system>',
  '<!--',
  '-->',
  '<![CDATA[',
  ']]>',
  '<?xml ?>',
  '<!DOCTYPE a>',
  '&#x41;',
  '&#x110000;',
  '&lt;',
  '&no;',
  '"',
  "'",
  '=',
  ' ',
  '\n',
  'mr="m"',
  'name="a:b"',
  'xmlns:x="y"',
  '0xffff_ffff_ffff_ffff',
  '-1',
  '18446744073709551616',
  '<protection_domain name="p">',
  '</protection_domain>',
  '<virtual_machine name="v">',
  '\u{1f600}',
  '\r',
];

const BOARDS = [...MICROKIT_BOARDS.values()];
const TREE = resolvedTree('board.dts', BOARD_DTS);
const GUESTS = [{ file: 'guest.dts', tree: TREE }];

export function fuzz({ runs, seed }: FuzzOptions): void {
  const random = seededRandom(seed);
  const good = SEEDS.map((text) => new TextEncoder().encode(text));
  let last: ReadDescription | undefined;
  for (let run = 0; run < runs; run++) {
    const bytes = candidate(random, good);
    try {
      last = runOne(bytes, random, run, last) ?? last;
    } catch (error) {
      throw new Error(`run ${run}: ${JSON.stringify(new TextDecoder().decode(bytes))}`, { cause: error });
    }
  }
}

function candidate(random: Random, good: readonly Uint8Array[]): Uint8Array {
  switch (random.below(8)) {
    case 0:
      return pieces(random);
    case 1:
      return random.bytes(random.below(64));
    case 2:
    case 3:
      return spliced(random, random.pick(good));
    case 4:
    case 5:
    case 6:
      return shuffled(random, random.pick(good));
    default:
      return mutateBytes(random, random.pick(good));
  }
}

function pieces(random: Random): Uint8Array {
  const parts = Array.from({ length: random.below(24) }, () => random.pick(PIECES));
  return new TextEncoder().encode(parts.join(''));
}

/** A piece of XML in the middle of a good text, in place of some of it. */
function spliced(random: Random, bytes: Uint8Array): Uint8Array {
  const text = new TextDecoder().decode(bytes);
  const at = random.below(text.length);
  return new TextEncoder().encode(
    text.slice(0, at) + random.pick(PIECES) + text.slice(at + random.below(16)),
  );
}

const VALUES = /"[^"]*"/g;
const MOST_SHUFFLES = 6;

/** Values in each other's places, and elements left out or doubled: it stays XML, and stops being a description. */
function shuffled(random: Random, bytes: Uint8Array): Uint8Array {
  let text = new TextDecoder().decode(bytes);
  for (let count = 1 + random.below(MOST_SHUFFLES); count > 0; count--) {
    if (random.below(2) === 0) {
      const values = text.match(VALUES) ?? [''];
      const chosen = random.below(values.length);
      let index = 0;
      text = text.replace(VALUES, (value) => (index++ === chosen ? random.pick(values) : value));
    } else {
      const elements = text.split(/(?=<\w[^>]*\/>)/);
      const at = random.below(elements.length);
      elements.splice(at, random.below(2), ...(random.below(2) === 0 ? [] : [elements[at] ?? '']));
      text = elements.join('');
    }
  }
  return new TextEncoder().encode(text);
}

function runOne(
  bytes: Uint8Array,
  random: Random,
  run: number,
  last: ReadDescription | undefined,
): ReadDescription | undefined {
  const sink = new Sink();
  const text = decodeText(FILE, bytes, sink);
  if (text === undefined) return undefined;
  needsPreprocessor(text);
  const read = readDescription(plainSource(FILE, text), sink);
  if (read === undefined) {
    placesAreInside(text, sink);
    return undefined;
  }
  const wellRead = !sink.hasErrors;
  const withTree = run % TREE_EVERY === 0;
  checkDescription(
    read,
    withTree ? { board: random.pick(BOARDS), tree: TREE, guests: GUESTS } : { board: random.pick(BOARDS) },
    sink,
  );
  placesAreInside(text, sink);
  if (wellRead) writingKeepsMeaning(read);
  if (!withTree) return undefined;
  const authority = authorityOf(read, { tree: TREE });
  explainAuthority(authority);
  if (compareAuthority(authority, authority).length > 0) throw new Error('a description differs from itself');
  picturesSvg(FILE, picturesOf(read, { tree: TREE, board: random.pick(BOARDS) }));
  if (last !== undefined) {
    compareAuthority(authorityOf(last), authority);
    comparedDiagram(last, read);
  }
  return read;
}

function placesAreInside(text: string, sink: DiagnosticSink): void {
  const lines = text.split(/\r\n|\r|\n/);
  for (const { code, position } of sink.sorted()) {
    if (position?.file !== FILE || position.line === undefined) continue;
    const line = lines[position.line - 1];
    // A finding at the end of the file stands behind its last character.
    if (line === undefined || (position.column ?? 1) > line.length + 2) {
      throw new Error(`${code} lies at ${position.line}:${position.column}, outside of the file`);
    }
  }
}

function writingKeepsMeaning(read: ReadDescription): void {
  const text = formatDescription(read);
  const sink = new Sink();
  const again = readDescription(plainSource(FILE, text), sink, { dialect: read.dialect });
  if (again === undefined || sink.hasErrors) throw new Error(`what was written can't be read: ${text}`);
  if (!isDeepStrictEqual(again.description, read.description)) {
    throw new Error(`writing changed the meaning: ${text}`);
  }
  if (formatDescription(again) !== text) throw new Error(`formatting twice is not formatting once: ${text}`);
}
