/** Rules on names: unique, not reserved, not cut off (Microkit 2.3's tool: `parse`; monitor: `MAX_NAME_LEN`). */
import type { CheckContext, Rule } from '../context.ts';
import { NAME_LIMIT_BYTES, PROTECTION_DOMAIN_LIMIT } from '../limits.ts';
import { eachRepeat } from '../repeats.ts';
import { sdfDomainCodes as codes } from './diagnostics.ts';

const MONITOR_NAME = 'monitor';

interface Named {
  readonly name: string;
}

function namesAreUnique(context: CheckContext): void {
  const { description } = context;
  const kinds: readonly (readonly [string, readonly Named[]])[] = [
    ['memory region', description.memoryRegions],
    ['protection domain', context.pds],
    ['virtual machine', context.monitors.map(({ vm }) => vm)],
    ['I/O address space', description.ioAddressSpaces],
    ['scheduling domain', description.domains?.domains ?? []],
  ];
  for (const [kind, parts] of kinds) {
    eachRepeat(
      parts,
      // A name that is missing has been reported as such.
      ({ name }) => (name === '' ? undefined : name),
      (part, first) => {
        const params = { kind, name: part.name, where: context.onLine(first) };
        context.sink.report(codes['duplicate-name'].at(context.value(part, 'name'), params));
      },
    );
  }
}

function nameIsFree(context: CheckContext): void {
  for (const pd of context.pds) {
    if (pd.name !== MONITOR_NAME) continue;
    context.sink.report(codes['reserved-name'].at(context.value(pd, 'name'), { name: pd.name }));
  }
}

function nameFits(context: CheckContext): void {
  const encoder = new TextEncoder();
  const named = [
    ...context.pds.map((part) => ({ kind: 'protection domain', part })),
    ...context.monitors.map(({ vm }) => ({ kind: 'virtual machine', part: vm })),
  ];
  for (const { kind, part } of named) {
    const sizeBytes = encoder.encode(part.name).length;
    if (sizeBytes <= NAME_LIMIT_BYTES) continue;
    context.sink.report(
      codes['long-name'].at(context.value(part, 'name'), { kind, name: part.name, sizeBytes }),
    );
  }
}

function thereIsOne(context: CheckContext): void {
  if (context.pds.length > 0 || !context.isComplete('protection_domain')) return;
  context.sink.report(codes['no-protection-domain'].at(context.element(context.description), undefined));
}

function thereAreNotTooMany(context: CheckContext): void {
  const first = context.pds[PROTECTION_DOMAIN_LIMIT];
  if (first === undefined) return;
  const params = { count: context.pds.length };
  context.sink.report(codes['too-many-protection-domains'].at(context.element(first), params));
}

export const NAME_RULES: readonly Rule[] = [
  namesAreUnique,
  nameIsFree,
  nameFits,
  thereIsOne,
  thereAreNotTooMany,
];
