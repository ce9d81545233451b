/** A DHCP server (RFC 2131, options of RFC 2132) that gives each MAC address one address for the whole run. */
import { concatBytes, formatMacAddress, setU32, u32At } from '../base/index.ts';
import { FIRST_LEASE, GATEWAY, LAST_LEASE, NAME_SERVER, NETMASK } from './addresses.ts';
import type { Ipv4Address } from './packets/ipv4.ts';

/** UDP ports (RFC 2131 §4.1). */
export const DHCP_PORT = { server: 67, client: 68 } as const;

const BOOTP = { request: 1, reply: 2 } as const;
const MESSAGE = { discover: 1, offer: 2, request: 3, ack: 5, nak: 6, inform: 8 } as const;
const OPTION = {
  pad: 0,
  subnetMask: 1,
  router: 3,
  nameServer: 6,
  requestedAddress: 50,
  leaseTime: 51,
  messageType: 53,
  serverIdentifier: 54,
  end: 255,
} as const;
const MAGIC = 0x6382_5363;
const LEASE_SECONDS = 86_400;
const HEADER_BYTES = 236;
const [CIADDR, YIADDR, SIADDR, CHADDR] = [12, 16, 20, 28];

/** What is sent, and to whom. */
export interface DhcpAnswer {
  readonly content: Uint8Array;
  readonly mac: Uint8Array;
  /** The client's address, or 0 where it has none. */
  readonly address: Ipv4Address;
}

export class DhcpServer {
  readonly #leases = new Map<string, Ipv4Address>();
  readonly #isTaken: (address: Ipv4Address, mac: Uint8Array) => boolean;

  /** `isTaken`: whether another station uses an address that it was not given. */
  constructor(isTaken: (address: Ipv4Address, mac: Uint8Array) => boolean) {
    this.#isTaken = isTaken;
  }

  answer(message: Uint8Array): DhcpAnswer | undefined {
    const options = optionsOf(message);
    const type = options?.get(OPTION.messageType)?.[0];
    if (message[0] !== BOOTP.request || options === undefined) return undefined;
    const mac = message.slice(CHADDR, CHADDR + 6);
    const server = options.get(OPTION.serverIdentifier);
    if (server !== undefined && u32At(server, 0) !== GATEWAY) return undefined;
    if (type === MESSAGE.inform) return answerTo(message, MESSAGE.ack, mac, 0);
    if (type !== MESSAGE.discover && type !== MESSAGE.request) return undefined;
    const lease = this.#leaseOf(mac);
    if (lease === undefined) return undefined;
    if (type === MESSAGE.discover) return answerTo(message, MESSAGE.offer, mac, lease);
    const asked = options.get(OPTION.requestedAddress);
    const wanted = asked === undefined ? u32At(message, CIADDR) : u32At(asked, 0);
    return wanted === lease
      ? answerTo(message, MESSAGE.ack, mac, lease)
      : answerTo(message, MESSAGE.nak, mac, 0);
  }

  #leaseOf(mac: Uint8Array): Ipv4Address | undefined {
    const key = formatMacAddress(mac);
    const known = this.#leases.get(key);
    if (known !== undefined) return known;
    const given = new Set(this.#leases.values());
    for (let address = FIRST_LEASE; address <= LAST_LEASE; address += 1) {
      if (given.has(address) || this.#isTaken(address, mac)) continue;
      this.#leases.set(key, address);
      return address;
    }
    return undefined;
  }
}

/** `undefined` where the message has none: plain BOOTP, or something else. */
function optionsOf(message: Uint8Array): ReadonlyMap<number, Uint8Array> | undefined {
  if (u32At(message, HEADER_BYTES) !== MAGIC) return undefined;
  const options = new Map<number, Uint8Array>();
  let at = HEADER_BYTES + 4;
  while (at < message.length && message[at] !== OPTION.end) {
    const code = message[at] ?? OPTION.end;
    if (code === OPTION.pad) {
      at += 1;
      continue;
    }
    const sizeBytes = message[at + 1] ?? 0;
    options.set(code, message.slice(at + 2, at + 2 + sizeBytes));
    at += 2 + sizeBytes;
  }
  return options;
}

function answerTo(question: Uint8Array, type: number, mac: Uint8Array, lease: Ipv4Address): DhcpAnswer {
  const header = question.slice(0, HEADER_BYTES);
  header[0] = BOOTP.reply;
  setU32(header, YIADDR, lease);
  setU32(header, SIADDR, GATEWAY);
  const isInform = type === MESSAGE.ack && lease === 0;
  const words: readonly (readonly [number, number])[] = [
    [OPTION.serverIdentifier, GATEWAY],
    ...(type === MESSAGE.nak
      ? []
      : ([
          ...(isInform ? [] : ([[OPTION.leaseTime, LEASE_SECONDS]] as const)),
          [OPTION.subnetMask, NETMASK],
          [OPTION.router, GATEWAY],
          [OPTION.nameServer, NAME_SERVER],
        ] as const)),
  ];
  const magic = new Uint8Array(4);
  setU32(magic, 0, MAGIC);
  const options = words.map(([code, value]) => {
    const option = Uint8Array.of(code, 4, 0, 0, 0, 0);
    setU32(option, 2, value);
    return option;
  });
  const content = concatBytes([
    header,
    magic,
    Uint8Array.of(OPTION.messageType, 1, type),
    ...options,
    Uint8Array.of(OPTION.end),
  ]);
  return { content, mac, address: isInform ? u32At(question, CIADDR) : lease };
}
