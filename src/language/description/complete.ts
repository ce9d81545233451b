/** What may stand at a place of a description, however little of it is written. */
import { hex, SMALL_PAGE_BYTES, type TextPlace, type TextRange } from '../../base/index.ts';
import {
  type AttributeGrammar,
  CHANNEL_LIMIT,
  formatRange,
  type GrammarName,
  grammarOf,
  interruptName,
  protectionDomainsOf,
} from '../../microkit/index.ts';
import { type Completion, plainSnippet } from '../places.ts';
import { ABOUT, aboutAttribute } from './about.ts';
import type { DescriptionAnalysis } from './analysis.ts';
import { type Cursor, cursorAt, grammarNameOf } from './cursor.ts';
import { namesIn } from './names.ts';
import type { ScannedTag } from './scan.ts';

/** Elements, attributes or values, by what stands around the place. */
export function completeDescription(analysis: DescriptionAnalysis, place: TextPlace): readonly Completion[] {
  const { lines, tags } = analysis;
  const offset = lines.offsetOf(place);
  const cursor = cursorAt(tags, offset);
  switch (cursor.kind) {
    case 'content': {
      const start =
        offset - (/[\w]*$/.exec(lines.text.slice(Math.max(0, offset - 64), offset))?.[0].length ?? 0);
      return elementsIn(cursor.parent, '<', lines.rangeOf({ start, end: offset }));
    }
    case 'element':
      return cursor.tag.kind === 'end'
        ? endTag(cursor.tag, lines.rangeOf(cursor.span))
        : elementsIn(cursor.tag.parent, '', lines.rangeOf(cursor.span), hasMore(cursor.tag));
    case 'attribute':
      return attributesOf(cursor, lines.rangeOf(cursor.span));
    case 'value':
      return valuesOf(cursor, analysis, lines.rangeOf(cursor.span));
  }
}

/** Whether a tag has attributes already, so that its name alone is what is wanted. */
const hasMore = (tag: ScannedTag): boolean => tag.attributes.length > 0 || tag.isWhole;

function elementsIn(
  parent: ScannedTag | undefined,
  opening: string,
  range: TextRange,
  nameOnly = false,
): readonly Completion[] {
  const parentName = parent === undefined ? undefined : grammarNameOf(parent);
  if (parent !== undefined && parentName === undefined) return [];
  const children: Readonly<Record<string, GrammarName>> =
    parentName === undefined
      ? { system: 'system', ...grammarOf('system').children }
      : grammarOf(parentName).children;
  return Object.entries(children).map(([name, grammarName]) => ({
    label: name,
    kind: 'element',
    documentation: ABOUT[grammarName][0],
    snippet: nameOnly ? name : `${opening}${elementSnippet(name, grammarName)}`,
    range,
  }));
}

/** The element with what it needs, the cursor at the first thing to write. */
function elementSnippet(name: string, grammarName: GrammarName): string {
  const { attributes, children } = grammarOf(grammarName);
  const needed = Object.entries(attributes).filter(([, { required }]) => required === true);
  const written = needed.map(([attribute], index) => ` ${attribute}="$${index + 1}"`).join('');
  return Object.keys(children).length === 0
    ? `${name}${written} />$0`
    : `${name}${written}>\n\t$0\n</${name}>`;
}

function endTag(tag: ScannedTag, range: TextRange): readonly Completion[] {
  const name = tag.opening?.name ?? tag.parent?.name;
  if (name === undefined) return [];
  return [{ label: name, kind: 'element', snippet: tag.isWhole ? name : `${name}>`, range }];
}

