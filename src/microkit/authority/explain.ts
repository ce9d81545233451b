/** The authority of a description as text for a terminal: memory, interrupts, channels, and a physical memory map. */
import {
  type AddrRange,
  FIRST_SPI,
  formatSize,
  hex,
  type Intid,
  intidToSpi,
  rangeEnd,
} from '../../base/index.ts';
import { formatRange } from '../check/text.ts';
import type { Authority, DeviceShare, Owner, RegionAuthority, Right } from './authority.ts';
import { addressText, digitsOf, memoryPlaces } from './places.ts';
import {
  type ConnectedGuests,
  connectedGuests,
  type GuestNetwork,
  type ServingGuest,
  servingGuests,
} from './serving.ts';

const FIRST_PPI = 16;

/** `INTID 225 (SPI 193)`: both ways of counting, for people mix them up. */
export function interruptName(intid: Intid): string {
  if (intid >= FIRST_SPI) return `INTID ${intid} (SPI ${intidToSpi(intid)})`;
  if (intid >= FIRST_PPI) return `INTID ${intid} (PPI ${intid - FIRST_PPI})`;
  return `INTID ${intid} (SGI ${intid})`;
}

/** The authority as text for a person: by domain, with sizes and names in place of numbers; and what guests on one network could do. */
export function explainAuthority(authority: Authority, networks: readonly GuestNetwork[] = []): string {
  const sections = [
    ['Who may touch which memory', authority.regions.flatMap(regionLines)],
    ['Where interrupts go', interruptLines(authority)],
    ['Who may call and notify whom', channelLines(authority)],
    ['Guests that serve others', servingGuests(authority).flatMap(servingLines)],
    ['Guests that are connected', connectedGuests(authority).flatMap(connectedLines)],
    ['Guests on one network', networks.flatMap((network) => networkLines(network, authority))],
    ['What else is given', authority.others.map(({ pd, what }) => `  ${pd} ${what}`)],
    ['Physical memory', memoryMapLines(authority)],
  ] as const;
  const filled = sections.filter(([, lines]) => lines.length > 0);
  return filled.map(([title, lines]) => `${title}\n\n${lines.join('\n').trimEnd()}\n`).join('\n');
}

function regionLines({
  region,
  range,
  sizeBytes,
  pageBytes,
  rights,
  devices,
}: RegionAuthority): readonly string[] {
  const place = range === undefined ? 'anywhere in RAM' : formatRange(range);
  const size = sizeBytes === undefined ? '' : `  ${formatSize(sizeBytes)}`;
  const pages =
    sizeBytes === undefined
      ? ''
      : ` in ${count(Math.ceil(sizeBytes / pageBytes), 'page')} of ${formatSize(pageBytes)}`;
  return [
    `  ${region}  ${place}${size}${pages}`,
    ...(rights.length === 0
      ? ['    unclaimed']
      : table(
          rights.map((right) => rightColumns(right, range)),
          4,
        )),
    ...deviceLines(devices),
    '',
  ];
}

function rightColumns(
  { owner, perms, cached, vaddr }: Right,
  range: AddrRange | undefined,
): readonly string[] {
  const where = range?.base === vaddr ? 'at the same address' : `at ${hex(vaddr)}`;
  return [ownerText(owner), perms === '' ? 'nothing' : perms, cached ? 'cached' : 'uncached', where];
}

/** `linux (guest of VMM)`: a domain by its name, a virtual machine with its monitor. */
export function ownerText({ name, monitor }: Owner): string {
  return monitor === undefined ? name : `${name} (guest of ${monitor})`;
}

function deviceLines(devices: readonly DeviceShare[]): readonly string[] {
  const rows = devices.map(({ device, enabled, range, partial, sharesPagesWith }) => [
    formatRange(range),
    device,
    [
      enabled ? '' : 'disabled in the tree',
      partial ? 'not all of its registers' : '',
      sharesPagesWith.length === 0 ? '' : `on one page with ${shortList(sharesPagesWith)}`,
    ]
      .filter((note) => note !== '')
      .join('; '),
  ]);
  return table(rows, 6);
}

