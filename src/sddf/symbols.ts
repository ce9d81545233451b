/**
 * How these programs learn what belongs to them: by symbols that the system description sets, `setvar_vaddr` of a `map` and
 * `setvar_id` of a channel's `end` or an `irq`. `sharing` says their names.
 */
import type { ChannelId } from '../base/index.ts';
import { CHANNEL_LIMIT } from '../microkit/index.ts';
import type { MappedRegion, Microkit } from '../sel4/index.ts';
import { CLIENT_SYMBOL, channelSymbol, DRIVER_SYMBOL, regionSymbol } from '../sharing/index.ts';

/** A client of a virtualiser: its queue, and the channel on which it is told. */
export interface Peer {
  readonly memory: Uint8Array;
  readonly channel: ChannelId;
}

/** The region mapped at the address that a symbol holds. */
export function regionOf(microkit: Microkit, symbol: string): MappedRegion | undefined {
  const vaddr = microkit.setvar(symbol);
  return vaddr === undefined ? undefined : microkit.region(vaddr);
}

/** A queue and its channel by their symbols' beginning: `client0` for `client0_queue` and `client0_ch`. */
export function peerOf(microkit: Microkit, name: string): Peer | undefined {
  const memory = regionOf(microkit, regionSymbol(name, 'queue'))?.bytes;
  const channel = microkit.setvar(channelSymbol(name));
  return memory === undefined || channel === undefined ? undefined : { memory, channel };
}

/** A component's link to the driver. */
export function driverOf(microkit: Microkit): Peer | undefined {
  return peerOf(microkit, DRIVER_SYMBOL);
}

/** `client0`, `client1` and so on, for as long as there is another. */
export function clientsOf(microkit: Microkit): readonly Peer[] {
  const clients: Peer[] = [];
  for (let index = 0; index < CHANNEL_LIMIT; index += 1) {
    const client = peerOf(microkit, `${CLIENT_SYMBOL}${index}`);
    if (client === undefined) break;
    clients.push(client);
  }
  return clients;
}

/** Says what the description leaves out; the program then does nothing. */
export function lacking(microkit: Microkit, symbols: string): undefined {
  microkit.dbgPuts(`${microkit.name} does nothing: the description must set ${symbols}\n`);
  return undefined;
}
