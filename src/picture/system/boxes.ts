/**
 * What stands in the diagram's boxes, and how large they are. A region that one owner has is listed in the owner's box; RAM that two share stands,
 * with their channels, on the link between them; everything else that is shared has a box of its own.
 */
import { hex } from '../../base/index.ts';
import { CHANNEL_LIMIT } from '../../microkit/index.ts';
import { shortened } from '../text-width.ts';
import {
  type BoxLine,
  changeOf,
  marked,
  NAME_CHARACTERS,
  nameLine,
  nameOf,
  note,
  plain,
  regionLine,
  rightText,
  type SizedBox,
  sized,
  sizeText,
  type Tie,
  wasLines,
} from './box-lines.ts';
import type { ChannelFact, DomainFact, GuestFact, RegionFact, SpaceKey, SystemFacts } from './facts.ts';
import { type Link, linkBox, linkTies } from './link-box.ts';

export interface BoxesAndTies {
  readonly boxes: readonly SizedBox[];
  /** For each box between two others, those two. */
  readonly links: readonly {
    readonly id: string;
    readonly ends: readonly [SpaceKey, SpaceKey];
    readonly ties: readonly [Tie, Tie];
  }[];
  /** Boxes of shared regions, with who has them. */
  readonly shared: readonly {
    readonly id: string;
    readonly owners: readonly SpaceKey[];
    readonly ties: readonly Tie[];
  }[];
  /** From monitors to guests. */
  readonly ties: readonly Tie[];
}

/** Below every priority. */
const GUEST_HEIGHT = -1;

interface GrowingLink extends Link {
  readonly parents: DomainFact[];
  readonly channels: ChannelFact[];
  readonly regions: RegionFact[];
}

/** Every box that the facts need, and what joins them. */
export function boxesOf(facts: SystemFacts): BoxesAndTies {
  const owned = new Map<SpaceKey, RegionFact[]>();
  const heights = new Map<SpaceKey, number>([
    ...facts.domains.map(({ key, priority }) => [key, priority] as const),
    ...facts.guests.map(({ key }) => [key, GUEST_HEIGHT] as const),
  ]);
  const between = new Map<string, GrowingLink>();
  const linkOf = (one: SpaceKey, other: SpaceKey): GrowingLink => {
    const known = between.get(`${one}\n${other}`) ?? between.get(`${other}\n${one}`);
    if (known !== undefined) return known;
    // The upper one first.
    const ends =
      (heights.get(one) ?? 0) < (heights.get(other) ?? 0) ? ([other, one] as const) : ([one, other] as const);
    const isLevel = heights.get(one) === heights.get(other);
    const link = { id: `link ${between.size}`, ends, isLevel, parents: [], channels: [], regions: [] };
    between.set(`${one}\n${other}`, link);
    return link;
  };
  for (const domain of facts.domains)
    if (domain.parent !== undefined) linkOf(domain.parent, domain.key).parents.push(domain);
  for (const channel of facts.channels)
    linkOf(channel.ends[0].key, channel.ends[1].key).channels.push(channel);
  const monitors = new Map(facts.guests.map(({ key, monitor }) => [key, monitor] as const));
  const [shared, unclaimed]: [RegionFact[], RegionFact[]] = [[], []];
  for (const region of facts.regions) {
    const owners = [...new Set(region.rights.map(({ key }) => key))];
    const [first, second] = owners;
    const guest = owners.find((key) => owners.every((each) => each === key || monitors.get(key) === each));
    if (first === undefined) unclaimed.push(region);
    else if (second === undefined) listOf(owned, first).push(region);
    else if (owners.length === 2 && guest !== undefined) listOf(owned, guest).push(region);
    else if (owners.length === 2 && region.isRam) linkOf(first, second).regions.push(region);
    else shared.push(region);
  }
  const links: readonly Link[] = [...between.values()];
  const boxes = [
    ...facts.domains.map((domain) => domainBox(domain, owned.get(domain.key) ?? [])),
    ...facts.guests.map((guest) => guestBox(guest, owned.get(guest.key) ?? [])),
    ...links.map(linkBox),
    ...shared.map(sharedBox),
    ...(unclaimed.length === 0 ? [] : [unclaimedBox(unclaimed)]),
  ];
  return {
    boxes,
    links: links.map(({ id, ends, channels }) => ({ id, ends, ties: linkTies(id, ends, channels) })),
    shared: shared.map((region) => {
      const owners = [...new Set(region.rights.map(({ key }) => key))];
      const ties = owners.map(
        (to): Tie => ({
          kind: 'region',
          from: regionId(region),
          to,
          toTo: 'none',
          ...changeOf(region),
        }),
      );
      return { id: regionId(region), owners, ties };
    }),
    ties: [
      ...facts.guests.map(
        ({ key, monitor, change }): Tie => ({
          kind: 'guest',
          from: monitor,
          to: key,
          toTo: 'none',
          ...(change === undefined ? {} : { change }),
        }),
      ),
    ],
  };
}