function interruptLines({ irqs }: Authority): readonly string[] {
  const sorted = [...irqs].sort((a, b) => a.irq - b.irq);
  return table(
    sorted.map(({ irq, trigger, pd, id, devices }) => [
      interruptName(irq),
      trigger,
      `→ ${pd}, channel ${id}`,
      devices.join(', '),
    ]),
    2,
  );
}

function channelLines({ channels }: Authority): readonly string[] {
  return table(
    channels.flatMap(({ from, to, notify, call, fromId, toId }) => {
      const verbs = [call ? 'calls' : '', notify ? 'notifies' : ''].filter((verb) => verb !== '');
      if (verbs.length === 0) return [];
      return [[`${from} (channel ${fromId})`, verbs.join(' and '), `${to} (channel ${toId})`]];
    }),
    2,
  );
}

/** Who serves whom, and what it could do to them. */
function servingLines({ guest, through, clients, shared, clientMemory }: ServingGuest): readonly string[] {
  const served = clients.join(' and ');
  return [
    `  ${ownerText(guest)} serves ${served} through ${through}`,
    `    shares with it ${shared.join(', ')}`,
    `    could read, change and withhold what ${served} asks for there`,
    clientMemory.length === 0
      ? `    has none of the memory that ${served} runs from`
      : `    has memory that ${served} runs from: ${clientMemory.join(', ')}`,
    '',
  ];
}

/** Who can say something to whom past all others. */
function connectedLines({ guests: [one, other], shared }: ConnectedGuests): readonly string[] {
  return [
    `  ${ownerText(one)} and ${ownerText(other)}, by their monitors`,
    `    share ${shared.join(', ')}`,
    '    could each read, change and withhold what the other says there; of the memory that the other runs from it has none by this',
    '',
  ];
}

/** Who hears whom, and what the one by whom the others reach the outside could do. */
function networkLines({ through, monitors }: GuestNetwork, { regions }: Authority): readonly string[] {
  const owners = regions.flatMap(({ rights }) => rights.map(({ owner }) => owner));
  const guests = monitors.map((monitor) => {
    const guest = owners.find((owner) => owner.monitor === monitor);
    return guest === undefined ? monitor : ownerText(guest);
  });
  return [
    `  ${guests.join(', ')}, through ${through}`,
    `    could each send the others whatever ${through} passes on`,
    '    one that leads the others to the outside could read, change, invent and withhold what they send and get there',
    '    of the memory that the others run from each has none by this',
    '',
  ];
}

/** From the lowest address to the highest, with the gaps between that nobody has. */
function memoryMapLines(authority: Authority): readonly string[] {
  const places = memoryPlaces(authority);
  const digits = digitsOf(places);
  const rows = places.map(({ range, region }) => {
    const where = `${addressText(range.base, digits)}–${addressText(rangeEnd(range), digits)}`;
    const size = formatSize(range.size);
    if (region === undefined) return [where, size, '·', ''];
    const owners = region.rights.map(({ owner, perms }) => `${owner.name} ${perms}`);
    const enabled = region.devices.filter((share) => share.enabled).map(({ device }) => device);
    const names = [...new Set(enabled)];
    return [
      where,
      size,
      region.isRam ? '█ RAM' : '▒ devices',
      `${region.region}: ${owners.length === 0 ? 'unclaimed' : owners.join(', ')}${names.length === 0 ? '' : `  (${shortList(names)})`}`,
    ];
  });
  return table(rows, 2);
}

const NAMES_SHOWN = 3;

function shortList(names: readonly string[]): string {
  if (names.length <= NAMES_SHOWN) return names.join(', ');
  return `${names.slice(0, NAMES_SHOWN).join(', ')} and ${names.length - NAMES_SHOWN} more`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

/** Columns of even width; the last is not filled up. */
function table(rows: readonly (readonly string[])[], indent: number): readonly string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length);
  }
  return rows.map((row) => {
    const cells = row.map((cell, index) => cell.padEnd(widths[index] ?? 0));
    return `${' '.repeat(indent)}${cells.join('  ')}`.trimEnd();
  });
}
