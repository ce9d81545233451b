/**
 * Consoles that a guest passes on for others: the virtio console of the one is a virtio console of the other's, and what stands between is
 * a queue each way. Who has the board's UART can so be the one at whose terminal all are.
 */
import type { DiagnosticSink } from '../../base/index.ts';
import type { GuestPlan, VirtioPlan } from '../plan.ts';
import type { PlanRequest, VirtioRequest } from '../request/index.ts';
import { sharedDeviceCodes as codes } from './diagnostics.ts';

/** Whether a guest's device is a console that another guest passes on. */
export function isPassedOn(
  { kind, driver }: Pick<VirtioPlan, 'kind' | 'driver'>,
  { guests, drivers }: PlanRequest,
  owner: string,
): boolean {
  return (
    kind === 'console' &&
    driver !== owner &&
    guests.some(({ name }) => name === driver) &&
    !drivers.some(({ name }) => name === driver)
  );
}

/** The other ends of those consoles of which the request names this guest as the driver. */
export function consolesPassedOn(
  request: PlanRequest,
  owner: string,
): readonly (VirtioRequest & { readonly consoleOf: string })[] {
  return request.guests
    .filter(({ name, virtio }) =>
      virtio.some((device) => device.driver === owner && isPassedOn(device, request, name)),
    )
    .map(({ name }) => ({ kind: 'console', consoleOf: name }));
}

/** A guest's console and its other end in another guest. */
export interface PassedConsole {
  readonly client: { readonly guest: GuestPlan; readonly device: VirtioPlan };
  readonly other: { readonly guest: GuestPlan; readonly device: VirtioPlan };
}

/** All of them, in the order of those whose consoles they are. */
export function passedConsoles(guests: readonly GuestPlan[]): readonly PassedConsole[] {
  return guests.flatMap((guest) =>
    guest.virtio.flatMap((device) => {
      const { kind, driver, consoleOf } = device;
      if (kind !== 'console' || consoleOf !== undefined) return [];
      const by = guests.find(({ name }) => name === driver);
      const end = by?.virtio.find((each) => each.consoleOf === guest.name);
      return by === undefined || end === undefined
        ? []
        : [{ client: { guest, device }, other: { guest: by, device: end } }];
    }),
  );
}

/** Consoles that would be passed on to whom they come from. */
export function reportPassedConsoles(request: PlanRequest, sink: DiagnosticSink): void {
  const { guests } = request;
  const passes = new Map(
    guests.flatMap(({ name, virtio }) => {
      const by = virtio.find((device) => isPassedOn(device, request, name))?.driver;
      return by === undefined ? [] : [[name, by] as const];
    }),
  );
  for (const [name] of passes) {
    const way = [name];
    for (let next = passes.get(name); next !== undefined && !way.includes(next); next = passes.get(next))
      way.push(next);
    const isCycle = passes.get(way.at(-1) ?? '') === name;
    // Once, at the first of them.
    if (isCycle && guests.find((guest) => way.includes(guest.name))?.name === name)
      sink.report(codes['console-cycle'].at(undefined, { guests: way }));
  }
}
