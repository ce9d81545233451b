/** What a plan says of shared devices beside the description, for the programs of a run. */
import { parseMacAddress } from '../base/index.ts';
import { OUTSIDE, type Plan, servedDevices } from '../plan/index.ts';
import type { DiskShare, ProgramResources, SerialOptions } from '../sddf/index.ts';

/**
 * Clients' addresses, whom they may send to, and what they have of a served disk, by the virtualiser's protection domain and the client's number;
 * and a UART's colours and switch key.
 */
export type SharedOptions = Required<
  Pick<ProgramResources, 'macAddresses' | 'reaches' | 'shares' | 'consoles'>
>;

/** Where there is no plan, everything is left to the programs. */
export const NO_OPTIONS: SharedOptions = {
  macAddresses: new Map(),
  reaches: new Map(),
  shares: new Map(),
  consoles: new Map(),
};

/** What a plan says of the clients of virtualisers. */
export function sharedOptionsOf(plan: Plan): SharedOptions {
  const macAddresses = new Map<string, Map<number, Uint8Array>>();
  const reaches = new Map<string, Map<number, { clients: Set<number>; outside: boolean }>>();
  const shares = new Map<string, Map<number, DiskShare>>();
  const served = servedDevices(plan);
  const put = <Value>(
    all: Map<string, Map<number, Value>>,
    pd: string,
    number: number,
    value: Value,
  ): void => {
    all.set(pd, (all.get(pd) ?? new Map<number, Value>()).set(number, value));
  };
  for (const { server, device } of served) {
    const number = server.number ?? 0;
    const bytes = device.mac === undefined ? undefined : parseMacAddress(device.mac);
    if (bytes !== undefined) put(macAddresses, server.pd, number, bytes);
    if (device.kind === 'block') {
      const { partition } = device;
      put(shares, server.pd, number, {
        ...(partition === undefined ? {} : { partition }),
        readOnly: device.mode === 'read-only',
      });
    }
    const { reaches: names } = device;
    if (names === undefined) continue;
    const clients = served.flatMap((other) =>
      other.server.pd === server.pd && names.includes(other.guest.name) ? [other.server.number ?? 0] : [],
    );
    put(reaches, server.pd, number, { clients: new Set(clients), outside: names.includes(OUTSIDE) });
  }
  return { macAddresses, reaches, shares, consoles: consolesOf(plan) };
}

/** Of each UART that the request says something of, for both its virtualisers. */
function consolesOf({ drivers, sharing }: Plan): ReadonlyMap<string, SerialOptions> {
  return new Map(
    drivers.flatMap(({ name, colours, switchByte }) => {
      if (colours === undefined && switchByte === undefined) return [];
      const options = {
        ...(colours === undefined ? {} : { colours }),
        ...(switchByte === undefined ? {} : { switchByte }),
      };
      return sharing.links.flatMap(({ ends: [driver, virtualiser] }) =>
        driver.pd === name ? [[virtualiser.pd, options] as const] : [],
      );
    }),
  );
}
