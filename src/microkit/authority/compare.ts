/** What one description gives that another does not: authority gained and lost, whatever the text looks like. */
import { type AddrRange, formatSize, hex, rangeEnd, rangesOverlap } from '../../base/index.ts';
import { formatRange } from '../check/text.ts';
import type { Authority, RegionAuthority } from './authority.ts';
import { interruptName, ownerText } from './explain.ts';

/** What became of a right. */
export type ChangeKind = 'gained' | 'lost' | 'changed';

/** One right that one of two descriptions gives and the other does not, or gives otherwise. */
export interface AuthorityChange {
  readonly kind: ChangeKind;
  /** Who gains or loses. */
  readonly owner: string;
  /** What, as a sentence without its subject. */
  readonly what: string;
}

/** The changes from one authority to another, those of each owner together. */
export function compareAuthority(before: Authority, after: Authority): readonly AuthorityChange[] {
  const changes = [
    ...placedChanges(before, after),
    ...compareFacts(unplacedFacts(before), unplacedFacts(after)),
    ...compareFacts(irqFacts(before), irqFacts(after)),
    ...compareFacts(channelFacts(before), channelFacts(after)),
    ...compareFacts(otherFacts(before), otherFacts(after)),
  ];
  const order: Readonly<Record<ChangeKind, number>> = { gained: 0, changed: 1, lost: 2 };
  return changes
    .map((change, index) => ({ change, index }))
    .sort(
      (a, b) =>
        compareText(a.change.owner, b.change.owner) ||
        order[a.change.kind] - order[b.change.kind] ||
        a.index - b.index,
    )
    .map(({ change }) => change);
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const SIGNS: Readonly<Record<ChangeKind, string>> = { gained: '+', lost: '-', changed: '~' };

/** The changes as text, a line each; empty where there are none. */
export function printAuthorityChanges(changes: readonly AuthorityChange[]): string {
  if (changes.length === 0) return 'both give the same authority\n';
  return changes.map(({ kind, owner, what }) => `${SIGNS[kind]} ${owner} ${what}\n`).join('');
}

interface Grant {
  readonly range: AddrRange;
  readonly right: string;
  readonly region: RegionAuthority;
}

/** Rights on physical memory by owner. A page that is mapped twice has the union of both in one text. */
function grantsByOwner(authority: Authority): ReadonlyMap<string, readonly Grant[]> {
  const grants = new Map<string, Grant[]>();
  for (const region of authority.regions) {
    const { range } = region;
    if (range === undefined) continue;
    for (const { owner, perms, cached } of region.rights) {
      const grant = { range, right: `${perms} ${cached ? 'cached' : 'uncached'}`, region };
      const name = ownerText(owner);
      const known = grants.get(name);
      if (known === undefined) grants.set(name, [grant]);
      else known.push(grant);
    }
  }
  return grants;
}

function placedChanges(before: Authority, after: Authority): readonly AuthorityChange[] {
  const [old, young] = [grantsByOwner(before), grantsByOwner(after)];
  const owners = [...new Set([...old.keys(), ...young.keys()])];
  return owners.flatMap((owner) => ownerChanges(owner, old.get(owner) ?? [], young.get(owner) ?? []));
}

interface Segment {
  readonly range: AddrRange;
  readonly before: string;
  readonly after: string;
  readonly devices: readonly string[];
}

function ownerChanges(
  owner: string,
  before: readonly Grant[],
  after: readonly Grant[],
): readonly AuthorityChange[] {
  return segmentsOf(before, after).flatMap((segment): readonly AuthorityChange[] => {
    if (segment.before === segment.after) return [];
    const place = `${formatRange(segment.range)} (${formatSize(segment.range.size)})`;
    const devices = segment.devices.length === 0 ? '' : `: ${segment.devices.join(', ')}`;
    if (segment.before === '')
      return [{ kind: 'gained', owner, what: `gains ${segment.after} on ${place}${devices}` }];
    if (segment.after === '')
      return [{ kind: 'lost', owner, what: `loses ${segment.before} on ${place}${devices}` }];
    const what = `has ${segment.after} instead of ${segment.before} on ${place}${devices}`;
    return [{ kind: 'changed', owner, what }];
  });
}

/** The pieces between all ends of ranges, each with its rights on both sides; equal neighbours are one. */
function segmentsOf(before: readonly Grant[], after: readonly Grant[]): readonly Segment[] {
  const all = [...before, ...after];
  const edges = [...new Set(all.flatMap(({ range }) => [range.base, rangeEnd(range)]))].sort((a, b) => a - b);
  const [old, young] = [new Sweep(before), new Sweep(after)];
  const segments: Segment[] = [];
  for (const [index, base] of edges.entries()) {
    const end = edges[index + 1];
    if (end === undefined) break;
    const range = { base, size: end - base };
    const [was, is] = [old.rightsIn(range), young.rightsIn(range)];
    if (was === '' && is === '') continue;
    const last = segments.at(-1);
    if (last !== undefined && rangeEnd(last.range) === base && last.before === was && last.after === is) {
      segments[segments.length - 1] = {
        ...last,
        range: { base: last.range.base, size: end - last.range.base },
      };
    } else {
      segments.push({ range, before: was, after: is, devices: [] });
    }
  }
  return segments.map((segment) => ({ ...segment, devices: devicesIn(segment.range, all) }));
}

/** Answers for rising ranges which grants hold them. */
class Sweep {
  readonly #sorted: readonly Grant[];
  #next = 0;
  #open: Grant[] = [];

  constructor(grants: readonly Grant[]) {
    this.#sorted = [...grants].sort((a, b) => a.range.base - b.range.base);
  }

  rightsIn(range: AddrRange): string {
    for (let grant = this.#sorted[this.#next]; grant !== undefined && grant.range.base <= range.base; ) {
      this.#open.push(grant);
      this.#next += 1;
      grant = this.#sorted[this.#next];
    }
    this.#open = this.#open.filter((grant) => rangeEnd(grant.range) > range.base);
    return [...new Set(this.#open.map(({ right }) => right))].sort(compareText).join(' and ');
  }
}

function devicesIn(range: AddrRange, grants: readonly Grant[]): readonly string[] {
  const names = grants
    .filter((grant) => rangesOverlap(grant.range, range))
    .flatMap(({ region }) => region.devices)
    .filter((share) => share.enabled && rangesOverlap(share.range, range))
    .map(({ device }) => device);
  return [...new Set(names)];
}

/** Something that an owner has or has not, by a key that stays the same while its details change. */
interface Fact {
  readonly owner: string;
  readonly key: string;
  readonly gains: string;
  readonly loses: string;
  /** Details: where they differ, the fact has changed. */
  readonly detail: string;
}

function compareFacts(before: readonly Fact[], after: readonly Fact[]): readonly AuthorityChange[] {
  const [old, young] = [factsByKey(before), factsByKey(after)];
  const gained = [...young].flatMap(([key, fact]): readonly AuthorityChange[] => {
    const known = old.get(key);
    if (known === undefined) return [{ kind: 'gained', owner: fact.owner, what: fact.gains }];
    if (known.detail === fact.detail) return [];
    return [{ kind: 'changed', owner: fact.owner, what: `${fact.gains}, before ${known.detail}` }];
  });
  const lost = [...old]
    .filter(([key]) => !young.has(key))
    .map(([, fact]): AuthorityChange => ({ kind: 'lost', owner: fact.owner, what: fact.loses }));
  return [...gained, ...lost];
}

/** A broken description may say one thing twice with different details: they are kept together. */
function factsByKey(facts: readonly Fact[]): ReadonlyMap<string, Fact> {
  const byKey = new Map<string, Fact>();
  for (const fact of facts) {
    const key = `${fact.owner}\n${fact.key}`;
    const known = byKey.get(key);
    const details = known === undefined ? [] : known.detail.split(' and ');
    const detail = [...new Set([...details, fact.detail])].sort(compareText).join(' and ');
    byKey.set(key, { ...fact, detail });
  }
  return byKey;
}

/** Regions without a place are told apart by their names. */
function unplacedFacts({ regions }: Authority): readonly Fact[] {
  return regions.flatMap(({ region, range, sizeBytes, rights }) =>
    range !== undefined
      ? []
      : rights.map(({ owner, perms, cached, vaddr }) => {
          const right = `${perms} ${cached ? 'cached' : 'uncached'}`;
          const size = sizeBytes === undefined ? '' : ` (${formatSize(sizeBytes)})`;
          return {
            owner: ownerText(owner),
            key: `${region} ${hex(vaddr)}`,
            gains: `gains ${right} on ${region}${size}`,
            loses: `loses ${right} on ${region}${size}`,
            detail: `${right}${size}`,
          };
        }),
  );
}

function irqFacts({ irqs }: Authority): readonly Fact[] {
  return irqs.map(({ irq, trigger, pd, devices }) => {
    const name = `${interruptName(irq)}${devices.length === 0 ? '' : ` of ${devices.join(', ')}`}`;
    return {
      owner: pd,
      key: `irq ${irq}`,
      gains: `receives ${name}, ${trigger}`,
      loses: `no longer receives ${name}`,
      detail: trigger,
    };
  });
}

function channelFacts({ channels }: Authority): readonly Fact[] {
  return channels.flatMap(({ from, to, notify, call }) => {
    const facts: Fact[] = [];
    const add = (verb: string): void => {
      facts.push({
        owner: from,
        key: `${verb} ${to}`,
        gains: `may ${verb} ${to}`,
        loses: `may no longer ${verb} ${to}`,
        detail: '',
      });
    };
    if (call) add('call');
    if (notify) add('notify');
    return facts;
  });
}

function otherFacts({ others }: Authority): readonly Fact[] {
  return others.map(({ pd, what }) => ({
    owner: pd,
    key: what,
    gains: what,
    loses: `no longer: ${what}`,
    detail: '',
  }));
}
