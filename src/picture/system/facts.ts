/**
 * What a system's diagram shows, before it has a form: domains, guests, regions with who may touch them, channels. Two versions of
 * a description are merged into one such value, in which everything says what became of it.
 */
import { formatSize } from '../../base/index.ts';
import type {
  Authority,
  IrqTrigger,
  Permissions,
  ProtectionDomain,
  SystemDescription,
} from '../../microkit/index.ts';
import { interruptName, protectionDomainsOf, SDF_DEFAULTS } from '../../microkit/index.ts';
import { type DomainRole, domainRoles } from './roles.ts';

/** What became of a thing from one version to the other. */
export type Change = 'added' | 'removed' | 'changed';

/** Who has an address space: `domain NAME` or `guest NAME`. */
export type SpaceKey = string;

/** What two versions may differ in, as lines. */
interface Fact {
  readonly change?: Change;
  /** Of what changed: the lines as they were. */
  readonly was?: readonly string[];
}

export interface DomainFact extends Fact {
  readonly key: SpaceKey;
  readonly name: string;
  readonly role: DomainRole;
  readonly priority: number;
  /** What else there is to say of it, a line each. */
  readonly details: readonly string[];
  readonly interrupts: readonly string[];
  /** How many of the ids for interrupts and channels are taken. */
  readonly channelsUsed: number;
  readonly parent?: SpaceKey;
}

export interface GuestFact extends Fact {
  readonly key: SpaceKey;
  readonly name: string;
  readonly monitor: SpaceKey;
  readonly details: readonly string[];
}

export interface RightFact {
  readonly key: SpaceKey;
  readonly perms: Permissions;
  readonly cached: boolean;
}

export interface RegionFact extends Fact {
  readonly name: string;
  readonly isRam: boolean;
  readonly base?: number;
  readonly sizeBytes?: number;
  readonly rights: readonly RightFact[];
  /** Whose registers lie in it, by the tree. */
  readonly devices: readonly string[];
}

/** One end's rights: whether it may notify or call the other. */
export interface ChannelEndFact {
  readonly key: SpaceKey;
  readonly id: number;
  readonly notifies: boolean;
  readonly calls: boolean;
}

export interface ChannelFact extends Fact {
  readonly ends: readonly [ChannelEndFact, ChannelEndFact];
}

export interface SystemFacts {
  readonly domains: readonly DomainFact[];
  readonly guests: readonly GuestFact[];
  readonly regions: readonly RegionFact[];
  readonly channels: readonly ChannelFact[];
}

const domainKey = (name: string): SpaceKey => `domain ${name}`;
const guestKey = (name: string): SpaceKey => `guest ${name}`;

/** The facts of a description. Names that are there twice, or that nothing has, are left to `check`: the first counts. */
export function systemFacts(description: SystemDescription, authority: Authority): SystemFacts {
  const roles = domainRoles(description);
  const domains = new Map<SpaceKey, DomainFact>();
  const guests = new Map<SpaceKey, GuestFact>();
  const used = new Map<string, number>();
  const count = (pd: string) => used.set(pd, (used.get(pd) ?? 0) + 1);
  for (const { ends } of description.channels) for (const { pd } of ends) count(pd);
  const all = [...protectionDomainsOf(description)];
  for (const { name, irqs, ioports } of all) for (const _ of [...irqs, ...ioports]) count(name);
  const parents = new Map(
    all.flatMap(({ name, children }) => children.map((child) => [child, name] as const)),
  );
  for (const pd of all) {
    const key = domainKey(pd.name);
    if (domains.has(key)) continue;
    const parent = parents.get(pd);
    domains.set(key, {
      key,
      name: pd.name,
      role: roles.get(pd.name) ?? { kind: 'domain', text: 'domain' },
      priority: pd.priority ?? SDF_DEFAULTS.priority,
      details: domainDetails(pd),
      interrupts: authority.irqs
        .filter((irq) => irq.pd === pd.name)
        .map(({ irq, trigger, devices }) => interruptText(interruptName(irq), trigger, devices)),
      channelsUsed: used.get(pd.name) ?? 0,
      ...(parent === undefined ? {} : { parent: domainKey(parent) }),
    });
    const vm = pd.virtualMachine;
    if (vm === undefined || guests.has(guestKey(vm.name))) continue;
    const vcpus = vm.vcpus.length;
    guests.set(guestKey(vm.name), {
      key: guestKey(vm.name),
      name: vm.name,
      monitor: key,
      details: vcpus === 1 || vcpus === 0 ? ['1 vCPU'] : [`${vcpus} vCPUs`],
    });
  }
  const regions = new Map<string, RegionFact>();
  for (const { region, range, sizeBytes, isRam, rights, devices } of authority.regions) {
    if (regions.has(region)) continue;
    regions.set(region, {
      name: region,
      isRam,
      ...(range === undefined ? {} : { base: range.base }),
      ...(sizeBytes === undefined ? {} : { sizeBytes }),
      rights: rights.map(({ owner, perms, cached }) => ({
        key: owner.monitor === undefined ? domainKey(owner.name) : guestKey(owner.name),
        perms,
        cached,
      })),
      devices: [...new Set(devices.filter(({ enabled }) => enabled).map(({ device }) => device))],
    });
  }
  const channels = description.channels.flatMap(({ ends: [one, other] }): readonly ChannelFact[] => {
    const ends = [one, other].map(({ pd, id, notify, pp }) => ({
      key: domainKey(pd),
      id,
      notifies: notify ?? SDF_DEFAULTS.notify,
      calls: pp ?? SDF_DEFAULTS.pp,
    }));
    const [first, second] = ends;
    if (first === undefined || second === undefined) return [];
    return domains.has(first.key) && domains.has(second.key) && first.key !== second.key
      ? [{ ends: [first, second] }]
      : [];
  });
  return {
    domains: [...domains.values()],
    guests: [...guests.values()],
    regions: [...regions.values()],
    channels,
  };
}

