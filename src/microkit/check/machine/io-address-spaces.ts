/** Rules on I/O address spaces (Microkit 2.3's tool: `IOAddressSpace::from_xml`, `check_io_maps`). */
import { LARGE_PAGE_BYTES } from '../../../base/index.ts';
import { formatPciAddress } from '../../read/values.ts';
import type { CheckContext, Rule } from '../context.ts';
import { eachRepeat } from '../repeats.ts';
import { sdfMachineCodes as codes } from './diagnostics.ts';

function iommuIsThere(context: CheckContext): void {
  if (context.arch === 'x86_64') return;
  for (const space of context.description.ioAddressSpaces) {
    const params = { space: space.name, arch: context.arch };
    context.sink.report(codes['no-iommu'].at(context.element(space), params));
  }
}

function domainIsItsOwn(context: CheckContext): void {
  const { ioAddressSpaces } = context.description;
  for (const space of ioAddressSpaces) {
    if (space.domainId !== undefined || context.origins.hasAttribute(space, 'domain_id')) continue;
    if (context.arch !== 'x86_64') continue;
    context.sink.report(codes['no-iommu-domain'].at(context.element(space), { space: space.name }));
  }
  eachRepeat(
    ioAddressSpaces,
    ({ domainId }) => domainId,
    (space, first) => {
      const params = { space: space.name, other: first.name, domainId: space.domainId ?? 0 };
      context.sink.report(codes['duplicate-iommu-domain'].at(context.value(space, 'domain_id'), params));
    },
  );
}

function peripheralIsItsOwn(context: CheckContext): void {
  eachRepeat(
    context.description.ioAddressSpaces,
    ({ peripheralId }) => formatPciAddress(peripheralId),
    (space, first) => {
      const params = {
        space: space.name,
        other: first.name,
        peripheral: formatPciAddress(space.peripheralId),
      };
      context.sink.report(codes['duplicate-peripheral'].at(context.value(space, 'peripheral_id'), params));
    },
  );
}

function pagesAreSmall(context: CheckContext): void {
  const mapped = new Set(
    context.description.ioAddressSpaces.flatMap(({ iomaps }) => iomaps.map(({ mr }) => mr)),
  );
  for (const region of context.description.memoryRegions) {
    if (!mapped.has(region.name) || region.pageSizeBytes !== LARGE_PAGE_BYTES) continue;
    const position = context.value(region, 'page_size');
    context.sink.report(codes['iommu-large-pages'].at(position, { region: region.name }));
  }
}

function devicesDoNotExecute(context: CheckContext): void {
  for (const iomap of context.description.ioAddressSpaces.flatMap((space) => space.iomaps)) {
    const { mr, perms } = iomap;
    if (perms === undefined || (perms !== '' && !perms.includes('x'))) continue;
    context.sink.report(codes['iommu-permissions'].at(context.value(iomap, 'perms'), { region: mr, perms }));
  }
}

export const IO_ADDRESS_SPACE_RULES: readonly Rule[] = [
  iommuIsThere,
  domainIsItsOwn,
  peripheralIsItsOwn,
  pagesAreSmall,
  devicesDoNotExecute,
];
