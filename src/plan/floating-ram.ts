/**
 * Whether what Microkit places itself fits beside what the plan has placed: RAM of guests whose addresses are their own alone, and the
 * pages of the monitors' programs, in which the images are a second time.
 */
import { type DiagnosticSink, LARGE_PAGE_BYTES, MIB, SMALL_PAGE_BYTES } from '../base/index.ts';
import { domainBytes, SDF_DEFAULTS, untypedRam, untypedShortage } from '../microkit/index.ts';
import { planCodes as codes } from './diagnostics.ts';
import type { GuestPlan } from './plan.ts';
import type { Platform } from './platform.ts';
import { ramBanks } from './ram-banks.ts';

/** A monitor without its images and with what it shares with others, and what the sizes of the initial task's rows are off by. */
const MONITOR_BYTES = MIB;
const MARGIN_BYTES = 4 * MIB;

export function reportFloatingRam(
  platform: Platform,
  guests: readonly GuestPlan[],
  others: { readonly domains: number; readonly imageBytes: number },
  sink: DiagnosticSink,
): void {
  const { microkit, ram } = platform;
  if (microkit?.ram === undefined || ram.length === 0) return;
  const floating = guests.filter((guest) => !guest.ram.oneToOne);
  const fixed = guests.filter((guest) => guest.ram.oneToOne).flatMap((guest) => ramBanks(guest.ram));
  const count = guests.length + others.domains;
  const bytes = others.imageBytes + guests.length * MONITOR_BYTES;
  const pages = Math.ceil(bytes / SMALL_PAGE_BYTES);
  const left = untypedRam(microkit, { bytes, pages });
  const ramBytes = floating.flatMap((guest) => ramBanks(guest.ram)).reduce((sum, { size }) => sum + size, 0);
  const vcpus = guests.reduce((sum, { vm }) => sum + vm.vcpus, 0);
  const domainsBytes = domainBytes({
    count,
    vcpus,
    programPages: pages,
    stackBytes: count * SDF_DEFAULTS.stackSizeBytes,
  });
  const shortBytes = untypedShortage(left, fixed, {
    largePages: ramBytes / LARGE_PAGE_BYTES,
    smallBytes: domainsBytes + MARGIN_BYTES,
  });
  if (shortBytes === 0) return;
  const owners = floating.map(({ name }) => name);
  const params = { owners, ramBytes, domainsBytes, shortBytes, board: microkit.name };
  sink.report(codes['ram-exhausted'].at(undefined, params));
}
