/** A guest on a wire with a user network: its frames built and read by hand, its TCP as stubborn as a test wants it. */
import { setU16 } from '../../src/base/index.ts';
import {
  CHECKSUM_INSERTION,
  checkChecksums,
  ETHERTYPE,
  type EthernetPort,
  EthernetWire,
  insertChecksums,
  SteppedClock,
  typeOf,
} from '../../src/device/index.ts';
import { ROUTER_MAC } from '../../src/usernet/addresses.ts';
import type { ArpPacket } from '../../src/usernet/packets/arp.ts';
import { readArp, writeArp } from '../../src/usernet/packets/arp.ts';
import { type Ipv4Packet, parseIpv4, readIpv4, writeIpv4 } from '../../src/usernet/packets/ipv4.ts';
import { readTcp, type TcpSegment, writeTcp } from '../../src/usernet/tcp/segment.ts';

export const GUEST_MAC = Uint8Array.of(2, 0, 0, 0, 0, 1);
const BROADCAST_MAC = new Uint8Array(6).fill(0xff);

/** An address by its text. */
export function ip(text: string): number {
  const address = parseIpv4(text);
  if (address === undefined) throw new TypeError(text);
  return address;
}

export class GuestStation {
  readonly clock = new SteppedClock();
  readonly wire = new EthernetWire(this.clock);
  readonly #port: EthernetPort = this.wire.connect();
  address = ip('10.0.2.15');

  /** Lets a millisecond of the guest's go by. */
  pass(ms = 1): void {
    this.clock.advanceTo(this.clock.nowNs + ms * 1e6);
  }

  sendFrame(type: number, content: Uint8Array, to: Uint8Array = ROUTER_MAC): void {
    const frame = new Uint8Array(14 + content.length);
    frame.set(to);
    frame.set(GUEST_MAC, 6);
    setU16(frame, 12, type);
    frame.set(content, 14);
    insertChecksums(frame, CHECKSUM_INSERTION.full);
    this.#port.send(frame);
    this.pass();
  }

  sendArp(packet: ArpPacket): void {
    this.sendFrame(ETHERTYPE.arp, writeArp(packet), BROADCAST_MAC);
  }

  sendIp(protocol: number, destination: string, payload: Uint8Array, source = this.address): void {
    for (const packet of writeIpv4({ protocol, source, destination: ip(destination), payload }, 1))
      this.sendFrame(ETHERTYPE.ipv4, packet, destination === '255.255.255.255' ? BROADCAST_MAC : ROUTER_MAC);
  }

  sendTcp(destination: string, segment: Partial<TcpSegment>): void {
    const whole = {
      sourcePort: 40_000,
      destinationPort: 80,
      sequence: 0,
      acknowledgment: 0,
      flags: 0,
      window: 0xffff,
      content: new Uint8Array(),
      ...segment,
    };
    this.sendIp(6, destination, writeTcp(whole));
  }

  /** The frames that have come, whose checksums must be right. */
  frames(): readonly Uint8Array[] {
    this.pass();
    const frames: Uint8Array[] = [];
    for (let frame = this.#port.take(); frame !== undefined; frame = this.#port.take()) {
      const { headerError, payload } = checkChecksums(frame);
      if (headerError || payload === 'bad') throw new Error('a checksum is wrong');
      frames.push(frame);
    }
    return frames;
  }

  packets(): readonly Ipv4Packet[] {
    return this.frames().flatMap((frame) =>
      typeOf(frame) === ETHERTYPE.ipv4 ? (readIpv4(frame.subarray(14)) ?? []) : [],
    );
  }

  arps(): readonly ArpPacket[] {
    return this.frames().flatMap((frame) =>
      typeOf(frame) === ETHERTYPE.arp ? (readArp(frame.subarray(14)) ?? []) : [],
    );
  }

  segments(): readonly TcpSegment[] {
    return this.packets().flatMap(({ protocol, payload }) =>
      protocol === 6 ? (readTcp(payload) ?? []) : [],
    );
  }
}
