/** Rules on maps (Microkit 2.3's tool: `SysMap::from_xml`, `check_maps`). */
import { isAligned, nearest, rangeContains, rangeEnd, SMALL_PAGE_BYTES } from '../../../base/index.ts';
import type { Architecture, MicrokitBoard } from '../../boards/index.ts';
import { SDF_DEFAULTS } from '../../description.ts';
import type { AddressSpace, CheckContext, Rule } from '../context.ts';
import { IOVA_LIMIT, PROGRAM_VADDR } from '../limits.ts';
import { eachOverlap } from '../repeats.ts';
import { sdfMemoryCodes as codes } from './diagnostics.ts';

function regionExists(context: CheckContext): void {
  if (!context.isComplete('memory_region')) return;
  const maps = [
    ...context.spaces.flatMap((space) => space.maps),
    ...context.description.ioAddressSpaces.flatMap((space) => space.iomaps),
  ];
  for (const map of maps) {
    if (context.regions.has(map.mr)) continue;
    const params = { region: map.mr, suggestion: nearest(map.mr, context.regions.keys()) };
    const fix = context.fix(map, 'mr', params.suggestion);
    context.sink.report(codes['unknown-region'].at(context.value(map, 'mr'), params, undefined, fix));
  }
}

function isAlignedToPages(context: CheckContext): void {
  const report = (map: { readonly mr: string }, vaddr: number, attribute: string): void => {
    const region = context.regions.get(map.mr);
    const pageBytes = region?.pageSizeBytes ?? SMALL_PAGE_BYTES;
    if (region === undefined || pageBytes === 0 || isAligned(vaddr, pageBytes)) return;
    const params = { region: map.mr, vaddr, pageBytes };
    context.sink.report(codes['map-unaligned'].at(context.value(map, attribute), params));
  };
  for (const map of context.spaces.flatMap((space) => space.maps)) report(map, map.vaddr, 'vaddr');
  for (const iomap of context.description.ioAddressSpaces.flatMap((space) => space.iomaps)) {
    report(iomap, iomap.iovaddr, 'iovaddr');
  }
}

/** The first address that user space can't have (libsel4's `seL4_UserTop`, plus one). */
function userTop(arch: Architecture, board: MicrokitBoard | undefined): number {
  if (arch === 'riscv64') return 0x3f_ffff_f000;
  if (arch === 'x86_64') return 0x7fff_ffff_f000;
  if (board?.hypervisor === false) return 0x8000_0000_0000;
  return board?.addressLimit ?? 2 ** 40;
}

/** Below the message buffer, a guard page and the stack; a virtual machine has none of them. */
function limitOf(space: AddressSpace, context: CheckContext): number {
  const top = userTop(context.arch, context.options.board);
  if (space.kind === 'virtual machine') return top;
  return top - 2 * SMALL_PAGE_BYTES - (space.pd.stackSizeBytes ?? SDF_DEFAULTS.stackSizeBytes);
}

const spaceName = (space: AddressSpace): string => `the ${space.kind} ${space.name}`;

function endsBelowTop(context: CheckContext): void {
  for (const space of context.spaces) {
    const limit = limitOf(space, context);
    for (const map of space.maps) {
      const range = context.rangeOf(map, map.vaddr) ?? { base: map.vaddr, size: 1 };
      if (rangeEnd(range) <= limit) continue;
      const params = { region: map.mr, range, space: spaceName(space), limit };
      context.sink.report(codes['map-beyond'].at(context.value(map, 'vaddr'), params));
    }
  }
  for (const space of context.description.ioAddressSpaces) {
    for (const map of space.iomaps) {
      const range = context.rangeOf(map, map.iovaddr) ?? { base: map.iovaddr, size: 1 };
      if (rangeEnd(range) <= IOVA_LIMIT) continue;
      const params = {
        region: map.mr,
        range,
        space: `the I/O address space ${space.name}`,
        limit: IOVA_LIMIT,
      };
      context.sink.report(codes['map-beyond'].at(context.value(map, 'iovaddr'), params));
    }
  }
}

function mapsAreApart(context: CheckContext): void {
  for (const space of context.spaces) {
    reportOverlaps(context, space.maps, ({ vaddr }) => vaddr, 'vaddr', spaceName(space));
  }
  for (const space of context.description.ioAddressSpaces) {
    const name = `the I/O address space ${space.name}`;
    reportOverlaps(context, space.iomaps, ({ iovaddr }) => iovaddr, 'iovaddr', name);
  }
}

function reportOverlaps<Map extends { readonly mr: string }>(
  context: CheckContext,
  maps: readonly Map[],
  baseOf: (map: Map) => number,
  attribute: string,
  space: string,
): void {
  const placed = maps.flatMap((item) => {
    const range = context.rangeOf(item, baseOf(item));
    return range === undefined ? [] : [{ item, range }];
  });
  eachOverlap(placed, (map, other) => {
    const params = {
      region: map.item.mr,
      range: map.range,
      other: other.item.mr,
      otherRange: other.range,
      space,
      where: context.onLine(other.item),
    };
    context.sink.report(codes['maps-overlap'].at(context.value(map.item, attribute), params));
  });
}

function canBeRead(context: CheckContext): void {
  for (const map of context.spaces.flatMap((space) => space.maps)) {
    if (map.perms !== 'w') continue;
    const fix = context.fix(map, 'perms', 'rw');
    const params = { region: map.mr };
    context.sink.report(codes['write-only'].at(context.value(map, 'perms'), params, undefined, fix));
  }
}

function sparesTheProgram(context: CheckContext): void {
  for (const pd of context.pds) {
    // Where the program is there, its own segments are looked at.
    if (context.options.programImage?.(pd.programImage?.path ?? '') !== undefined) continue;
    for (const map of pd.maps) {
      const range = context.rangeOf(map, map.vaddr);
      if (range === undefined || !rangeContains(range, PROGRAM_VADDR)) continue;
      const params = { region: map.mr, range, pd: pd.name };
      context.sink.report(codes['map-over-program'].at(context.value(map, 'vaddr'), params));
    }
  }
}

function prefillSizeExists(context: CheckContext): void {
  for (const map of context.pds.flatMap((pd) => pd.maps)) {
    const region = context.regions.get(map.mr);
    if (map.setvarPrefillSize === undefined || region === undefined || region.prefillPath !== undefined)
      continue;
    const position = context.origins.attribute(map, 'setvar_prefill_size');
    context.sink.report(codes['not-prefilled'].at(position, { region: map.mr }));
  }
}

export const MAP_RULES: readonly Rule[] = [
  regionExists,
  isAlignedToPages,
  endsBelowTop,
  mapsAreApart,
  canBeRead,
  sparesTheProgram,
  prefillSizeExists,
];
