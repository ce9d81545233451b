/** What is asked of the network, in QEMU's words for it (qemu(1), `-netdev user`): `user,restrict=on,hostfwd=tcp::2222-:22`. */
import { Refusal } from '../base/index.ts';
import { FIRST_LEASE } from './addresses.ts';
import { type Ipv4Address, parseIpv4 } from './packets/ipv4.ts';

/** A port of the host's that leads to a guest. */
export interface Forward {
  readonly protocol: 'tcp' | 'udp';
  /** `[HOST:]PORT`; without a host, this machine alone. */
  readonly hostAddress: string;
  readonly guestAddress: Ipv4Address;
  readonly guestPort: number;
}

/** What `--net user` was asked to do. */
export interface UserNetworkOptions {
  /** Guests reach nothing but each other and the router; forwarded ports lead to them all the same. */
  readonly isRestricted: boolean;
  readonly forwards: readonly Forward[];
}

const FORWARD = /^(tcp|udp):((?:[\d.]+|\[[\da-f:.]+\]|[a-z][\w.-]*)?):(\d+)-([\d.]*):(\d+)$/i;
const HIGHEST_PORT = 65_535;
const RESTRICTIONS = new Map([
  ['restrict', true],
  ['restrict=on', true],
  ['restrict=yes', true],
  ['restrict=off', false],
  ['restrict=no', false],
]);
const HOST_FORWARD = 'hostfwd=';

/** Reads `user[,restrict=on][,hostfwd=PROTOCOL:[HOST]:PORT-[GUEST]:PORT]…`; throws {@link Refusal} with what is wrong. */
export function parseUserNetwork(text: string): UserNetworkOptions {
  const [kind, ...words] = text.split(',');
  if (kind !== 'user') throw new Refusal(`"${kind}" is no kind of network; there is "user"`);
  let isRestricted = false;
  const forwards: Forward[] = [];
  for (const word of words) {
    const restriction = RESTRICTIONS.get(word);
    if (restriction !== undefined) isRestricted = restriction;
    else if (word.startsWith(HOST_FORWARD)) forwards.push(parseForward(word.slice(HOST_FORWARD.length)));
    else throw new Refusal(`"${word}" is none of its options, which are restrict=on and hostfwd=…`);
  }
  return { isRestricted, forwards };
}

function parseForward(text: string): Forward {
  const [, protocol, host = '', hostPort, guest = '', guestPort] = FORWARD.exec(text) ?? [];
  if (protocol === undefined)
    throw new Refusal(`"${text}" is not tcp|udp:[HOST]:PORT-[GUEST]:PORT, as in tcp::2222-:22`);
  if (Number(hostPort) > HIGHEST_PORT || Number(guestPort) > HIGHEST_PORT || Number(guestPort) === 0)
    throw new Refusal(`a port in "${text}" is not one from 1 to ${HIGHEST_PORT}`);
  const guestAddress = guest === '' ? FIRST_LEASE : parseIpv4(guest);
  if (guestAddress === undefined) throw new Refusal(`"${guest}" is no IPv4 address`);
  return {
    protocol: protocol.toLowerCase() === 'udp' ? 'udp' : 'tcp',
    hostAddress: host === '' ? `${hostPort}` : `${host}:${hostPort}`,
    guestAddress,
    guestPort: Number(guestPort),
  };
}
