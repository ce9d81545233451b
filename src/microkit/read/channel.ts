/** `<channel>` and its two ends. */
import type { Channel, ChannelEnd } from '../description.ts';
import { grammarOf } from '../grammar.ts';
import type { XmlElement } from '../xml/index.ts';
import { knownChildren, originated, readElement, written } from './context.ts';
import { sdfReadCodes as codes } from './diagnostics.ts';
import type { ReadContext } from './read-context.ts';

export function readChannel(element: XmlElement, context: ReadContext): Channel | undefined {
  readElement(element, 'channel', context);
  const children = knownChildren(element, grammarOf('channel'), context);
  const ends = children.map((child) => readEnd(child, context));
  const [first, second] = ends;
  if (ends.length !== 2) {
    const position = context.source.positionAt(element.offset);
    context.sink.report(codes['channel-ends'].at(position, { count: ends.length }));
    return undefined;
  }
  if (first === undefined || second === undefined) return undefined;
  return originated({ ends: [first, second] as const }, element, context);
}

function readEnd(element: XmlElement, context: ReadContext): ChannelEnd | undefined {
  const { attributes } = readElement(element, 'end', context);
  const [pd, id] = [attributes.text('pd'), attributes.number('id')];
  if (pd === undefined || id === undefined) return undefined;
  const end = {
    pd,
    id,
    ...written({
      pp: attributes.boolean('pp'),
      notify: attributes.boolean('notify'),
      setvarId: attributes.text('setvar_id'),
    }),
  };
  return originated(end, element, context);
}
