/** What the classes' plans are made with. */
import { type DeviceClass, type SddfRole, sddfComponent } from '../../sharing/index.ts';
import type { DriverPlan, VirtioPlan } from '../plan.ts';
import type { SddfLayout } from './layout.ts';

/** seL4 has priorities up to 254; the highest is left to what the request gives it to. */
const PRIORITY_LIMIT = 254;

/** Queues' counters run on through 2¹⁶ and 2³², so that only powers of two go round in them. */
export const powerOfTwo = (least: number): number => 2 ** Math.ceil(Math.log2(least));

/** A monitor that wants to be served, for one of its guest's devices. */
export interface SddfClient {
  readonly guest: string;
  readonly pd: string;
  readonly device: VirtioPlan;
}

/** Makes regions, links and domains of one system. */
export class SddfParts {
  readonly layout: SddfLayout;
  readonly #monitorPriority: number;

  /** `monitorPriority`: the highest of them. */
  constructor(layout: SddfLayout, monitorPriority: number) {
    this.layout = layout;
    this.#monitorPriority = monitorPriority;
  }

  /** Another domain with sDDF's program in this role; `owner` names it after a client. */
  component(
    name: DeviceClass,
    role: SddfRole,
    owner?: string,
    limit?: { readonly budgetUs: number; readonly periodUs: number },
  ): string {
    const { image, domain, aboveMonitors, stackBytes, budgetUs } = sddfComponent(name, role);
    const pd = this.layout.unique(owner === undefined ? domain : `${owner}_${domain}`);
    this.layout.domains.push({
      name: pd,
      class: name,
      role,
      program: image,
      priority: Math.min(PRIORITY_LIMIT, this.#monitorPriority + aboveMonitors),
      stackBytes,
      ...(budgetUs === undefined ? {} : { budgetUs }),
      ...limit,
    });
    return pd;
  }
}

/** A driver of a shared device's, and who wants to share it. */
export interface Shared {
  readonly driver: DriverPlan;
  readonly clients: readonly SddfClient[];
}