function attributesOf(
  { tag, attribute }: Cursor & { readonly kind: 'attribute' },
  range: TextRange,
): readonly Completion[] {
  const grammarName = grammarNameOf(tag);
  if (grammarName === undefined || tag.kind === 'end') return [];
  const there = new Set(tag.attributes.map(({ name }) => name));
  const hasValue = attribute?.value !== undefined;
  return Object.entries(grammarOf(grammarName).attributes)
    .filter(([name]) => !there.has(name) || name === attribute?.name)
    .map(([name, { required }]) => ({
      label: name,
      kind: 'attribute',
      ...(required === true ? { detail: 'required' } : {}),
      documentation: aboutAttribute(grammarName, name) ?? '',
      snippet: hasValue ? name : `${name}="$1"`,
      range,
    }));
}

type ValueCursor = Cursor & { readonly kind: 'value' };

function valuesOf(
  cursor: ValueCursor,
  analysis: DescriptionAnalysis,
  range: TextRange,
): readonly Completion[] {
  const { tag, attribute } = cursor;
  const grammarName = grammarNameOf(tag);
  if (grammarName === undefined) return [];
  const grammar = grammarOf(grammarName).attributes;
  const found = Object.hasOwn(grammar, attribute.name) ? grammar[attribute.name] : undefined;
  if (found === undefined) return [];
  const value = ([label, detail]: readonly [string, string?]): Completion => ({
    label,
    kind: 'value',
    ...(detail === undefined ? {} : { detail }),
    snippet: plainSnippet(label),
    range,
  });
  const named = namesFor(found, analysis).map((name): Completion => ({ ...value([name]), kind: 'name' }));
  if (named.length > 0) return named;
  const places = placesFor(cursor, grammarName, analysis);
  if (places.length > 0) return places.map((place): Completion => ({ ...value(place), kind: 'device' }));
  return wordsFor(found).map((word) => value([word]));
}

const PERMISSIONS = ['r', 'rw', 'rx', 'rwx', 'x'] as const;

function wordsFor({ kind, choices }: AttributeGrammar): readonly string[] {
  if (choices !== undefined) return choices;
  if (kind === 'boolean') return ['true', 'false'];
  return kind === 'permissions' ? PERMISSIONS : [];
}

/** What is declared here, and in the files that are included. */
function namesFor({ refersTo }: AttributeGrammar, { tags, read }: DescriptionAnalysis): readonly string[] {
  if (refersTo === undefined) return [];
  const here = namesIn(tags).flatMap(({ kind, name, isDeclaration }) =>
    isDeclaration && kind === refersTo ? [name] : [],
  );
  const all =
    read === undefined
      ? []
      : refersTo === 'memory region'
        ? read.description.memoryRegions.map(({ name }) => name)
        : refersTo === 'protection domain'
          ? [...protectionDomainsOf(read.description)].map(({ name }) => name)
          : [];
  return [...new Set([...here, ...all])].filter((name) => name !== '');
}

/** What the board's tree and the description itself offer for numbers. */
function placesFor(
  { tag, attribute }: ValueCursor,
  grammarName: GrammarName,
  analysis: DescriptionAnalysis,
): readonly (readonly [string, string])[] {
  const written = (name: string) => tag.attributes.find((each) => each.name === name)?.value;
  switch (`${grammarName} ${attribute.name}`) {
    case 'memory_region phys_addr':
      return deviceAddresses(analysis);
    case 'memory_region size':
      return sizesAt(written('phys_addr'), analysis);
    case 'irq irq':
      return deviceInterrupts(analysis);
    case 'irq trigger':
      return triggersOf(written('irq'), analysis);
    case 'irq id':
      return freeIds(tag.parent, analysis);
    case 'end id':
      return freeIds(domainTag(written('pd'), analysis), analysis);
    case 'vm_map vaddr':
      return physicalAddress(written('mr'), analysis);
    default:
      return [];
  }
}

function enabledDevices({ checking }: DescriptionAnalysis) {
  return (checking.tree?.devices ?? []).filter(({ status }) => status.enabled);
}

const pageOf = (address: number): number => Math.floor(address / SMALL_PAGE_BYTES) * SMALL_PAGE_BYTES;

