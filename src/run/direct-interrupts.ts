/** The board's interrupts that reach the GIC by themselves, with the devices that have them. */
import type { Intid } from '../base/index.ts';
import type { Device, Interrupt } from '../devicetree/index.ts';

export interface DirectInterrupt {
  readonly device: Device;
  readonly intid: Intid;
  readonly trigger: string;
}

export function directInterrupts(devices: readonly Device[]): readonly DirectInterrupt[] {
  return devices.flatMap((device) =>
    device.interrupts.flatMap((interrupt: Interrupt) =>
      interrupt.reach === 'direct'
        ? interrupt.gic.map(({ intid, trigger }) => ({ device, intid, trigger }))
        : [],
    ),
  );
}

/** The path of the device that has each of them. */
export function interruptOwners(devices: readonly Device[]): ReadonlyMap<number, string> {
  return new Map(directInterrupts(devices).map(({ device, intid }) => [intid, device.path]));
}
