/** Whether what Microkit places itself fits into the RAM that is left: regions without an address, and the domains' own pages. */
import { LARGE_PAGE_BYTES } from '../../../base/index.ts';
import {
  domainBytes,
  initialTaskBytes,
  initialTaskIn,
  tableBytes,
  untypedRam,
  untypedShortage,
} from '../../boards/index.ts';
import { SDF_DEFAULTS } from '../../description.ts';
import type { CheckContext, Rule } from '../context.ts';
import { sdfMemoryCodes as codes } from './diagnostics.ts';

function floatingRegionsFit(context: CheckContext): void {
  const { board } = context.options;
  if (board?.ram === undefined) return;
  const { pages, rowBytes } = context.carried;
  // An initial task that has no place itself is a finding of its own.
  if (board.arch === 'aarch64' && !initialTaskIn(board, initialTaskBytes(pages, rowBytes))) return;
  const regions = context.description.memoryRegions;
  const fixed = regions.flatMap((region) => context.physicalRangeOf(region) ?? []);
  const left = untypedRam(board, context.carried);
  // The sizes of objects are those of Arm.
  const domainsBytes = board.arch === 'aarch64' ? domainsBytesOf(context) : 0;
  let [largePages, smallBytes, wantedBytes] = [0, domainsBytes, 0];
  const report = (region: string | undefined, part: object | undefined, attribute: string): boolean => {
    const shortBytes = untypedShortage(left, fixed, { largePages, smallBytes });
    if (shortBytes === 0) return false;
    const position = part === undefined ? undefined : context.value(part, attribute);
    const params = { region, wantedBytes, domainsBytes, shortBytes, board: board.name };
    context.sink.report(codes['ram-exhausted'].at(position, params));
    return true;
  };
  if (report(undefined, context.pds.find(({ programImage }) => programImage)?.programImage, 'path')) return;
  for (const region of regions) {
    if (region.physAddr !== undefined) continue;
    const sizeBytes = context.sizeOf(region) ?? 0;
    if (context.pageBytesOf(region) === LARGE_PAGE_BYTES)
      largePages += Math.ceil(sizeBytes / LARGE_PAGE_BYTES);
    else smallBytes += sizeBytes;
    wantedBytes += sizeBytes;
    if (report(region.name, region, 'size')) return;
  }
}

function domainsBytesOf(context: CheckContext): number {
  const { pds, monitors, carried } = context;
  const stackBytes = pds.reduce((sum, pd) => sum + (pd.stackSizeBytes ?? SDF_DEFAULTS.stackSizeBytes), 0);
  const vcpus = monitors.reduce((sum, { vm }) => sum + vm.vcpus.length, 0);
  const tables = context.description.memoryRegions.reduce((sum, region) => {
    const each = tableBytes(context.sizeOf(region) ?? 0, context.pageBytesOf(region));
    return sum + each * context.mapsOf(region).length;
  }, 0);
  return tables + domainBytes({ count: pds.length, vcpus, programPages: carried.programPages, stackBytes });
}

export const FLOATING_MEMORY_RULES: readonly Rule[] = [floatingRegionsFit];
