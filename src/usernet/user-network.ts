/**
 * A router on the machine's wire that leads to the host's own sockets, with this process's rights and no others: ARP, DHCP, DNS, TCP,
 * UDP, and ICMP's echo of the router itself. Guests see the addresses that QEMU's user networking has.
 */
import type { Host, HostListener } from '../base/index.ts';
import {
  type Alarm,
  type Clock,
  checkChecksums,
  ETHERTYPE,
  type EthernetPort,
  FRAME_HEADER_BYTES,
  isFor,
  isGroup,
  typeOf,
} from '../device/index.ts';
import { GATEWAY, isInside, isOurs, LIMITED_BROADCAST, ROUTER_MAC } from './addresses.ts';
import { DHCP_PORT, DhcpServer } from './dhcp.ts';
import type { Forward, UserNetworkOptions } from './forward.ts';
import { ARP_OPERATION, readArp, writeArp } from './packets/arp.ts';
import { echoReply, ICMP_TYPE, UNREACHABLE, unreachable } from './packets/icmp.ts';
import { formatIpv4, IP_PROTOCOL, type Ipv4Packet, readIpv4 } from './packets/ipv4.ts';
import { readUdp, writeUdp } from './packets/udp.ts';
import type { RouterParts } from './router-parts.ts';
import { Stations } from './stations.ts';
import { TcpFlows } from './tcp/flows.ts';
import { UdpFlows } from './udp-flows.ts';

/** What a router is made of: its place on the wire, and the host. */
export interface UserNetworkParts {
  readonly port: EthernetPort;
  readonly clock: Clock;
  readonly host: Pick<Host, 'listen'> & { readonly network: NonNullable<Host['network']> };
  /** Called when something has come from outside. */
  readonly onChange: () => void;
}

const NOTHING = { isRestricted: false, forwards: [] } satisfies UserNetworkOptions;

/** A router at a port of the machine's wire; it works from the moment when it is made, its forwarded ports from {@link open} on. */
export class UserNetwork {
  readonly #parts: UserNetworkParts;
  readonly #options: UserNetworkOptions;
  readonly #stations: Stations;
  readonly #dhcp: DhcpServer;
  readonly #tcp: TcpFlows;
  readonly #udp: UdpFlows;
  readonly #alarm: Alarm;
  readonly #listeners: HostListener[] = [];

