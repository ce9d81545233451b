/** How a device that is not passed could be, for the hints of diagnostics: nothing is proposed that would be refused. */
import { FIRMWARE_WAYS, firmwareCallerOf, whyNoFirmware } from './firmware.ts';
import type { Holding } from './owners.ts';
import { whyUnmappable } from './platform.ts';
import type { GuestRequest } from './request/index.ts';
import { select } from './selectors.ts';
import type { Unit } from './units.ts';
import type { World } from './world.ts';

/** The way that there is, as an order: `take "rst" out of "except"`; `undefined` where no request could have it. */
export function wayToGive(
  world: World,
  request: GuestRequest,
  others: readonly Holding[],
  unit: Unit,
): string | undefined {
  const orders: string[] = [];
  for (let at: Unit | undefined = unit; at !== undefined; at = at.parent) {
    const { never, ranges, compatible, enabled } = at;
    if (never !== undefined || !enabled || whyUnmappable(world.platform, ranges) !== undefined)
      return undefined;
    const caller = firmwareCallerOf(compatible);
    if (caller !== undefined) {
      if (whyNoFirmware(caller, FIRMWARE_WAYS) !== undefined) return undefined;
      if (caller.owner === 'sip' && request.firmware !== 'forward') orders.push('say firmware: forward');
      if (caller.owner === 'mailbox' && request.firmware === 'none') orders.push('take out firmware: none');
    }
    const node = at.node;
    const keeps = request.except.find((selector) =>
      select(world.board, selector).devices.some((device) => device.node === node),
    );
    if (keeps !== undefined) orders.push(`take "${keeps}" out of "except"`);
    const owner = others.find(({ given }) => given.has(at as Unit))?.owner;
    if (owner !== undefined && ranges.length > 0) orders.push(`take it from ${owner}`);
  }
  const isNamed = request.pass === 'all' || orders.length > 0;
  return isNamed ? orders.join(', and ') || undefined : 'pass it';
}