function deviceAddresses(analysis: DescriptionAnalysis): readonly (readonly [string, string])[] {
  return enabledDevices(analysis).flatMap(({ node, regs }) =>
    regs.flatMap(({ cpu }) =>
      cpu === undefined || cpu.size === 0
        ? []
        : [[hex(pageOf(cpu.base)), `${node.name} ${formatRange(cpu)}`] as const],
    ),
  );
}

/** From an address to the end of the registers that begin on its page. */
function sizesAt(
  address: string | undefined,
  analysis: DescriptionAnalysis,
): readonly (readonly [string, string])[] {
  const base = Number(address?.replaceAll('_', ''));
  if (!Number.isSafeInteger(base)) return [];
  return enabledDevices(analysis).flatMap(({ node, regs }) =>
    regs.flatMap(({ cpu }) => {
      if (cpu === undefined || cpu.size === 0 || pageOf(cpu.base) !== pageOf(base)) return [];
      const end = pageOf(cpu.base + cpu.size - 1) + SMALL_PAGE_BYTES;
      return [[hex(end - pageOf(base)), node.name] as const];
    }),
  );
}

function deviceInterrupts(analysis: DescriptionAnalysis): readonly (readonly [string, string])[] {
  return enabledDevices(analysis).flatMap(({ node, interrupts }) =>
    interrupts.flatMap((interrupt) =>
      interrupt.reach === 'none'
        ? []
        : interrupt.gic.map(
            ({ intid, trigger }) =>
              [String(intid), `${node.name}, ${interruptName(intid)}, ${trigger}`] as const,
          ),
    ),
  );
}

function triggersOf(
  irq: string | undefined,
  analysis: DescriptionAnalysis,
): readonly (readonly [string, string])[] {
  for (const { node, interrupts } of enabledDevices(analysis)) {
    for (const interrupt of interrupts) {
      const found =
        interrupt.reach === 'none' ? undefined : interrupt.gic.find(({ intid }) => String(intid) === irq);
      if (found === undefined) continue;
      const other = found.trigger === 'edge' ? 'level' : 'edge';
      return [
        [found.trigger, `as the tree says of ${node.name}`],
        [other, ''],
      ];
    }
  }
  return [];
}

function domainTag(name: string | undefined, { tags }: DescriptionAnalysis): ScannedTag | undefined {
  return tags.find(
    (tag) =>
      tag.name === 'protection_domain' &&
      tag.attributes.some((attribute) => attribute.name === 'name' && attribute.value === name),
  );
}

const IDS_OFFERED = 4;

/** The lowest channels that nothing of the domain has yet. */
function freeIds(
  domain: ScannedTag | undefined,
  { tags }: DescriptionAnalysis,
): readonly (readonly [string, string])[] {
  if (domain === undefined) return [];
  const name = domain.attributes.find((attribute) => attribute.name === 'name')?.value;
  const taken = new Set(
    tags
      .filter((tag) => {
        if (tag.name !== 'end') return tag.parent === domain && tag.name.endsWith('irq');
        return tag.attributes.some((attribute) => attribute.name === 'pd' && attribute.value === name);
      })
      .flatMap((tag) =>
        tag.attributes.flatMap((attribute) => (attribute.name === 'id' ? (attribute.value ?? []) : [])),
      ),
  );
  return Array.from({ length: CHANNEL_LIMIT }, (_, id) => String(id))
    .filter((id) => !taken.has(id))
    .slice(0, IDS_OFFERED)
    .map((id) => [id, 'free'] as const);
}

/** A guest sees devices where the CPU does. */
function physicalAddress(
  region: string | undefined,
  { authority }: DescriptionAnalysis,
): readonly (readonly [string, string])[] {
  const base = authority.regions.find((each) => each.region === region)?.range?.base;
  return base === undefined ? [] : [[hex(base), 'the physical address']];
}
