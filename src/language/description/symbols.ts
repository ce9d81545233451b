/** The outline of a description: regions, domains with their machines and interrupts, channels. */
import type { GrammarName } from '../../microkit/index.ts';
import type { DocumentSymbol } from '../places.ts';
import type { DescriptionAnalysis } from './analysis.ts';
import { grammarNameOf } from './cursor.ts';
import type { ScannedTag } from './scan.ts';

const KINDS: { readonly [Name in GrammarName]?: DocumentSymbol['kind'] } = {
  memory_region: 'memory region',
  protection_domain: 'protection domain',
  child_protection_domain: 'protection domain',
  virtual_machine: 'virtual machine',
  older_virtual_machine: 'virtual machine',
  irq: 'interrupt',
  ioapic_irq: 'interrupt',
  msi_irq: 'interrupt',
  channel: 'channel',
};

interface Growing extends DocumentSymbol {
  readonly children: DocumentSymbol[];
}

/** What is in a description, as it is nested. */
export function symbolsOf({ tags, lines }: DescriptionAnalysis): readonly DocumentSymbol[] {
  const ends = new Map<ScannedTag, number>();
  const endsOfChannels = new Map<ScannedTag, string[]>();
  for (const tag of tags) {
    if (tag.opening !== undefined) ends.set(tag.opening, tag.span.end);
    if (tag.name !== 'end' || tag.parent === undefined) continue;
    const pds = endsOfChannels.get(tag.parent) ?? [];
    pds.push(attributeOf(tag, 'pd') ?? '?');
    endsOfChannels.set(tag.parent, pds);
  }
  const top: DocumentSymbol[] = [];
  const made = new Map<ScannedTag, Growing>();
  for (const tag of tags) {
    if (tag.kind === 'end') continue;
    const grammarName = grammarNameOf(tag);
    const kind = grammarName === undefined ? undefined : KINDS[grammarName];
    if (kind === undefined) continue;
    const span = { start: tag.span.start, end: ends.get(tag) ?? tag.span.end };
    const name = nameOf(tag, kind, endsOfChannels.get(tag) ?? []);
    const symbol: Growing = {
      name: name === '' ? `<${tag.name}>` : name,
      detail: detailOf(tag, kind),
      kind,
      range: lines.rangeOf(span),
      selection: lines.rangeOf(tag.span),
      children: [],
    };
    made.set(tag, symbol);
    const parent = tag.parent === undefined ? undefined : made.get(tag.parent);
    (parent?.children ?? top).push(symbol);
  }
  return top;
}

function attributeOf(tag: ScannedTag, name: string): string | undefined {
  return tag.attributes.find((attribute) => attribute.name === name)?.value;
}

function nameOf(tag: ScannedTag, kind: DocumentSymbol['kind'], pds: readonly string[]): string {
  if (kind === 'channel') return pds.join(' ↔ ');
  if (kind === 'interrupt') return `irq ${attributeOf(tag, 'irq') ?? attributeOf(tag, 'vector') ?? '?'}`;
  return attributeOf(tag, 'name') ?? '';
}

function detailOf(tag: ScannedTag, kind: DocumentSymbol['kind']): string {
  if (kind === 'memory region') return attributeOf(tag, 'phys_addr') ?? attributeOf(tag, 'size') ?? '';
  if (kind === 'interrupt') return `channel ${attributeOf(tag, 'id') ?? '?'}`;
  const priority = attributeOf(tag, 'priority');
  return priority === undefined ? '' : `priority ${priority}`;
}
