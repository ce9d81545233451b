/** Names in a description: where each is declared and where it is used, by what the grammar says of attributes. */
import type { SourcePosition, TextEdit, TextPlace } from '../../base/index.ts';
import type { Device } from '../../devicetree/index.ts';
import {
  grammarOf,
  type MemoryRegion,
  type NameKind,
  type PlatformIrq,
  protectionDomainsOf,
} from '../../microkit/index.ts';
import type { FilePlace } from '../places.ts';
import type { TextSpan } from '../text/lines.ts';
import type { DescriptionAnalysis } from './analysis.ts';
import { cursorAt, grammarNameOf } from './cursor.ts';
import type { ScannedTag } from './scan.ts';

/** A name as it stands in the document. */
export interface WrittenName {
  readonly kind: NameKind;
  readonly name: string;
  readonly span: TextSpan;
  readonly isDeclaration: boolean;
}

/** Every name of a document that declares something or refers to it. */
export function namesIn(tags: readonly ScannedTag[]): readonly WrittenName[] {
  return tags.flatMap((tag) => (tag.kind === 'end' ? [] : namesOf(tag)));
}

function namesOf(tag: ScannedTag): readonly WrittenName[] {
  const grammarName = grammarNameOf(tag);
  if (grammarName === undefined) return [];
  const grammar = grammarOf(grammarName).attributes;
  return tag.attributes.flatMap(({ name, value, valueSpan }) => {
    const attribute = Object.hasOwn(grammar, name) ? grammar[name] : undefined;
    const kind = attribute?.declares ?? attribute?.refersTo;
    if (kind === undefined || value === undefined || valueSpan === undefined) return [];
    return [{ kind, name: value, span: valueSpan, isDeclaration: attribute?.declares !== undefined }];
  });
}

/** The name at a place. */
export function nameAt({ lines, tags }: DescriptionAnalysis, place: TextPlace): WrittenName | undefined {
  const cursor = cursorAt(tags, lines.offsetOf(place));
  if (cursor.kind !== 'value') return undefined;
  return namesOf(cursor.tag).find(({ span }) => span.start === cursor.span.start);
}

/** Where a name is used and, if asked for, declared. */
export function referencesAt(
  analysis: DescriptionAnalysis,
  place: TextPlace,
  withDeclaration: boolean,
): readonly FilePlace[] {
  const here = nameAt(analysis, place);
  if (here === undefined) return [];
  return namesIn(analysis.tags)
    .filter(
      ({ kind, name, isDeclaration }) =>
        kind === here.kind && name === here.name && (withDeclaration || !isDeclaration),
    )
    .map(({ span }) => ({ file: analysis.file, range: analysis.lines.rangeOf(span) }));
}

/** Where what is at a place is declared: in the document, in a file that it includes, or in the sources of the board's tree. */
export function definitionsAt(analysis: DescriptionAnalysis, place: TextPlace): readonly FilePlace[] {
  const here = nameAt(analysis, place);
  if (here !== undefined) {
    const declared = namesIn(analysis.tags).filter(
      ({ kind, name, isDeclaration }) => isDeclaration && kind === here.kind && name === here.name,
    );
    if (declared.length > 0)
      return declared.map(({ span }) => ({ file: analysis.file, range: analysis.lines.rangeOf(span) }));
    const elsewhere = declaredElsewhere(here, analysis);
    return elsewhere === undefined ? [] : pointAt(elsewhere);
  }
  return devicesAt(analysis, place).flatMap(({ node }) =>
    node.position === undefined ? [] : pointAt(node.position),
  );
}

function pointAt({ file, line, column = 1 }: SourcePosition): readonly FilePlace[] {
  if (line === undefined) return [];
  return [{ file, range: { start: { line, column }, end: { line, column } } }];
}

function declaredElsewhere(
  { kind, name }: WrittenName,
  { read }: DescriptionAnalysis,
): SourcePosition | undefined {
  if (read === undefined) return undefined;
  const { description, origins } = read;
  const pds = [...protectionDomainsOf(description)];
  const candidates: Readonly<Record<NameKind, readonly { readonly name: string }[]>> = {
    'memory region': description.memoryRegions,
    'protection domain': pds,
    'virtual machine': pds.flatMap(({ virtualMachine }) => virtualMachine ?? []),
    domain: description.domains?.domains ?? [],
  };
  const found = candidates[kind].find((each) => each.name === name);
  return found && origins.value(found, 'name');
}

/** The devices that a region's address or an interrupt's number is about. */
function devicesAt(analysis: DescriptionAnalysis, place: TextPlace): readonly Device[] {
  const { lines, tags, checking, authority } = analysis;
  const cursor = cursorAt(tags, lines.offsetOf(place));
  const { tree } = checking;
  if (cursor.kind !== 'value' || tree === undefined) return [];
  const [part] = analysis.partsAt(cursor.tag);
  if (part === undefined) return [];
  if (cursor.attribute.name === 'phys_addr') {
    const { name } = part as MemoryRegion;
    const paths =
      authority.regions.find(({ region }) => region === name)?.devices.map(({ path }) => path) ?? [];
    return tree.devices.filter(({ path }) => paths.includes(path));
  }
  if (cursor.attribute.name !== 'irq') return [];
  const { irq } = part as PlatformIrq;
  return tree.devices.filter(({ interrupts }) =>
    interrupts.some(
      (interrupt) => interrupt.reach !== 'none' && interrupt.gic.some(({ intid }) => intid === irq),
    ),
  );
}

/** Why a name can't be given, or the edits that give it. */
export type Renaming = { readonly refused: string } | { readonly edits: readonly TextEdit[] };

/** Another name for what is at a place, wherever it stands in the document. */
export function renameAt(analysis: DescriptionAnalysis, place: TextPlace, name: string): Renaming {
  const here = nameAt(analysis, place);
  if (here === undefined) return { refused: 'there is no name of anything here' };
  if (name === '' || /[<>&"'\s]/.test(name))
    return { refused: 'a name is not empty, and has no white space, quotes, "<", ">" or "&"' };
  const names = namesIn(analysis.tags);
  const isTaken = names.some(
    (other) => other.isDeclaration && other.kind === here.kind && other.name === name,
  );
  if (isTaken && name !== here.name)
    return { refused: `there is a ${here.kind} of the name ${name} already` };
  const same = names.filter((other) => other.kind === here.kind && other.name === here.name);
  if (!same.some(({ isDeclaration }) => isDeclaration))
    return { refused: `${here.name} is not declared in this file` };
  const edits = same.map(({ span }) => ({
    file: analysis.file,
    range: analysis.lines.rangeOf(span),
    text: name,
  }));
  return { edits };
}