  constructor(parts: UserNetworkParts, options: UserNetworkOptions = NOTHING) {
    this.#parts = parts;
    this.#options = options;
    const { port, clock } = parts;
    this.#stations = new Stations(port);
    this.#dhcp = new DhcpServer((address, mac) => this.#stations.isTaken(address, mac));
    const routerParts: RouterParts = {
      network: parts.host.network,
      isRestricted: options.isRestricted,
      get nowNs() {
        return clock.nowNs;
      },
      send: (packet) => this.#stations.send(packet),
      sendUnreachable: (packet, code) => this.#sendUnreachable(packet, code),
      changed: () => {
        this.#setAlarm();
        parts.onChange();
      },
    };
    this.#tcp = new TcpFlows(routerParts);
    this.#udp = new UdpFlows(routerParts);
    this.#alarm = clock.alarm(() => {
      this.#tcp.expire(clock.nowNs);
      this.#setAlarm();
    });
    port.onFrame = () => {
      for (let frame = port.take(); frame !== undefined; frame = port.take()) this.#take(frame);
      this.#setAlarm();
    };
  }

  /** Whether something may come from outside, so that a guest that has nothing to do may be waiting for it. */
  get isAwaiting(): boolean {
    return this.#options.forwards.length > 0 || this.#tcp.areAwaiting || this.#udp.areAwaiting;
  }

  /** Opens the forwarded ports, and gives a sentence for each. Rejects with `HostError` where one can't be had. */
  async open(): Promise<readonly string[]> {
    const sentences: string[] = [];
    for (const forward of this.#options.forwards) {
      const address = await this.#open(forward);
      const guest = `${formatIpv4(forward.guestAddress)}:${forward.guestPort}`;
      sentences.push(`${forward.protocol} ${address} leads to the guest at ${guest}`);
    }
    return sentences;
  }

  close(): void {
    for (const listener of this.#listeners) listener.close();
    this.#tcp.close();
    this.#udp.close();
    this.#alarm.cancel();
  }

  async #open(forward: Forward): Promise<string> {
    if (forward.protocol === 'udp') return this.#udp.forward(forward);
    const listener = await this.#parts.host.listen?.(forward.hostAddress, (connection) =>
      this.#tcp.forwarded(forward, connection),
    );
    if (listener === undefined) return 'nowhere';
    this.#listeners.push(listener);
    return listener.address;
  }

  #setAlarm(): void {
    const { deadlineNs } = this.#tcp;
    if (deadlineNs === undefined) this.#alarm.cancel();
    else if (this.#alarm.deadlineNs !== deadlineNs) this.#alarm.set(deadlineNs);
  }

  #take(frame: Uint8Array): void {
    if (!isFor(frame, ROUTER_MAC) && !isGroup(frame)) return;
    const content = frame.subarray(FRAME_HEADER_BYTES);
    if (typeOf(frame) === ETHERTYPE.arp) this.#answerArp(content);
    if (typeOf(frame) !== ETHERTYPE.ipv4) return;
    const verdict = checkChecksums(frame);
    const packet = readIpv4(content);
    if (packet === undefined || verdict.headerError || verdict.payload === 'bad') return;
    if (packet.source !== 0) this.#stations.learn(packet.source, frame.subarray(6, 12));
    // A longer datagram than a frame holds is not put together again.
    if (!packet.isFragment) this.#route(packet);
  }

  #route(packet: Ipv4Packet): void {
    if (this.#answerDhcp(packet)) return;
    const { protocol, source, destination, payload } = packet;
    if (!isInside(source) || destination === LIMITED_BROADCAST) return;
    if (isInside(destination) && !isOurs(destination)) return;
    if (protocol === IP_PROTOCOL.tcp) this.#tcp.take(packet);
    else if (protocol === IP_PROTOCOL.udp) this.#udp.take(packet);
    else if (protocol === IP_PROTOCOL.icmp && payload[0] === ICMP_TYPE.echoRequest) {
      // To send one further out, a process needs a right that this one may not have.
      if (!isOurs(destination)) this.#sendUnreachable(packet, UNREACHABLE.prohibited);
      else
        this.#stations.send({
          protocol,
          source: destination,
          destination: source,
          payload: echoReply(payload),
        });
    }
  }

  #answerArp(content: Uint8Array): void {
    const question = readArp(content);
    if (question === undefined) return;
    const { operation, senderIp, senderMac, targetIp } = question;
    if (senderIp !== 0) this.#stations.learn(senderIp, senderMac);
    if (operation !== ARP_OPERATION.request || !isOurs(targetIp)) return;
    const answer = {
      operation: ARP_OPERATION.reply,
      senderMac: ROUTER_MAC,
      senderIp: targetIp,
      targetMac: senderMac,
      targetIp: senderIp,
    };
    this.#stations.sendTo(senderMac, ETHERTYPE.arp, writeArp(answer));
  }

  #answerDhcp({ protocol, payload }: Ipv4Packet): boolean {
    const datagram = protocol === IP_PROTOCOL.udp ? readUdp(payload) : undefined;
    if (datagram?.destinationPort !== DHCP_PORT.server) return false;
    const answer = this.#dhcp.answer(datagram.content);
    if (answer === undefined) return true;
    const udp = { sourcePort: DHCP_PORT.server, destinationPort: DHCP_PORT.client, content: answer.content };
    const destination = answer.address === 0 ? LIMITED_BROADCAST : answer.address;
    const packet = { protocol, source: GATEWAY, destination, payload: writeUdp(udp) };
    this.#stations.send(packet, answer.mac);
    return true;
  }

  #sendUnreachable(packet: Ipv4Packet, code: number): void {
    this.#stations.send({
      protocol: IP_PROTOCOL.icmp,
      source: GATEWAY,
      destination: packet.source,
      payload: unreachable(code, packet.quoted),
    });
  }
}
