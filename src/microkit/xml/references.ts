/** Character and entity references (XML 1.0 §4.1, §4.6): the five of XML itself, and characters by number. */
import type { DiagnosticSink } from '../../base/index.ts';
import { xmlCodes } from './diagnostics.ts';
import type { XmlSource } from './source.ts';

const REFERENCE = /&(?:#x([0-9a-fA-F]+)|#([0-9]+)|([^\s;&<"']+));|&/g;
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** The text with its references replaced; those that name nothing are reported and left as they are. */
export function expandReferences(
  text: string,
  offset: number,
  source: XmlSource,
  sink: DiagnosticSink,
): string {
  if (!text.includes('&')) return text;
  return text.replace(REFERENCE, (reference, hex, decimal, entity, index: number) => {
    const replacement =
      entity === undefined
        ? character(hex, decimal)
        : Object.hasOwn(ENTITIES, entity)
          ? ENTITIES[entity]
          : undefined;
    if (replacement !== undefined) return replacement;
    sink.report(xmlCodes['bad-reference'].at(source.positionAt(offset + index), { reference }));
    return reference;
  });
}

function character(hex: string | undefined, decimal: string | undefined): string | undefined {
  if (hex === undefined && decimal === undefined) return undefined;
  const code = hex === undefined ? Number.parseInt(decimal ?? '', 10) : Number.parseInt(hex, 16);
  const allowed =
    code === 0x9 ||
    code === 0xa ||
    code === 0xd ||
    (code >= 0x20 && code <= 0xd7ff) ||
    (code >= 0xe000 && code <= 0xfffd) ||
    (code >= 0x10000 && code <= 0x10ffff);
  return allowed ? String.fromCodePoint(code) : undefined;
}
