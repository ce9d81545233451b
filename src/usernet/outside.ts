/** What lies outside, seen from the guests: the host's networks behind the addresses that guests know. */
import type { HostNetwork } from '../base/index.ts';
import { GATEWAY, HOST_LOOPBACK, isInside, NAME_SERVER } from './addresses.ts';
import { formatIpv4, type Ipv4Address, parseIpv4 } from './packets/ipv4.ts';

/** A place on the host's networks. */
export interface Place {
  readonly host: string;
  readonly port: number;
}

const DNS_PORT = 53;
const SERVER = /^(\d+\.\d+\.\d+\.\d+)(?::(\d+))?$/;

/** Where something that a guest sends there goes; `undefined` where that is nowhere. */
export function outsideOf(
  address: Ipv4Address,
  port: number,
  { nameServers }: Pick<HostNetwork, 'nameServers'>,
): Place | undefined {
  if (address === GATEWAY) return { host: HOST_LOOPBACK, port };
  if (address === NAME_SERVER) return port === DNS_PORT ? nameServerOf(nameServers) : undefined;
  const [first = 0] = formatIpv4(address).split('.').map(Number);
  // This network's own, "this network" and loopback addresses, multicast and reserved ones lead nowhere (RFC 6890).
  const leadsOut = !isInside(address) && first !== 0 && first !== 127 && first < 224;
  return leadsOut ? { host: formatIpv4(address), port } : undefined;
}

function nameServerOf(nameServers: readonly string[]): Place | undefined {
  for (const server of nameServers) {
    const [, host, port] = SERVER.exec(server) ?? [];
    if (host !== undefined && parseIpv4(host) !== undefined)
      return { host, port: port === undefined ? DNS_PORT : Number(port) };
  }
  return undefined;
}
