/** sDDF's programs in the system description: domains, regions and channels. */
import type { Channel, MemoryMap, MemoryRegion, ProtectionDomain } from '../../microkit/index.ts';
import type { SddfDomain, SddfPlan } from '../../plan/index.ts';
import { CONFIGURED, SDDF_MONITOR_STACK_BYTES } from '../../sharing/index.ts';

/** The image of a domain that runs one of sDDF's programs, as the description names it. */
export const sddfImage = (pd: string): string => `${CONFIGURED}/${pd}.elf`;

export function sddfRegions({
  regions,
}: SddfPlan): readonly { readonly region: MemoryRegion; readonly why: string }[] {
  return regions.map(({ name, sizeBytes, why, physAddr }) => ({
    region: { name, sizeBytes, ...(physAddr === undefined ? {} : { physAddr }) },
    why,
  }));
}

/** What a domain has of the regions. */
export function sddfMaps({ regions }: SddfPlan, pd: string): readonly MemoryMap[] {
  return regions.flatMap(({ name: mr, maps }) =>
    maps.flatMap((map): readonly MemoryMap[] =>
      map.pd === pd
        ? [{ mr, vaddr: map.vaddr, perms: map.perms, ...(map.cached ? {} : { cached: false }) }]
        : [],
    ),
  );
}

export function sddfChannels({
  links,
}: SddfPlan): readonly { readonly channel: Channel; readonly name: string }[] {
  return links.map(({ name, ends: [first, second], calls }) => ({
    name,
    channel: {
      ends: [
        { pd: first.pd, id: first.channel },
        { pd: second.pd, id: second.channel, ...(calls === true ? { pp: true } : {}) },
      ],
    },
  }));
}

/** What a domain's scheduling and program are, to be completed by what it has. */
export function sddfDomain({
  name,
  priority,
  stackBytes,
  budgetUs,
  periodUs,
  passive,
}: SddfDomain): Pick<
  ProtectionDomain,
  'name' | 'priority' | 'budgetUs' | 'periodUs' | 'passive' | 'stackSizeBytes' | 'programImage'
> {
  return {
    name,
    priority,
    ...(budgetUs === undefined ? {} : { budgetUs }),
    ...(periodUs === undefined ? {} : { periodUs }),
    ...(passive === true ? { passive } : {}),
    stackSizeBytes: stackBytes,
    programImage: { path: sddfImage(name) },
  };
}

/** The stack of a monitor; the tool's own where it serves no virtio device. */
export function monitorStack({ links }: SddfPlan, pd: string): Pick<ProtectionDomain, 'stackSizeBytes'> {
  const isClient = links.some(({ ends }) => ends.some((end) => end.pd === pd));
  return isClient ? { stackSizeBytes: SDDF_MONITOR_STACK_BYTES } : {};
}
