/** How the reader goes through an element and its children. */
import { nearest } from '../../base/index.ts';
import { elementNameFix } from '../fixes.ts';
import { type ElementGrammar, type GrammarName, grammarOf } from '../grammar.ts';
import type { XmlElement } from '../xml/index.ts';
import { Attributes } from './attributes.ts';
import { sdfReadCodes as codes } from './diagnostics.ts';
import type { ReadContext } from './read-context.ts';

/** An element and what the grammar made of its attributes. */
export interface GrammarElement {
  readonly element: XmlElement;
  readonly attributes: Attributes;
}

/** Reads an element's attributes; its text is reported. */
export function readElement(element: XmlElement, name: GrammarName, context: ReadContext): GrammarElement {
  const grammar = grammarOf(name);
  const attributes = new Attributes(element, grammar, context);
  if (!attributes.complete) context.incomplete.add(element.name);
  reportText(element, context);
  return { element, attributes };
}

function reportText(element: XmlElement, context: ReadContext): void {
  const code = element.name === 'system' ? codes.text : codes['ignored-text'];
  for (const offset of element.textOffsets) {
    context.sink.report(code.at(context.source.positionAt(offset), { element: element.name }));
  }
}

/** The children that the grammar allows; the others are reported. */
export function knownChildren(
  element: XmlElement,
  grammar: ElementGrammar,
  context: ReadContext,
): readonly XmlElement[] {
  const known = Object.keys(grammar.children);
  return element.children.filter((child) => {
    if (Object.hasOwn(grammar.children, child.name)) return true;
    reportUnknown(child, element, known, context);
    context.incomplete.add(nearest(child.name, known) ?? child.name);
    return false;
  });
}

function reportUnknown(
  child: XmlElement,
  parent: XmlElement,
  known: readonly string[],
  context: ReadContext,
): void {
  const position = context.source.positionAt(child.offset);
  if (parent.name === 'system' && child.name === 'virtual_machine') {
    context.sink.report(codes['vm-outside-pd'].at(position, undefined));
    return;
  }
  const suggestion = nearest(child.name, known);
  const params = { element: child.name, parent: parent.name, known, suggestion };
  const fix = suggestion === undefined ? undefined : elementNameFix(context.source, child, suggestion);
  context.sink.report(codes['unknown-element'].at(position, params, undefined, fix));
}

/** The one child of a name; a second is reported. */
export function onlyChild(
  children: readonly XmlElement[],
  name: string,
  parent: XmlElement,
  context: ReadContext,
): XmlElement | undefined {
  const [first, ...others] = children.filter((child) => child.name === name);
  for (const other of others) {
    const line = first === undefined ? undefined : context.source.positionAt(first.offset).line;
    const params = { element: name, parent: parent.name, line };
    context.sink.report(codes['repeated-element'].at(context.source.positionAt(other.offset), params));
  }
  return first;
}

/** Notes where a part of the value was written. */
export function originated<T extends object>(part: T, element: XmlElement, context: ReadContext): T {
  context.origins.set(part, element);
  return part;
}

type Written<T> = { [Name in keyof T]?: Exclude<T[Name], undefined> };

/** The members that are there: an attribute that was not written is no member. */
export function written<T extends object>(members: T): Written<T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Written<T>;
}
