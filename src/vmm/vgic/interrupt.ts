/** What the virtual distributor keeps of one interrupt. SGIs and PPIs exist once for each vCPU, SPIs once. */
import type { Intid } from '../../base/index.ts';

export interface VirtualInterrupt {
  readonly intid: Intid;
  enabled: boolean;
  /** Asserted and not yet in a list register. */
  pending: boolean;
  /** What the guest wrote to the active registers; what is in list registers, only the hardware knows. */
  active: boolean;
  /** Eight bits, 0 the most urgent. */
  priority: number;
  group: 0 | 1;
  /** GICD_ICFGR: the guest's idea of the trigger. The real one is the system description's. */
  edge: boolean;
  /** GICD_ITARGETSR: one bit a vCPU. */
  targets: number;
  /** GICD_IROUTER: affinity, bit 31 for any vCPU. */
  route: bigint;
  /** The list register that holds it, of the vCPU that took it; -1 while none does. */
  listRegister: number;
}

export function virtualInterrupt(intid: Intid, gicVersion: 2 | 3): VirtualInterrupt {
  return {
    intid,
    // SGIs are always enabled on most version 2 GICs (IHI 0048B §4.3.5); version 3 makes them like the others.
    enabled: gicVersion === 2 && intid < SGI_COUNT,
    pending: false,
    active: false,
    priority: 0,
    group: gicVersion === 2 ? 0 : 1,
    edge: intid < SGI_COUNT,
    targets: intid < PRIVATE_COUNT ? 0 : 1,
    route: 0n,
    listRegister: -1,
  };
}

export const SGI_COUNT = 16;
/** SGIs and PPIs: what each vCPU has for itself. */
export const PRIVATE_COUNT = 32;
