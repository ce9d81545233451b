/**
 * Physical memory as a plain value, from which it is drawn at any scale: what the board has, what seL4 and Microkit keep, the regions with their owners, and what lies
 * in guests' RAM; and beside it what each guest sees of it (stage 2).
 */
import {
  type AddrRange,
  formatSize,
  rangeAligned,
  rangeContains,
  SMALL_PAGE_BYTES,
} from '../../base/index.ts';
import type { Board } from '../../devicetree/index.ts';
import {
  type Authority,
  allRamOf,
  type KeptMemory,
  type MicrokitBoard,
  ownerText,
  type RegionAuthority,
} from '../../microkit/index.ts';
import type { Plan } from '../../plan/index.ts';

/** What a stretch of memory is. */
export type SpanKind = 'ram' | 'reserved' | KeptMemory['kind'] | 'region' | 'content';

/** A stretch of memory in one of three layers: what the board has, whose it is, and what lies in it. */
export interface MemorySpan {
  readonly layer: 'board' | 'region' | 'content';
  readonly kind: SpanKind;
  readonly name: string;
  readonly range: AddrRange;
  /** Who may touch it, each once, in the order of the description. */
  readonly owners: readonly string[];
  /** What is said beside it, a line each. */
  readonly notes: readonly string[];
  /** Of a region: the pages on which devices lie together, so that who has the one has the others. */
  readonly coTenantPages: readonly AddrRange[];
  readonly isRam: boolean;
}

/** A region without a place: Microkit finds one. */
export interface PlacelessRegion {
  readonly name: string;
  readonly sizeBytes: number | undefined;
  readonly owners: readonly string[];
}

/** A map of a guest's: what lies behind a range of its addresses. */
export interface GuestMap {
  readonly ipa: AddrRange;
  readonly region: string;
  readonly perms: string;
  readonly cached: boolean;
  readonly isRam: boolean;
  /** Where it leads; absent where Microkit finds the place. */
  readonly physicalBase?: number;
  readonly devices: readonly string[];
}

/** What a guest sees, in the order of its addresses. */
export interface GuestView {
  readonly guest: string;
  readonly monitor: string;
  readonly maps: readonly GuestMap[];
  readonly contents: readonly GuestContent[];
}

/** What a guest's monitor puts into its RAM. */
export interface GuestContent {
  readonly guest: string;
  readonly what: 'kernel' | 'device tree' | 'ramdisk';
  readonly ipa: AddrRange;
}

/** Everything that is drawn of physical memory. */
export interface PhysicalMemory {
  /** By layer, then by address. */
  readonly spans: readonly MemorySpan[];
  readonly elsewhere: readonly PlacelessRegion[];
  readonly guests: readonly GuestView[];
  /** Everybody who has memory, in the order in which colours are given. */
  readonly owners: readonly string[];
}

/** What is known beside the description. */
export interface MemoryFacts {
  readonly board?: MicrokitBoard | undefined;
  readonly tree?: Board | undefined;
  readonly kept?: readonly KeptMemory[];
  readonly contents?: readonly GuestContent[];
}

const DEVICES_SHOWN = 6;

/** All that lies in physical memory. */
export function physicalMemory(authority: Authority, facts: MemoryFacts = {}): PhysicalMemory {
  const guests = guestViews(authority, facts.contents ?? []);
  const spans = [
    ...boardSpans(facts),
    ...authority.regions.flatMap((region) =>
      region.range === undefined ? [] : [regionSpan(region, region.range)],
    ),
    ...guests.flatMap(contentSpans),
  ];
  const layers = ['board', 'region', 'content'] as const;
  return {
    spans: layers.flatMap((layer) =>
      spans
        .filter((span) => span.layer === layer && span.range.size > 0)
        .sort((a, b) => a.range.base - b.range.base),
    ),
    elsewhere: authority.regions.flatMap((region) =>
      region.range === undefined
        ? [{ name: region.region, sizeBytes: region.sizeBytes, owners: ownersOf(region) }]
        : [],
    ),
    guests,
    owners: [...new Set(authority.regions.flatMap(ownersOf))],
  };
}

function boardSpans({ board, tree, kept = [] }: MemoryFacts): readonly MemorySpan[] {
  const span = (kind: SpanKind, name: string, range: AddrRange, note: string): MemorySpan => ({
    layer: 'board',
    kind,
    name,
    range,
    owners: [],
    notes: [note],
    coTenantPages: [],
    isRam: kind !== 'frame',
  });
  const ram = board?.ram === undefined ? (tree?.ram ?? []) : allRamOf(board);
  const reserved = (tree?.reserved ?? []).flatMap(({ path, enabled, regs, noMap }) =>
    enabled
      ? regs.flatMap(({ cpu }) =>
          cpu === undefined
            ? []
            : [
                span(
                  'reserved',
                  path.slice(path.lastIndexOf('/') + 1),
                  cpu,
                  noMap ? 'reserved, not to be mapped' : 'reserved',
                ),
              ],
        )
      : [],
  );
  const reservations = (tree?.memreserve ?? []).map((range) =>
    span('reserved', 'memory reservation', range, "the tree's reservation block"),
  );
  return [
    ...ram.map((range) => span('ram', 'RAM', range, "the board's")),
    ...reserved,
    ...reservations,
    ...kept.map(({ kind, what, range }) => span(kind, what, range, KEPT_NOTES[kind])),
  ];
}

