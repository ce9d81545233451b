/**
 * Virtual interrupts as the monitor's author registers them: each with something to do when the guest has ended it, and
 * the map from Microkit channels to the interrupts that are passed through.
 */
import type { ChannelId, Intid, VcpuIndex } from '../base/index.ts';

/** Called when the guest has ended the interrupt on a vCPU: time to let the next one come. */
export type VirqAcknowledge = (vcpu: VcpuIndex, intid: Intid) => void;

/** Where an interrupt goes: libvmm's ARM_GIC_IRQ_ROUTE. */
export interface VirqRoute {
  readonly vcpu: VcpuIndex;
  readonly intid: Intid;
}

const PRIVATE_COUNT = 32;

export class VirqTable {
  /** SGIs and PPIs by vCPU and number, SPIs by number alone. */
  readonly #acknowledge = new Map<number, VirqAcknowledge>();
  readonly #passthrough = new Map<ChannelId, VirqRoute>();

  /** `false` where the interrupt is registered already. */
  register(route: VirqRoute, acknowledge: VirqAcknowledge): boolean {
    const key = keyOf(route.vcpu, route.intid);
    if (this.#acknowledge.has(key)) return false;
    this.#acknowledge.set(key, acknowledge);
    return true;
  }

  isRegistered(vcpu: VcpuIndex, intid: Intid): boolean {
    return this.#acknowledge.has(keyOf(vcpu, intid));
  }

  acknowledge(vcpu: VcpuIndex, intid: Intid): void {
    this.#acknowledge.get(keyOf(vcpu, intid))?.(vcpu, intid);
  }

  /** `false` where the channel stands for an interrupt already. */
  passThrough(channel: ChannelId, route: VirqRoute): boolean {
    if (this.#passthrough.has(channel)) return false;
    this.#passthrough.set(channel, route);
    return true;
  }

  routeOf(channel: ChannelId): VirqRoute | undefined {
    return this.#passthrough.get(channel);
  }

  /** The channels and their interrupts, for reports. */
  passthroughs(): readonly { readonly channel: ChannelId; readonly intid: Intid }[] {
    return [...this.#passthrough].map(([channel, { intid }]) => ({ channel, intid }));
  }
}

/** SPIs' numbers begin where those of the private ones end, of which each vCPU has its own stretch below zero. */
function keyOf(vcpu: VcpuIndex, intid: Intid): number {
  return intid < PRIVATE_COUNT ? -1 - (vcpu * PRIVATE_COUNT + intid) : intid;
}
