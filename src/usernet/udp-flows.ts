/**
 * Datagrams between guests and the outside: one socket of the host's for each port of a guest's that sends. What comes back is handed on
 * where it comes from somebody that the guest has written to, and nobody else.
 */
import type { HostDatagrams } from '../base/index.ts';
import { EPHEMERAL_PORTS, GATEWAY } from './addresses.ts';
import type { Forward } from './forward.ts';
import { outsideOf, type Place } from './outside.ts';
import { UNREACHABLE } from './packets/icmp.ts';
import { IP_PROTOCOL, type Ipv4Address, type Ipv4Packet } from './packets/ipv4.ts';
import { readUdp, writeUdp } from './packets/udp.ts';
import type { RouterParts } from './router-parts.ts';

/** Of each kind; the one that was silent for longest gives way. */
const FLOW_LIMIT = 128;
const PEER_LIMIT = 1024;
/** How long an answer is waited for, by the guest's clock. */
const ANSWER_NS = 10e9;

/** An address and port on the guests' network. */
interface Seen {
  readonly address: Ipv4Address;
  readonly port: number;
}

interface Flow {
  readonly socket: Promise<HostDatagrams | undefined>;
  /** As whom the guest knows who answers, by the place on the host's networks. */
  readonly peers: Map<string, Seen>;
  askedNs: number | undefined;
}

interface ForwardedPort {
  readonly forward: Forward;
  readonly socket: HostDatagrams;
  /** The port of the gateway's that stands for somebody outside, and the other way round. */
  readonly portOf: Map<string, number>;
  readonly placeOf: Map<number, Place>;
}

export class UdpFlows {
  readonly #parts: RouterParts;
  readonly #flows = new Map<string, Flow>();
  readonly #forwarded: ForwardedPort[] = [];
  #isClosed = false;

  constructor(parts: RouterParts) {
    this.#parts = parts;
  }

  /** Whether an answer to something may still come. */
  get areAwaiting(): boolean {
    const { nowNs } = this.#parts;
    for (const { askedNs } of this.#flows.values())
      if (askedNs !== undefined && nowNs - askedNs < ANSWER_NS) return true;
    return false;
  }

  /** A packet from a guest to the outside. */
  take(packet: Ipv4Packet): void {
    const datagram = readUdp(packet.payload);
    if (datagram === undefined) return;
    const guest = { address: packet.source, port: datagram.sourcePort };
    const outside = { address: packet.destination, port: datagram.destinationPort };
    if (this.#answerForwarded(guest, outside, datagram.content)) return;
    const { network, isRestricted } = this.#parts;
    const place = outsideOf(outside.address, outside.port, network);
    if (place === undefined || isRestricted) {
      this.#parts.sendUnreachable(packet, isRestricted ? UNREACHABLE.prohibited : UNREACHABLE.port);
      return;
    }
    const flow = this.#flowOf(guest);
    const key = keyOf(place);
    if (!flow.peers.has(key) && flow.peers.size >= PEER_LIMIT) flow.peers.clear();
    flow.peers.set(key, outside);
    flow.askedNs = this.#parts.nowNs;
    void flow.socket.then((socket) => socket?.send(datagram.content, place.host, place.port));
  }

  /** Opens a port of the host's that leads to a guest, and says where it is. */
  async forward(forward: Forward): Promise<string> {
    const portOf = new Map<string, number>();
    const placeOf = new Map<number, Place>();
    const socket = await this.#parts.network.openDatagrams(forward.hostAddress, (content, host, port) => {
      const key = keyOf({ host, port });
      const own = portOf.get(key) ?? EPHEMERAL_PORTS.first + portOf.size;
      if (own > EPHEMERAL_PORTS.last) return;
      portOf.set(key, own);
      placeOf.set(own, { host, port });
      this.#send(
        { address: GATEWAY, port: own },
        { address: forward.guestAddress, port: forward.guestPort },
        content,
      );
      this.#parts.changed();
    });
    this.#forwarded.push({ forward, socket, portOf, placeOf });
    return socket.address;
  }

  close(): void {
    this.#isClosed = true;
    for (const { socket } of this.#flows.values()) void socket.then((opened) => opened?.close());
    for (const { socket } of this.#forwarded) socket.close();
    this.#flows.clear();
  }

  /** Whether it answers somebody who came by a forwarded port. */
  #answerForwarded(guest: Seen, outside: Seen, content: Uint8Array): boolean {
    if (outside.address !== GATEWAY) return false;
    for (const { forward, socket, placeOf } of this.#forwarded) {
      if (forward.guestAddress !== guest.address || forward.guestPort !== guest.port) continue;
      const place = placeOf.get(outside.port);
      if (place === undefined) continue;
      socket.send(content, place.host, place.port);
      return true;
    }
    return false;
  }

  #flowOf(guest: Seen): Flow {
    const key = `${guest.address}:${guest.port}`;
    const flow = this.#flows.get(key) ?? this.#open(guest);
    // The one that was used last stands last.
    this.#flows.delete(key);
    this.#flows.set(key, flow);
    const [oldest] = this.#flows;
    if (this.#flows.size > FLOW_LIMIT && oldest !== undefined) {
      this.#flows.delete(oldest[0]);
      void oldest[1].socket.then((socket) => socket?.close());
    }
    return flow;
  }

  #open(guest: Seen): Flow {
    const peers = new Map<string, Seen>();
    const opened = this.#parts.network.openDatagrams(undefined, (content, host, port) => {
      const from = peers.get(keyOf({ host, port }));
      if (from === undefined || this.#isClosed) return;
      flow.askedNs = undefined;
      this.#send(from, guest, content);
      this.#parts.changed();
    });
    // Without a socket nothing is answered, as where nobody listens.
    const flow: Flow = { socket: opened.catch(() => undefined), peers, askedNs: undefined };
    return flow;
  }

  #send(from: Seen, to: Seen, content: Uint8Array): void {
    this.#parts.send({
      protocol: IP_PROTOCOL.udp,
      source: from.address,
      destination: to.address,
      payload: writeUdp({ sourcePort: from.port, destinationPort: to.port, content }),
    });
  }
}

function keyOf({ host, port }: Place): string {
  return `${host}:${port}`;
}
