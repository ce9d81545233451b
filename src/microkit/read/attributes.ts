/** The attributes of one element, checked against the grammar: what they say, and a report on each that says nothing. */
import { attempt, type Fix, nearest } from '../../base/index.ts';
import type { PciAddress, Permissions } from '../description.ts';
import { nameFix } from '../fixes.ts';
import type { AttributeGrammar, ElementGrammar, ValueKind } from '../grammar.ts';
import { editBetween, oneEdit, type XmlAttribute, type XmlElement } from '../xml/index.ts';
import { sdfReadCodes as codes } from './diagnostics.ts';
import type { ReadContext } from './read-context.ts';
import {
  type Duration,
  parseBoolean,
  parseDecimal,
  parseDuration,
  parseNumber,
  parsePciAddress,
  parsePermissions,
  ValueRefusal,
} from './values.ts';

type Value = string | number | boolean | PciAddress | Duration;

const PARSERS: Readonly<Record<ValueKind, (text: string) => Value>> = {
  text: (value) => value,
  number: parseNumber,
  decimal: parseDecimal,
  boolean: parseBoolean,
  permissions: parsePermissions,
  pci: parsePciAddress,
  duration: parseDuration,
};

const ROOT = 'system';

export class Attributes {
  readonly #values = new Map<string, Value>();
  /** Whether every attribute that the element needs is there and says something. */
  readonly complete: boolean;

  constructor(element: XmlElement, grammar: ElementGrammar, context: ReadContext) {
    let complete = true;
    for (const [name, attributeGrammar] of Object.entries(grammar.attributes)) {
      const attribute = element.attributes.get(name);
      const value = attribute === undefined ? undefined : readValue(attribute, attributeGrammar, context);
      if (value !== undefined) this.#values.set(name, value);
      if (attributeGrammar.required === undefined || value !== undefined) continue;
      complete = false;
      if (attribute !== undefined) continue;
      const params = { attribute: name, element: element.name };
      context.sink.report(codes['missing-attribute'].at(context.source.positionAt(element.offset), params));
    }
    for (const attribute of element.attributes.values()) {
      if (!Object.hasOwn(grammar.attributes, attribute.name))
        reportUnknown(attribute, element, grammar, context);
    }
    this.complete = complete;
  }

  text(name: string): string | undefined {
    return this.#values.get(name) as string | undefined;
  }

  /** Only of attributes whose grammar lists the choices. */
  choice<T extends string>(name: string): T | undefined {
    return this.#values.get(name) as T | undefined;
  }

  number(name: string): number | undefined {
    return this.#values.get(name) as number | undefined;
  }

  boolean(name: string): boolean | undefined {
    return this.#values.get(name) as boolean | undefined;
  }

  permissions(name: string): Permissions | undefined {
    return this.#values.get(name) as Permissions | undefined;
  }

  pci(name: string): PciAddress | undefined {
    return this.#values.get(name) as PciAddress | undefined;
  }

  duration(name: string): Duration | undefined {
    return this.#values.get(name) as Duration | undefined;
  }
}

function readValue(
  attribute: XmlAttribute,
  grammar: AttributeGrammar,
  context: ReadContext,
): Value | undefined {
  const position = context.source.positionAt(attribute.valueOffset);
  const { name, value } = attribute;
  if (grammar.choices !== undefined) {
    if (grammar.choices.includes(value)) return value;
    const params = { attribute: name, value, choices: grammar.choices };
    const fix = valueFix(attribute, nearest(value, grammar.choices), context);
    context.sink.report(codes['bad-choice'].at(position, params, undefined, fix));
    return undefined;
  }
  const parsed = attempt(() => PARSERS[grammar.kind](value), ValueRefusal);
  if (!(parsed instanceof ValueRefusal)) return parsed;
  if (parsed.isTooLarge) {
    context.sink.report(codes['number-too-large'].at(position, { attribute: name, value }));
    return undefined;
  }
  const { message: problem, advice } = parsed;
  const code = grammar.kind === 'decimal' ? codes['not-decimal'] : codes['bad-value'];
  const fix = valueFix(attribute, parsed.meant, context);
  context.sink.report(code.at(position, { attribute: name, value, problem, advice }, undefined, fix));
  return undefined;
}

/** Writes another value, where one was meant. */
function valueFix(
  { name, valueOffset, valueEnd }: XmlAttribute,
  meant: string | undefined,
  { source }: ReadContext,
): Fix | undefined {
  if (meant === undefined) return undefined;
  return oneEdit(`write ${name}="${meant}"`, editBetween(source, valueOffset, valueEnd, meant));
}

function reportUnknown(
  attribute: XmlAttribute,
  element: XmlElement,
  grammar: ElementGrammar,
  context: ReadContext,
): void {
  const { name, nameOffset } = attribute;
  // The tool never looks at the attributes of the outermost element.
  if (element.name === ROOT) {
    const position = context.source.positionAt(nameOffset);
    context.sink.report(codes['ignored-attribute'].at(position, { attribute: name, element: ROOT }));
    return;
  }
  const known = Object.keys(grammar.attributes);
  const free = known.filter((candidate) => !element.attributes.has(candidate));
  const suggestion = nearest(name, free);
  const params = { attribute: name, element: element.name, known, suggestion };
  const fix = suggestion === undefined ? undefined : nameFix(context.source, attribute, suggestion);
  const position = context.source.positionAt(nameOffset);
  context.sink.report(codes['unknown-attribute'].at(position, params, undefined, fix));
}
