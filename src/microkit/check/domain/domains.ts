/** Rules on scheduling domains (Microkit 2.3's tool: `Domains::from_xml`). */
import { nearest } from '../../../base/index.ts';
import { SDF_DEFAULTS } from '../../description.ts';
import type { CheckContext, Rule } from '../context.ts';
import { SCHEDULE_LIMIT, SCHEDULING_DOMAIN_LIMIT } from '../limits.ts';
import { eachRepeat } from '../repeats.ts';
import { sdfDomainCodes as codes } from './diagnostics.ts';

function domainsComeFirst(context: CheckContext): void {
  const { domains } = context.description;
  if (domains === undefined || !context.domainsAreLate) return;
  context.sink.report(codes['domains-late'].at(context.element(domains.domains), undefined));
}

function oneCoreOnly(context: CheckContext): void {
  const { domains } = context.description;
  const { cores } = context.options;
  if (domains === undefined || cores === undefined || cores === 1) return;
  context.sink.report(codes['domains-on-cores'].at(context.element(domains.domains), { cores }));
}

function idsExist(context: CheckContext): void {
  const domains = context.description.domains?.domains ?? [];
  for (const domain of domains) {
    const { name, id } = domain;
    if (id === undefined || id < SCHEDULING_DOMAIN_LIMIT) continue;
    context.sink.report(codes['domain-id'].at(context.value(domain, 'id'), { name, id }));
  }
  const extra = domains[SCHEDULING_DOMAIN_LIMIT];
  if (extra !== undefined) {
    context.sink.report(codes['too-many-domains'].at(context.element(extra), { count: domains.length }));
  }
}

function idsDiffer(context: CheckContext): void {
  eachRepeat(
    context.description.domains?.domains ?? [],
    ({ id }) => id,
    (domain, first) => {
      const params = { name: domain.name, id: domain.id ?? 0, other: first.name };
      context.sink.report(codes['duplicate-domain-id'].at(context.value(domain, 'id'), params));
    },
  );
}

function everyoneHasOne(context: CheckContext): void {
  if (context.description.domains === undefined || !context.isComplete('domains')) return;
  for (const pd of context.pds) {
    if (pd.domain !== undefined || context.origins.hasAttribute(pd, 'domain')) continue;
    context.sink.report(codes['domain-missing'].at(context.element(pd), { name: pd.name }));
  }
}

function domainExists(context: CheckContext): void {
  const { domains } = context.description;
  if (!context.isComplete('domain', 'domains')) return;
  const names = new Set(domains?.domains.map(({ name }) => name));
  const entries = (domains?.schedule ?? []).flatMap((entry) => (entry.kind === 'entry' ? [entry] : []));
  const named = [...context.pds, ...entries];
  for (const part of named) {
    const { domain } = part;
    if (domain === undefined || names.has(domain)) continue;
    const params = { domain, suggestion: nearest(domain, names) };
    context.sink.report(codes['unknown-domain'].at(context.value(part, 'domain'), params));
  }
}

function scheduleFits(context: CheckContext): void {
  const { domains } = context.description;
  if (domains === undefined || !context.isComplete('domain_schedule', 'schedule_entry')) return;
  const count = domains.schedule.length;
  const shift = domains.indexShift ?? SDF_DEFAULTS.indexShift;
  const start = domains.startIndex ?? SDF_DEFAULTS.startIndex;
  if (count + shift >= SCHEDULE_LIMIT) {
    const position = context.value(domains, 'index_shift');
    context.sink.report(codes['schedule-length'].at(position, { count, shift }));
  }
  if (start >= count) {
    context.sink.report(codes['schedule-start'].at(context.value(domains, 'start_index'), { start, count }));
  }
}

export const DOMAIN_RULES: readonly Rule[] = [
  domainsComeFirst,
  oneCoreOnly,
  idsExist,
  idsDiffer,
  everyoneHasOne,
  domainExists,
  scheduleFits,
];
