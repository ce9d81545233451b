/** Rules on memory regions alone (Microkit 2.3's tool: `SysMemoryRegion::from_xml` and `parse`). */
import { hex, isAligned, LARGE_PAGE_BYTES, SMALL_PAGE_BYTES } from '../../../base/index.ts';
import type { CheckContext, Rule } from '../context.ts';
import { eachOverlap } from '../repeats.ts';
import { sdfMemoryCodes as codes } from './diagnostics.ts';

const PAGE_SIZES: readonly number[] = [SMALL_PAGE_BYTES, LARGE_PAGE_BYTES];

function hasSize({ description, origins, sink }: CheckContext): void {
  for (const region of description.memoryRegions) {
    if (region.sizeBytes !== undefined || region.prefillPath !== undefined) continue;
    // One that is written but says nothing has been reported as such.
    if (['size', 'prefill_bootinfo'].some((name) => origins.hasAttribute(region, name))) continue;
    sink.report(codes['no-size'].at(origins.element(region), { region: region.name }));
  }
}

function hasPages({ description, sink, origins }: CheckContext): void {
  for (const region of description.memoryRegions) {
    if (region.sizeBytes !== 0) continue;
    sink.report(codes['size-zero'].at(origins.value(region, 'size'), { region: region.name }));
  }
}

function pageSizeExists({ description, sink, origins }: CheckContext): void {
  for (const region of description.memoryRegions) {
    const { pageSizeBytes } = region;
    if (pageSizeBytes === undefined || PAGE_SIZES.includes(pageSizeBytes)) continue;
    sink.report(codes['page-size'].at(origins.value(region, 'page_size'), { pageSizeBytes }));
  }
}

/** The page size that sizes and addresses must be multiples of for the tool; none where the one that is written does not exist. */
function writtenPageBytes(pageSizeBytes: number | undefined): number | undefined {
  if (pageSizeBytes === undefined) return SMALL_PAGE_BYTES;
  return PAGE_SIZES.includes(pageSizeBytes) ? pageSizeBytes : undefined;
}

function sizeIsWholePages({ description, sink, origins }: CheckContext): void {
  for (const region of description.memoryRegions) {
    const pageBytes = writtenPageBytes(region.pageSizeBytes);
    const { sizeBytes } = region;
    if (pageBytes === undefined || sizeBytes === undefined || isAligned(sizeBytes, pageBytes)) continue;
    const params = { region: region.name, sizeBytes, pageBytes };
    const fix = origins.fix(region, 'size', hex(Math.ceil(sizeBytes / pageBytes) * pageBytes));
    sink.report(codes['size-unaligned'].at(origins.value(region, 'size'), params, undefined, fix));
  }
}

function physAddrIsAligned({ description, sink, origins }: CheckContext): void {
  for (const region of description.memoryRegions) {
    const pageBytes = writtenPageBytes(region.pageSizeBytes);
    const { physAddr } = region;
    if (pageBytes === undefined || physAddr === undefined || isAligned(physAddr, pageBytes)) continue;
    const params = { region: region.name, physAddr, pageBytes };
    sink.report(codes['phys-addr-unaligned'].at(origins.value(region, 'phys_addr'), params));
  }
}

function regionsAreApart(context: CheckContext): void {
  const placed = context.description.memoryRegions.flatMap((item) => {
    const range = context.physicalRangeOf(item);
    return range === undefined ? [] : [{ item, range }];
  });
  eachOverlap(placed, (region, other) => {
    const params = {
      region: region.item.name,
      range: region.range,
      other: other.item.name,
      otherRange: other.range,
      where: context.onLine(other.item),
    };
    context.sink.report(codes['regions-overlap'].at(context.value(region.item, 'phys_addr'), params));
  });
}

function regionIsMapped(context: CheckContext): void {
  if (!context.isComplete('map', 'iomap', 'virtual_machine', 'protection_domain', 'setvar')) return;
  const inIoSpaces = new Set(
    context.description.ioAddressSpaces.flatMap(({ iomaps }) => iomaps.map(({ mr }) => mr)),
  );
  for (const region of context.description.memoryRegions) {
    if (context.mapsOf(region).length > 0 || inIoSpaces.has(region.name)) continue;
    context.sink.report(codes['unused-region'].at(context.value(region, 'name'), { region: region.name }));
  }
}

function filledOnce({ description, sink, origins }: CheckContext): void {
  for (const region of description.memoryRegions) {
    if (region.prefillPath === undefined || region.prefillBootinfo === undefined) continue;
    const position = origins.attribute(region, 'prefill_bootinfo');
    sink.report(codes['prefilled-twice'].at(position, { region: region.name }));
  }
}

function prefillFits(context: CheckContext): void {
  const { description, sink, origins, options } = context;
  if (options.prefillSizeBytes === undefined) return;
  for (const region of description.memoryRegions) {
    const { prefillPath: path, sizeBytes } = region;
    if (path === undefined) continue;
    const fileBytes = options.prefillSizeBytes(path);
    const problem =
      fileBytes === undefined
        ? 'which is not there'
        : fileBytes === 0
          ? 'which is empty'
          : sizeBytes !== undefined && fileBytes > sizeBytes
            ? `which has ${fileBytes} bytes where the region has ${sizeBytes}`
            : sizeBytes !== undefined && fileBytes < sizeBytes - context.pageBytesOf(region)
              ? `which has ${fileBytes} bytes and leaves whole pages of ${hex(context.pageBytesOf(region))} empty`
              : undefined;
    if (problem === undefined) continue;
    const params = { region: region.name, path, problem };
    sink.report(codes['prefill-file'].at(origins.value(region, 'prefill_path'), params));
  }
}

export const REGION_RULES: readonly Rule[] = [
  hasSize,
  hasPages,
  pageSizeExists,
  sizeIsWholePages,
  physAddrIsAligned,
  regionsAreApart,
  regionIsMapped,
  filledOnce,
  prefillFits,
];
