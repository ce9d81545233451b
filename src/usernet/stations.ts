/**
 * The guests on the wire, by their addresses: learned from what they send, asked for by ARP where they have said nothing. Everything
 * that the router sends leaves here.
 */
import { concatBytes, setU16 } from '../base/index.ts';
import {
  CHECKSUM_INSERTION,
  ETHERTYPE,
  type EthernetPort,
  FRAME_HEADER_BYTES,
  insertChecksums,
} from '../device/index.ts';
import { BROADCAST, GATEWAY, isInside, LIMITED_BROADCAST, ROUTER_MAC } from './addresses.ts';
import { ARP_OPERATION, writeArp } from './packets/arp.ts';
import { type Ipv4Address, type Ipv4Packet, writeIpv4 } from './packets/ipv4.ts';

const BROADCAST_MAC = new Uint8Array(6).fill(0xff);
const NO_MAC = new Uint8Array(6);
/** As many as a network of eight bits has. */
const STATION_LIMIT = 254;
/** Packets that wait for one station's MAC address; TCP sends again what is lost. */
const WAITING_LIMIT = 16;
/** Frames that wait for the wire. */
const OUT_LIMIT = 256;

export class Stations {
  readonly #port: EthernetPort;
  readonly #macs = new Map<Ipv4Address, Uint8Array>();
  readonly #waiting = new Map<Ipv4Address, Uint8Array[]>();
  readonly #out: Uint8Array[] = [];
  #identification = 0;

  constructor(port: EthernetPort) {
    this.#port = port;
    port.onReady = () => this.#flush();
  }

  /** Somebody has used this address. */
  learn(address: Ipv4Address, mac: Uint8Array): void {
    if (!isInside(address)) return;
    if (!this.#macs.has(address) && this.#macs.size >= STATION_LIMIT) return;
    this.#macs.set(address, mac.slice());
    const waiting = this.#waiting.get(address) ?? [];
    this.#waiting.delete(address);
    for (const packet of waiting) this.sendTo(mac, ETHERTYPE.ipv4, packet);
  }

  /** Whether another station than this one uses the address. */
  isTaken(address: Ipv4Address, mac: Uint8Array): boolean {
    const known = this.#macs.get(address);
    return known?.some((byte, at) => byte !== mac[at]) ?? false;
  }

  /** Sends a packet to a station of the network. */
  send(packet: Pick<Ipv4Packet, 'protocol' | 'source' | 'destination' | 'payload'>, mac?: Uint8Array): void {
    const { destination } = packet;
    this.#identification += 1;
    for (const bytes of writeIpv4(packet, this.#identification)) {
      const to = mac ?? this.#macOf(destination);
      if (to === undefined) this.#ask(destination, bytes);
      else this.sendTo(to, ETHERTYPE.ipv4, bytes);
    }
  }

  sendTo(mac: Uint8Array, type: number, content: Uint8Array): void {
    const head = new Uint8Array(FRAME_HEADER_BYTES);
    head.set(mac);
    head.set(ROUTER_MAC, 6);
    setU16(head, 12, type);
    const frame = concatBytes([head, content]);
    insertChecksums(frame, CHECKSUM_INSERTION.full);
    if (this.#out.length < OUT_LIMIT) this.#out.push(frame);
    this.#flush();
  }

  #flush(): void {
    while (this.#port.ready) {
      const frame = this.#out.shift();
      if (frame === undefined) return;
      this.#port.send(frame);
    }
  }

  #macOf(address: Ipv4Address): Uint8Array | undefined {
    return address === LIMITED_BROADCAST || address === BROADCAST ? BROADCAST_MAC : this.#macs.get(address);
  }

  #ask(address: Ipv4Address, packet: Uint8Array): void {
    const waiting = this.#waiting.get(address) ?? [];
    if (waiting.length < WAITING_LIMIT) waiting.push(packet);
    if (this.#waiting.has(address) || this.#waiting.size < STATION_LIMIT) this.#waiting.set(address, waiting);
    const question = {
      operation: ARP_OPERATION.request,
      senderMac: ROUTER_MAC,
      senderIp: GATEWAY,
      targetMac: NO_MAC,
      targetIp: address,
    };
    this.sendTo(BROADCAST_MAC, ETHERTYPE.arp, writeArp(question));
  }
}