const regionId = ({ name }: RegionFact): string => `region ${name}`;

function domainBox(domain: DomainFact, regions: readonly RegionFact[]): SizedBox {
  const { key, name, role, priority, details, interrupts, channelsUsed, change, was } = domain;
  const counts = `${interrupts.length === 0 ? '' : `${interrupts.length} interrupt${interrupts.length === 1 ? '' : 's'}, `}${channelsUsed} of ${CHANNEL_LIMIT} ids`;
  return sized({
    id: key,
    kind: role.kind,
    ...changeOf(domain),
    lines: [
      nameLine(name, change),
      { text: role.text, style: 'role' },
      ...details.map(plain),
      plain(counts),
      ...wasLines(was),
      ...regions.flatMap((region) => regionLines(region)),
    ],
    gauge: { used: channelsUsed, limit: CHANNEL_LIMIT },
    title: [`${name}: ${role.text}, priority ${priority}`, ...details, ...interrupts].join('\n'),
  });
}

function guestBox(guest: GuestFact, regions: readonly RegionFact[]): SizedBox {
  const { key, name, monitor, details, change, was } = guest;
  const of = monitor.slice(monitor.indexOf(' ') + 1);
  return sized({
    id: key,
    kind: 'guest',
    ...changeOf(guest),
    lines: [
      nameLine(name, change),
      { text: `virtual machine, ${details.join(', ')}`, style: 'role' },
      ...wasLines(was),
      ...regions.flatMap((region) => regionLines(region, monitor)),
    ],
    title: `${name}: virtual machine of ${of}, ${details.join(', ')}`,
  });
}

const DEVICES_SHOWN = 3;

/** A region in the box of who has it. */
function regionLines(region: RegionFact, monitor?: SpaceKey): readonly BoxLine[] {
  const { name, rights, devices, change, was } = region;
  const own = rights.find(({ key }) => key !== monitor);
  const seen = rights.find(({ key }) => key === monitor);
  const words = [
    sizeText(region),
    rightText(own),
    ...(seen === undefined ? [] : [`monitor ${seen.perms}`]),
  ].filter((word) => word !== '');
  const shown = devices.slice(0, DEVICES_SHOWN);
  const more = devices.length - shown.length;
  return [
    regionLine(marked(`${shortened(name, NAME_CHARACTERS)}  ${words.join(', ')}`, change), region),
    ...(shown.length === 0 ? [] : [note(`  ${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`)]),
    ...wasLines(was).map((line) => ({ ...line, text: `  ${line.text}` })),
  ];
}

function sharedBox(region: RegionFact): SizedBox {
  const { name, base, rights, devices, change, was } = region;
  const holders = new Map<string, string[]>();
  for (const right of rights) listOf(holders, rightText(right)).push(nameOf(right.key));
  const place = base === undefined ? '' : ` at ${hex(base)}`;
  return sized({
    id: regionId(region),
    kind: 'region',
    ...changeOf(region),
    lines: [
      { ...nameLine(name, change), part: { kind: 'region', name } },
      { text: `${sizeText(region)}${place}`, style: 'role' },
      ...[...holders].map(([right, names]) => plain(`${right}: ${[...new Set(names)].join(', ')}`)),
      ...devices.slice(0, DEVICES_SHOWN).map(note),
      ...wasLines(was),
    ],
    title: `${name}, shared by ${[...new Set(rights.map(({ key }) => nameOf(key)))].join(', ')}`,
  });
}

function unclaimedBox(regions: readonly RegionFact[]): SizedBox {
  return sized({
    id: 'unclaimed',
    kind: 'unclaimed',
    lines: [
      { text: 'mapped by nobody', style: 'role' },
      ...regions.map((region) =>
        regionLine(
          marked(`${shortened(region.name, NAME_CHARACTERS)}  ${sizeText(region)}`, region.change),
          region,
        ),
      ),
    ],
    title: 'regions that nobody maps',
  });
}

function listOf<Key, Item>(map: Map<Key, Item[]>, key: Key): Item[] {
  const known = map.get(key);
  if (known !== undefined) return known;
  const list: Item[] = [];
  map.set(key, list);
  return list;
}
