/**
 * sDDF's programs between a driver and its clients, at the commit that libvmm 0.2.0 pins (a15355c): what their Makefiles call them,
 * where they lie, and what they need. Priorities are by how much a domain is above the highest monitor: a driver is above
 * virtualisers (its own priority, 200 unless the request says), those above switch and copiers, those above monitors. Virtualisers
 * of consoles and disks are where `classes.ts` has those of the same name for `drivervm run`. Budgets are those of sDDF's examples
 * (`examples/echo_server/meta.py`), without which a flood of frames starves everybody below; stacks are what was measured on seL4.
 */
import { KIB } from '../base/index.ts';
import { DEVICE_CLASSES, type DeviceClass, sharedClass } from './classes.ts';

/** What a domain is to a shared device, by sDDF's programs. */
export const SDDF_ROLES = ['driver', 'virt', 'virt-tx', 'virt-rx', 'vswitch', 'copy'] as const;

/** One of {@link SDDF_ROLES}. */
export type SddfRole = (typeof SDDF_ROLES)[number];

/** A program of sDDF's that stands between. */
export interface SddfComponent {
  readonly role: SddfRole;
  readonly image: string;
  /** The protection domain's name; that of a second one ends in `_1`. */
  readonly domain: string;
  readonly aboveMonitors: number;
  readonly stackBytes: number;
  readonly budgetUs?: number;
}

/** What sDDF has for a class: its section of the Makefile, and its programs. */
export interface SddfClass {
  readonly makefile: string;
  /** How many channels a client has. */
  readonly clientChannels: number;
  readonly components: readonly SddfComponent[];
  /** The scheduling of the class's drivers, beside their priority. */
  readonly driver: { readonly stackBytes: number; readonly budgetUs?: number; readonly periodUs?: number };
}

const STACK_BYTES = 8 * KIB;
/** Monitors with virtio devices: libvmm's block device keeps what it knows of 128 requests on its stack. */
export const SDDF_MONITOR_STACK_BYTES = 16 * KIB;
const COPIES_BUDGET_US = 20_000;

function above(name: DeviceClass, role: SddfRole): number {
  const row = sharedClass(name).components.find((component) => component.role === role);
  if (row === undefined) throw new Error(`the class ${name} has no ${role}`);
  return row.aboveMonitors;
}

/** By class; sDDF shares no random bytes. */
export const SDDF_CLASSES: { readonly [Name in DeviceClass]?: SddfClass } = {
  serial: {
    makefile: 'serial/components/serial_components.mk',
    clientChannels: 2,
    driver: { stackBytes: STACK_BYTES },
    components: [
      {
        role: 'virt-tx',
        image: 'serial_virt_tx.elf',
        domain: 'serial_virt_tx',
        aboveMonitors: above('serial', 'virt-tx'),
        stackBytes: STACK_BYTES,
      },
      {
        role: 'virt-rx',
        image: 'serial_virt_rx.elf',
        domain: 'serial_virt_rx',
        aboveMonitors: above('serial', 'virt-rx'),
        stackBytes: STACK_BYTES,
      },
    ],
  },
  block: {
    makefile: 'blk/components/blk_components.mk',
    clientChannels: 1,
    driver: { stackBytes: STACK_BYTES },
    components: [
      {
        role: 'virt',
        image: 'blk_virt.elf',
        domain: 'blk_virt',
        aboveMonitors: above('block', 'virt'),
        stackBytes: STACK_BYTES,
      },
    ],
  },
  net: {
    makefile: 'network/components/network_components.mk',
    clientChannels: 2,
    driver: { stackBytes: STACK_BYTES, budgetUs: 100, periodUs: 400 },
    components: [
      {
        role: 'virt-tx',
        image: 'network_virt_tx.elf',
        domain: 'net_virt_tx',
        aboveMonitors: 4,
        stackBytes: STACK_BYTES,
        budgetUs: COPIES_BUDGET_US,
      },
      {
        role: 'virt-rx',
        image: 'network_virt_rx.elf',
        domain: 'net_virt_rx',
        aboveMonitors: 3,
        stackBytes: STACK_BYTES,
      },
      {
        role: 'vswitch',
        image: 'network_vswitch.elf',
        domain: 'net_vswitch',
        aboveMonitors: 2,
        stackBytes: STACK_BYTES,
      },
      {
        role: 'copy',
        image: 'network_copy.elf',
        domain: 'net_copy',
        aboveMonitors: 1,
        stackBytes: STACK_BYTES,
        budgetUs: COPIES_BUDGET_US,
      },
    ],
  },
};

/** What sDDF has for a class that it shares. */
export function sddfClass(name: DeviceClass): SddfClass {
  const row = SDDF_CLASSES[name];
  if (row === undefined) throw new Error(`sDDF shares no device of the class ${name}`);
  return row;
}

/** How many channels of a monitor's a device of the class takes on seL4. */
export function sddfClientChannels(name: DeviceClass): number {
  return SDDF_CLASSES[name]?.clientChannels ?? 0;
}

/** sDDF's program in a role of a class. */
export function sddfComponent(name: DeviceClass, role: SddfRole): SddfComponent {
  const row = sddfClass(name).components.find((component) => component.role === role);
  if (row === undefined) throw new Error(`sDDF has no ${role} for the class ${name}`);
  return row;
}

/** What a domain is to which class of devices by sDDF's programs: by its image, or by its name where the image is a configured copy. */
export function sddfComponentOf(
  image: string,
  domain: string,
): { readonly class: DeviceClass; readonly role: SddfRole } | undefined {
  for (const name of DEVICE_CLASSES) {
    const rows = SDDF_CLASSES[name]?.components ?? [];
    const row =
      rows.find((each) => each.image === image) ??
      rows.find((each) => domain === each.domain || domain.endsWith(`_${each.domain}`));
    if (row !== undefined) return { class: name, role: row.role };
  }
  return undefined;
}