function interruptText(name: string, trigger: IrqTrigger, devices: readonly string[]): string {
  return [name, trigger, ...devices].join(', ');
}

function domainDetails(pd: ProtectionDomain): readonly string[] {
  const scheduling = [
    pd.passive === true ? 'passive' : '',
    pd.budgetUs === undefined ? '' : `${pd.budgetUs} of ${pd.periodUs ?? pd.budgetUs} µs`,
    pd.cpu === undefined ? '' : `core ${pd.cpu}`,
    pd.domain === undefined ? '' : `scheduling domain ${pd.domain}`,
    pd.smc === true ? 'secure monitor calls' : '',
  ].filter((part) => part !== '');
  return [
    ...(scheduling.length === 0 ? [] : [scheduling.join(', ')]),
    ...(pd.programImage === undefined ? [] : [pd.programImage.path]),
    ...pd.capMaps.map(({ kind, pd: other }) => `${kind.replace('cap_', '').toUpperCase()} of ${other}`),
  ];
}

/** Both versions as one: what only one of them has is marked, and what both have otherwise says how it was. */
export function mergedFacts(before: SystemFacts, after: SystemFacts): SystemFacts {
  const channelKey = ({ ends }: ChannelFact) =>
    ends
      .map(({ key, id }) => `${key} ${id}`)
      .sort()
      .join(' ');
  return {
    domains: merged(before.domains, after.domains, ({ key }) => key, domainLines),
    guests: merged(
      before.guests,
      after.guests,
      ({ key }) => key,
      ({ details }) => details,
    ),
    regions: merged(before.regions, after.regions, ({ name }) => name, regionLines).map((region) => {
      // Who lost a right is drawn where it had it.
      const old = before.regions.find(({ name }) => name === region.name);
      const lost = old?.rights.filter(({ key }) => !region.rights.some((right) => right.key === key)) ?? [];
      return region.change === 'changed' ? { ...region, rights: [...region.rights, ...lost] } : region;
    }),
    channels: merged(before.channels, after.channels, channelKey, ({ ends }) =>
      ends.map(({ notifies, calls }) => `${notifies ? 'notifies' : ''} ${calls ? 'calls' : ''}`),
    ),
  };
}

function merged<Part extends Fact>(
  before: readonly Part[],
  after: readonly Part[],
  keyOf: (part: Part) => string,
  linesOf: (part: Part) => readonly string[],
): readonly Part[] {
  const old = new Map(before.map((part) => [keyOf(part), part]));
  const young = new Set(after.map(keyOf));
  return [
    ...after.map((part): Part => {
      const known = old.get(keyOf(part));
      if (known === undefined) return { ...part, change: 'added' };
      const [was, is] = [linesOf(known), linesOf(part)];
      const lost = was.filter((line) => !is.includes(line));
      const isSame = lost.length === 0 && is.every((line) => was.includes(line));
      return isSame ? part : { ...part, change: 'changed', was: lost };
    }),
    ...before.filter((part) => !young.has(keyOf(part))).map((part): Part => ({ ...part, change: 'removed' })),
  ];
}

function domainLines({ priority, details, interrupts, parent }: DomainFact): readonly string[] {
  return [
    `priority ${priority}`,
    ...details,
    ...interrupts,
    ...(parent === undefined ? [] : [`child of ${parent}`]),
  ];
}

function regionLines({ base, sizeBytes, rights }: RegionFact): readonly string[] {
  return [
    placeText(base),
    sizeBytes === undefined ? 'of unknown size' : formatSize(sizeBytes),
    ...rights.map(({ key, perms, cached }) => `${key}: ${perms}${cached ? '' : ', uncached'}`),
  ];
}

function placeText(base: number | undefined): string {
  return base === undefined ? 'anywhere in RAM' : `at 0x${base.toString(16)}`;
}
