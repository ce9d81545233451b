/**
 * Physical memory as a picture: from the lowest address down to the highest, what lies there, who has it, and the gaps between. Heights grow
 * with the logarithm of sizes, so that a page of registers can be read beside a gigabyte of RAM.
 */
import { type AddrRange, formatSize, SMALL_PAGE_BYTES } from '../../base/index.ts';
import type { Authority, RegionAuthority } from '../authority/authority.ts';
import { ownerText } from '../authority/explain.ts';
import { memoryPlaces } from '../authority/places.ts';

/** A strip of the map, in pixels from its top. */
export interface MapStrip {
  readonly top: number;
  readonly height: number;
  readonly range: AddrRange;
  readonly kind: 'ram' | 'devices' | 'gap';
  /** Nothing for a gap. */
  readonly region: string | undefined;
  /** Who may touch it, each once, in the order of the description. */
  readonly owners: readonly string[];
  /** What is written beside it, a line each. */
  readonly notes: readonly string[];
  /** Registers of others lie on its pages, which nobody can be denied who has them. */
  readonly hasCoTenants: boolean;
}

/** The strips, and what no address is fixed for. */
export interface PhysicalMap {
  readonly strips: readonly MapStrip[];
  readonly height: number;
  /** Regions that Microkit places, in RAM that is left. */
  readonly elsewhere: readonly {
    readonly region: string;
    readonly sizeBytes: number | undefined;
    readonly owners: readonly string[];
  }[];
}

export const LINE_PX = 16;
/** Below the last line of a strip. */
const NOTE_ROOM_PX = 6;
const GAP_PX = 20;
const STRIP_PX = 26;
const PX_PER_DOUBLING = 3;
const NOTES_SHOWN = 6;

/** Where everything is. */
export function physicalMapOf(authority: Authority): PhysicalMap {
  const strips: MapStrip[] = [];
  let top = 0;
  for (const { range, region } of memoryPlaces(authority)) {
    const strip = region === undefined ? gap(range) : stripOf(region, range);
    strips.push({ top, ...strip });
    top += strip.height;
  }
  const elsewhere = authority.regions.flatMap((region) =>
    region.range === undefined
      ? [{ region: region.region, sizeBytes: region.sizeBytes, owners: ownersOf(region) }]
      : [],
  );
  return { strips, height: top, elsewhere };
}

function gap(range: AddrRange): Omit<MapStrip, 'top'> {
  return {
    height: GAP_PX,
    range,
    kind: 'gap',
    region: undefined,
    owners: [],
    notes: [formatSize(range.size)],
    hasCoTenants: false,
  };
}

function stripOf(region: RegionAuthority, range: AddrRange): Omit<MapStrip, 'top'> {
  const devices = region.devices.map(({ device, enabled, sharesPagesWith }) =>
    [
      device,
      enabled ? '' : 'disabled',
      sharesPagesWith.length === 0 ? '' : `on one page with ${sharesPagesWith.join(', ')}`,
    ]
      .filter((part) => part !== '')
      .join('; '),
  );
  const rest = devices.length - NOTES_SHOWN;
  const notes = [
    region.rights.length === 0
      ? 'unclaimed'
      : region.rights
          .map(({ owner, perms, cached }) => `${ownerText(owner)} ${perms}${cached ? '' : ', uncached'}`)
          .join('; '),
    ...devices.slice(0, NOTES_SHOWN),
    ...(rest > 0 ? [`and ${rest} more`] : []),
  ];
  const doublings = Math.max(0, Math.log2(range.size / SMALL_PAGE_BYTES));
  return {
    height: Math.max(
      Math.round(STRIP_PX + doublings * PX_PER_DOUBLING),
      (notes.length + 1) * LINE_PX + NOTE_ROOM_PX,
    ),
    range,
    kind: region.isRam ? 'ram' : 'devices',
    region: region.region,
    owners: ownersOf(region),
    notes,
    hasCoTenants: region.devices.some(({ sharesPagesWith }) => sharesPagesWith.length > 0),
  };
}

function ownersOf({ rights }: RegionAuthority): readonly string[] {
  return [...new Set(rights.map(({ owner }) => owner.name))];
}