const KEPT_NOTES: Readonly<Record<KeptMemory['kind'], string>> = {
  kernel: 'kept by the kernel',
  frame: 'kept by the kernel',
  'initial-task': 'of this size at least',
  'root-objects': 'at the end of RAM',
  loader: 'free again once the system runs',
};

function regionSpan(region: RegionAuthority, range: AddrRange): MemorySpan {
  const devices = region.devices.map(({ device, enabled, sharesPagesWith }) =>
    [
      device,
      enabled ? '' : 'disabled',
      sharesPagesWith.length === 0 ? '' : `on one page with ${sharesPagesWith.join(', ')}`,
    ]
      .filter((part) => part !== '')
      .join('; '),
  );
  const rest = devices.length - DEVICES_SHOWN;
  const shared = region.devices.filter(({ sharesPagesWith }) => sharesPagesWith.length > 0);
  return {
    layer: 'region',
    kind: 'region',
    name: region.region,
    range,
    owners: ownersOf(region),
    notes: [
      region.rights.length === 0
        ? 'unclaimed'
        : region.rights
            .map(({ owner, perms, cached }) => `${ownerText(owner)} ${perms}${cached ? '' : ', uncached'}`)
            .join('; '),
      ...devices.slice(0, DEVICES_SHOWN),
      ...(rest > 0 ? [`and ${rest} more`] : []),
    ],
    coTenantPages: shared.map((share) => rangeAligned(share.range, SMALL_PAGE_BYTES)),
    isRam: region.isRam,
  };
}

function ownersOf({ rights }: RegionAuthority): readonly string[] {
  return [...new Set(rights.map(({ owner }) => owner.name))];
}

function guestViews(authority: Authority, contents: readonly GuestContent[]): readonly GuestView[] {
  const guests = new Map<string, { monitor: string; maps: GuestMap[] }>();
  for (const { region, range, sizeBytes, isRam, rights, devices } of authority.regions) {
    for (const { owner, perms, cached, vaddr } of rights) {
      if (owner.monitor === undefined) continue;
      const guest = guests.get(owner.name) ?? { monitor: owner.monitor, maps: [] };
      guests.set(owner.name, guest);
      guest.maps.push({
        ipa: { base: vaddr, size: sizeBytes ?? 0 },
        region,
        perms,
        cached,
        isRam,
        ...(range === undefined ? {} : { physicalBase: range.base }),
        devices: [...new Set(devices.filter(({ enabled }) => enabled).map(({ device }) => device))],
      });
    }
  }
  return [...guests].map(([guest, { monitor, maps }]) => ({
    guest,
    monitor,
    maps: maps.sort((a, b) => a.ipa.base - b.ipa.base),
    contents: contents.filter((content) => content.guest === guest).sort((a, b) => a.ipa.base - b.ipa.base),
  }));
}

/** Where the guest's images lie in physical memory, where that is known. */
function contentSpans({ guest, maps, contents }: GuestView): readonly MemorySpan[] {
  return contents.flatMap(({ what, ipa }): readonly MemorySpan[] => {
    const map = maps.find((each) => rangeContains(each.ipa, ipa.base));
    if (map?.physicalBase === undefined) return [];
    const range = { base: map.physicalBase + (ipa.base - map.ipa.base), size: ipa.size };
    return [
      {
        layer: 'content',
        kind: 'content',
        name: `${what} of ${guest}`,
        range,
        owners: [guest],
        notes: [formatSize(ipa.size)],
        coTenantPages: [],
        isRam: true,
      },
    ];
  });
}

/** What a plan puts into its guests' RAM. */
export function plannedContents(plan: Plan): readonly GuestContent[] {
  return plan.guests.flatMap(({ vm, kernel, dtb, initrd }) => [
    { guest: vm.name, what: 'kernel', ipa: { base: kernel.base, size: kernel.size } },
    { guest: vm.name, what: 'device tree', ipa: { base: dtb.base, size: dtb.size } },
    ...(initrd === undefined
      ? []
      : [{ guest: vm.name, what: 'ramdisk', ipa: { base: initrd.base, size: initrd.size } } as const]),
  ]);
}
