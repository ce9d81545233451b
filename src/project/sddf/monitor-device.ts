/** What the devices of a monitor have in common in C. */
import { hex } from '../../base/index.ts';
import type { VirtioPlan } from '../../plan/index.ts';
import { type CValue, printCValue } from './c-value.ts';

/** One device: its name in C, and its parts of the program. */
export interface MonitorDevice {
  readonly name: string;
  readonly path: string;
  readonly headers: readonly string[];
  readonly declarations: string;
  /** The channels on which its other side speaks, and what is done then; `undefined`: nothing. */
  readonly channels: readonly { readonly channel: string; readonly call: string | undefined }[];
  /** Whether the guest starts only when what another guest serves is there: until then its other side is asked, and answers to that. */
  readonly isAwaited?: boolean;
  /** What is said above it, where it is no virtio device. */
  readonly what?: string;
}

/** Where the guest's tree has the device: the first arguments of libvmm's `virtio_mmio_…_init`. */
export const place = (name: string, { guestAddr, sizeBytes, intid }: VirtioPlan): string =>
  `&${name}, ${hex(guestAddr)}, ${hex(sizeBytes)}, ARM_GIC_IRQ_ROUTE(GUEST_BOOT_VCPU_ID, ${intid})`;

/** A configuration of sDDF's as a variable. */
export const configuration = (name: string, type: string, value: CValue): string =>
  `static ${type} ${name}_config = ${printCValue(value)};`;

/** The function that makes the device. */
export function init(name: string, lines: readonly string[]): string {
  return `static bool ${name}_init(void)\n{\n${lines.map((line) => (line === '' ? '' : `    ${line}`)).join('\n')}\n}`;
}
