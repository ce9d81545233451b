/** What the protocols need of the router that they are part of. */
import type { HostNetwork } from '../base/index.ts';
import type { Ipv4Packet } from './packets/ipv4.ts';

export interface RouterParts {
  readonly network: HostNetwork;
  /** Nothing that a guest begins leads outside. */
  readonly isRestricted: boolean;
  readonly nowNs: number;
  send(packet: Pick<Ipv4Packet, 'protocol' | 'source' | 'destination' | 'payload'>): void;
  /** Tells the sender that a packet did not get where it was to go. */
  sendUnreachable(packet: Ipv4Packet, code: number): void;
  /** Something has happened outside: whoever waits for the guest is to look again. */
  changed(): void;
}
