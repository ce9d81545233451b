/**
 * Who has which address on the network that `--net user` makes: QEMU's, so that habits, scripts and captures carry over (QEMU's
 * manual, "Using the user mode network stack").
 */
import { parseIpv4 } from './packets/ipv4.ts';

const octets = (text: string): number => {
  const address = parseIpv4(text);
  if (address === undefined) throw new TypeError(text);
  return address;
};

/** The network: 10.0.2.0/24. */
export const NETMASK = octets('255.255.255.0');
/** The router, which leads outside; to the guests it is this machine too. */
export const GATEWAY = octets('10.0.2.2');
/** Hands questions on to the host's own name server. */
export const NAME_SERVER = octets('10.0.2.3');
/** What the first guest is given by DHCP, the second the next. */
export const FIRST_LEASE = octets('10.0.2.15');
export const LAST_LEASE = octets('10.0.2.254');
export const BROADCAST = octets('10.0.2.255');
/** Everybody on this network (RFC 919 §7). */
export const LIMITED_BROADCAST = octets('255.255.255.255');
/** The MAC address of both, locally administered. */
export const ROUTER_MAC = Uint8Array.of(0x52, 0x55, 0x0a, 0x00, 0x02, 0x02);
/** What the gateway's address is outside: this machine, and nobody else can be meant. */
export const HOST_LOOPBACK = '127.0.0.1';

/** Ports for dynamic use, from the first to the last (RFC 6335 §6). */
export const EPHEMERAL_PORTS = { first: 49_152, last: 65_535 } as const;

/** Whether an address is one of this network's. */
export function isInside(address: number): boolean {
  // As numbers of 32 bits: the operators' results are signed.
  return (address & NETMASK) >>> 0 === (GATEWAY & NETMASK) >>> 0;
}

/** Whether the router answers for it. */
export function isOurs(address: number): boolean {
  return address === GATEWAY || address === NAME_SERVER;
}
