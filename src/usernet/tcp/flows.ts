/** All TCP connections between guests and the outside. */
import type { HostConnection, HostConnectionEvents } from '../../base/index.ts';
import { EPHEMERAL_PORTS, GATEWAY } from '../addresses.ts';
import type { Forward } from '../forward.ts';
import { outsideOf } from '../outside.ts';
import { UNREACHABLE } from '../packets/icmp.ts';
import { IP_PROTOCOL, type Ipv4Address, type Ipv4Packet } from '../packets/ipv4.ts';
import type { RouterParts } from '../router-parts.ts';
import type { TcpContent } from './connection.ts';
import { TcpFlow } from './flow.ts';
import { readTcp, sequenceAfter, TCP_FLAG, type TcpSegment, writeTcp } from './segment.ts';

/** As many as a process may commonly have files open, less what it needs itself. */
const FLOW_LIMIT = 512;

/** A connection's two ends, as the guest sees them. */
interface Ends {
  readonly guest: Ipv4Address;
  readonly guestPort: number;
  readonly outside: Ipv4Address;
  readonly outsidePort: number;
}

export class TcpFlows {
  readonly #parts: RouterParts;
  readonly #flows = new Map<string, TcpFlow>();
  #lastPort: number = EPHEMERAL_PORTS.last;

  constructor(parts: RouterParts) {
    this.#parts = parts;
  }

  /** Whether anything may still come from outside. */
  get areAwaiting(): boolean {
    for (const { connection } of this.#flows.values()) if (connection.isAlive) return true;
    return false;
  }

  get deadlineNs(): number | undefined {
    // Asked at every frame.
    let earliest: number | undefined;
    for (const { connection } of this.#flows.values()) {
      const { deadlineNs } = connection;
      if (deadlineNs !== undefined && (earliest === undefined || deadlineNs < earliest))
        earliest = deadlineNs;
    }
    return earliest;
  }

  expire(nowNs: number): void {
    for (const { connection } of this.#flows.values())
      if (connection.deadlineNs !== undefined && connection.deadlineNs <= nowNs) connection.expire();
    this.#sweep();
  }

  /** A packet from a guest to the outside. */
  take(packet: Ipv4Packet): void {
    const segment = readTcp(packet.payload);
    if (segment === undefined) return;
    const ends = {
      guest: packet.source,
      guestPort: segment.sourcePort,
      outside: packet.destination,
      outsidePort: segment.destinationPort,
    };
    const known = this.#flows.get(keyOf(ends));
    if (known !== undefined) {
      known.connection.take(segment);
      this.#sweep();
    } else if ((segment.flags & (TCP_FLAG.SYN | TCP_FLAG.ACK | TCP_FLAG.RST)) === TCP_FLAG.SYN)
      this.#begin(ends, segment, packet);
    else this.#refuse(ends, segment);
  }

  /** Somebody has connected to a forwarded port. */
  forwarded({ guestAddress, guestPort }: Forward, stream: HostConnection): HostConnectionEvents {
    const ends = { guest: guestAddress, guestPort, outside: GATEWAY, outsidePort: this.#freePort() };
    const flow = this.#add(ends, () => stream.reset());
    const events = flow.connectGuest(stream);
    if (this.#flows.size > FLOW_LIMIT) flow.connection.reset();
    this.#sweep();
    this.#parts.changed();
    return events;
  }

  close(): void {
    for (const flow of this.#flows.values()) flow.close();
    this.#flows.clear();
  }

  #begin(ends: Ends, segment: TcpSegment, packet: Ipv4Packet): void {
    const { network, isRestricted } = this.#parts;
    const place = outsideOf(ends.outside, ends.outsidePort, network);
    if (place === undefined || isRestricted) {
      this.#parts.sendUnreachable(packet, isRestricted ? UNREACHABLE.prohibited : UNREACHABLE.host);
      return;
    }
    if (this.#flows.size >= FLOW_LIMIT) {
      this.#refuse(ends, segment);
      return;
    }
    const flow = this.#add(ends, () => this.#parts.sendUnreachable(packet, UNREACHABLE.host));
    flow.connection.begin(segment);
    flow.connectOutside((events) => network.connect(place.host, place.port, events));
  }

  #add(ends: Ends, onUnreachable: () => void): TcpFlow {
    const key = keyOf(ends);
    const flow = new TcpFlow({
      nowNs: () => this.#parts.nowNs,
      send: (content) => this.#send(ends, content),
      changed: () => {
        this.#sweep();
        this.#parts.changed();
      },
      onUnreachable: () => {
        this.#flows.delete(key);
        onUnreachable();
      },
    });
    this.#flows.set(key, flow);
    return flow;
  }

  #sweep(): void {
    for (const [key, { connection }] of this.#flows) if (connection.isClosed) this.#flows.delete(key);
  }

  /** A reset for what belongs to no connection (RFC 9293 §3.10.7.1). */
  #refuse(ends: Ends, { flags, sequence, acknowledgment, content }: TcpSegment): void {
    const { RST, ACK, SYN, FIN } = TCP_FLAG;
    if ((flags & RST) !== 0) return;
    const length = content.length + ((flags & SYN) === 0 ? 0 : 1) + ((flags & FIN) === 0 ? 0 : 1);
    const answer =
      (flags & ACK) === 0
        ? { flags: RST | ACK, sequence: 0, acknowledgment: sequenceAfter(sequence, length) }
        : { flags: RST, sequence: acknowledgment, acknowledgment: 0 };
    this.#send(ends, { ...answer, window: 0, content: new Uint8Array() });
  }

  #send({ guest, guestPort, outside, outsidePort }: Ends, content: TcpContent): void {
    this.#parts.send({
      protocol: IP_PROTOCOL.tcp,
      source: outside,
      destination: guest,
      payload: writeTcp({ ...content, sourcePort: outsidePort, destinationPort: guestPort }),
    });
  }

  #freePort(): number {
    this.#lastPort = this.#lastPort === EPHEMERAL_PORTS.last ? EPHEMERAL_PORTS.first : this.#lastPort + 1;
    return this.#lastPort;
  }
}

function keyOf({ guest, guestPort, outside, outsidePort }: Ends): string {
  return `${guest}:${guestPort} ${outside}:${outsidePort}`;
}
