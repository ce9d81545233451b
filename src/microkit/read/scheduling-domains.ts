/** `<domains>`: the scheduling domains and their schedule. */
import type { Domains, ScheduleEntry, SchedulingDomain } from '../description.ts';
import { grammarOf } from '../grammar.ts';
import type { XmlElement } from '../xml/index.ts';
import { knownChildren, onlyChild, originated, readElement, written } from './context.ts';
import { sdfReadCodes as codes } from './diagnostics.ts';
import type { ReadContext } from './read-context.ts';

export function readDomains(element: XmlElement, context: ReadContext): Domains {
  readElement(element, 'domains', context);
  const children = knownChildren(element, grammarOf('domains'), context);
  const schedule = onlyChild(children, 'domain_schedule', element, context);
  if (schedule === undefined) {
    const params = { element: 'domain_schedule', parent: 'domains', of: '' };
    context.sink.report(codes['missing-element'].at(context.source.positionAt(element.offset), params));
  }
  const attributes =
    schedule === undefined ? undefined : readElement(schedule, 'domain_schedule', context).attributes;
  const named = children
    .filter((child) => child.name === 'domain')
    .flatMap((child) => readDomain(child, context) ?? []);
  const domains = {
    domains: originated(named, element, context),
    schedule: schedule === undefined ? [] : readEntries(schedule, context),
    ...written({
      startIndex: attributes?.number('start_index'),
      indexShift: attributes?.number('index_shift'),
    }),
  };
  return originated(domains, schedule ?? element, context);
}

function readDomain(element: XmlElement, context: ReadContext): SchedulingDomain | undefined {
  const { attributes } = readElement(element, 'domain', context);
  const name = attributes.text('name');
  if (name === undefined) return undefined;
  return originated({ name, ...written({ id: attributes.number('id') }) }, element, context);
}

function readEntries(schedule: XmlElement, context: ReadContext): readonly ScheduleEntry[] {
  return knownChildren(schedule, grammarOf('domain_schedule'), context).flatMap(
    (child): readonly ScheduleEntry[] => {
      if (child.name === 'schedule_end_marker') {
        readElement(child, 'schedule_end_marker', context);
        return [originated({ kind: 'end-marker' } as const, child, context)];
      }
      const { attributes } = readElement(child, 'schedule_entry', context);
      const [domain, duration] = [attributes.text('domain'), attributes.duration('duration')];
      if (domain === undefined || duration === undefined) return [];
      return [originated({ kind: 'entry', domain, ...duration } as const, child, context)];
    },
  );
}
