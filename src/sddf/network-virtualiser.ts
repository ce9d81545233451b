/**
 * The network virtualiser: a switch among its clients, with the driver of a port on the machine's wire behind it in one. A
 * frame goes to the client whose address it bears, or, where that is a group's or nobody's, to all others; and out on the
 * wire, where every station hears it. Frames that come from there go to the client that they are for, or to all. Frames wait
 * with their client while the wire has no room; a client that has none loses the frame, as on Ethernet. What is no Ethernet frame by its length,
 * or comes in another client's name, goes nowhere.
 */
import { formatMacAddress } from '../base/index.ts';
import {
  type EthernetPort,
  FRAME_BYTES_MAX,
  FRAME_HEADER_BYTES,
  isFor,
  isFrom,
  isGroup,
} from '../device/index.ts';
import { HOST_CHANNEL, type Microkit, type Program } from '../sel4/index.ts';
import { NetworkQueue } from './network-queue.ts';
import { clientsOf, lacking } from './symbols.ts';

/** A locally administered address for the client of that number: 02:00:00:00:00:01 for the first. */
export function clientMacAddress(index: number): Uint8Array {
  return Uint8Array.of(0x02, 0, 0, 0, 0, index + 1);
}

/** Given addresses stay with their clients; of the others each has the first of {@link clientMacAddress}'s that is free. */
function macAddressesOf(count: number, given: ReadonlyMap<number, Uint8Array>): readonly Uint8Array[] {
  const taken = new Set([...given.values()].map(formatMacAddress));
  let next = 0;
  return Array.from({ length: count }, (_, index) => {
    const own = given.get(index);
    if (own !== undefined) return own;
    while (taken.has(formatMacAddress(clientMacAddress(next)))) next += 1;
    next += 1;
    return clientMacAddress(next - 1);
  });
}

/**
 * Whom a client may send to: other clients by their number, and what is on the wire. Who may not send to the wire hears nothing from there
 * either: it may be a bridge to the same wire, and each frame for all would go round for ever.
 */
export interface NetworkReach {
  readonly clients: ReadonlySet<number>;
  readonly outside: boolean;
}

/** The machine's wire, and the clients' MAC addresses where somebody gave them. */
export interface NetworkVirtualiserOptions {
  /** The port on the machine's wire; without one there is nothing beyond the clients. */
  readonly port?: EthernetPort;
  /** Clients' addresses, by their number, where they are not to have {@link clientMacAddress}'s. */
  readonly macAddresses?: ReadonlyMap<number, Uint8Array>;
  /** Clients that may not send to everybody, by their number. */
  readonly reaches?: ReadonlyMap<number, NetworkReach>;
}

/** `net_virt.elf`. Symbols: `client0_queue`, `client0_ch` and so on. */
export function networkVirtualiser({
  port: given,
  macAddresses,
  reaches = new Map(),
}: NetworkVirtualiserOptions = {}): (microkit: Microkit) => Program {
  return (microkit) => {
    const peers = clientsOf(microkit);
    // Where nobody reaches the outside, this is no station on the wire: a client may be a bridge to it, and frames would go round.
    const isOutside = peers.some((_, index) => reaches.get(index)?.outside ?? true);
    if (given !== undefined && !isOutside) given.listening = false;
    const port = isOutside ? given : undefined;
    const addresses = macAddressesOf(peers.length, macAddresses ?? new Map());
    const clients = peers.map(({ memory, channel }, index) => {
      const address = addresses[index] ?? clientMacAddress(index);
      return { queue: new NetworkQueue(memory), channel, address, index, reach: reaches.get(index) };
    });
    if (clients.length === 0) {
      lacking(microkit, 'client0_queue and client0_ch');
      return { init() {}, notified() {} };
    }
    type Client = (typeof clients)[number];
    const told = new Set<number>();
    const put = (frame: Uint8Array, sender: Client | undefined, receiver: Client): void => {
      const allowed =
        sender === undefined
          ? (receiver.reach?.outside ?? true)
          : (sender.reach?.clients.has(receiver.index) ?? true);
      if (receiver !== sender && allowed && receiver.queue.put('toClient', frame)) told.add(receiver.channel);
    };
    const deliver = (frame: Uint8Array, sender: Client | undefined): void => {
      const forAll = isGroup(frame);
      const known = forAll ? undefined : clients.find(({ address }) => isFor(frame, address));
      // What comes from the wire for nobody here is for another station on it.
      if (known === undefined && !forAll && sender === undefined) return;
      if (known === undefined) for (const receiver of clients) put(frame, sender, receiver);
      else put(frame, sender, known);
    };
    // A bridge that believed a faked sender would lead frames for that one astray.
    const isRefused = (frame: Uint8Array, sender: Client | undefined): boolean => {
      if (frame.length < FRAME_HEADER_BYTES || frame.length > FRAME_BYTES_MAX) return true;
      const named = clients.find(({ address }) => isFrom(frame, address));
      return named !== undefined && named !== sender;
    };
    const pass = (sender: Client, waiting: number): void => {
      for (let left = waiting; left > 0; left -= 1) {
        if (port?.ready === false) return;
        const frame = sender.queue.take('fromClient');
        if (frame === undefined || isRefused(frame, sender)) continue;
        if (sender.reach?.outside ?? true) port?.send(frame);
        deliver(frame, sender);
      }
    };
    const serve = (sender: Client): void => {
      const before = sender.queue.waiting('fromClient');
      pass(sender, before);
      // Who found no room waits for a word.
      if (before > sender.queue.waiting('fromClient') && sender.queue.takeWantsRoom())
        told.add(sender.channel);
    };
    const serveWire = (): void => {
      for (let frame = port?.take(); frame !== undefined; frame = port?.take())
        if (!isRefused(frame, undefined)) deliver(frame, undefined);
      for (const client of clients) serve(client);
    };
    const signal = microkit.hostSignal();
    if (port !== undefined) {
      port.onFrame = signal;
      port.onReady = signal;
    }
    return {
      init() {
        for (const { queue, address, channel } of clients) {
          queue.publish(address);
          microkit.notify(channel);
        }
      },
      notified(channel) {
        const sender = clients.find((client) => client.channel === channel);
        if (channel === HOST_CHANNEL) serveWire();
        else if (sender !== undefined) serve(sender);
        for (const peer of told) microkit.notify(peer);
        told.clear();
      },
    };
  };
}
