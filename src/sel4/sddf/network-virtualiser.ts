/**
 * The network virtualiser: a switch among its clients. A frame goes to the client whose address it bears, or, where that is
 * a group's or nobody's, to all others (there is no wire beyond). A client that has no room loses the frame, as on Ethernet.
 */
import type { Microkit, Program } from '../microkit.ts';
import { NetworkQueue } from './network-queue.ts';
import { clientsOf, lacking } from './symbols.ts';

/** Sees each frame that a client sent, once. */
export type FrameWatcher = (frame: Uint8Array) => void;

const ADDRESS_BYTES = 6;
const GROUP_BIT = 1;

/** A locally administered address for the client of that number: 02:00:00:00:00:01 for the first. */
export function clientMacAddress(index: number): Uint8Array {
  return Uint8Array.of(0x02, 0, 0, 0, 0, index + 1);
}

/** `net_virt.elf`. Symbols: `client0_queue`, `client0_ch` and so on. */
export function networkVirtualiser(watcher: FrameWatcher = () => {}): (microkit: Microkit) => Program {
  return (microkit) => {
    const clients = clientsOf(microkit).map(({ memory, channel }, index) => ({
      queue: new NetworkQueue(memory),
      channel,
      address: clientMacAddress(index),
    }));
    if (clients.length === 0) {
      lacking(microkit, 'client0_queue and client0_ch');
      return { init() {}, notified() {} };
    }
    type Client = (typeof clients)[number];
    const receiversOf = (frame: Uint8Array, sender: Client): readonly Client[] => {
      const others = clients.filter((client) => client !== sender);
      if (((frame[0] ?? 0) & GROUP_BIT) !== 0) return others;
      const known = clients.find(({ address }) => address.every((byte, at) => frame[at] === byte));
      return known === undefined ? others : others.filter((client) => client === known);
    };
    return {
      init() {
        for (const { queue, address, channel } of clients) {
          queue.publish(address);
          microkit.notify(channel);
        }
      },
      notified(channel) {
        const sender = clients.find((client) => client.channel === channel);
        if (sender === undefined) return;
        const told = new Set<number>();
        for (let left = sender.queue.waiting('fromClient'); left > 0; left -= 1) {
          const frame = sender.queue.take('fromClient');
          if (frame === undefined || frame.length < 2 * ADDRESS_BYTES) continue;
          watcher(frame);
          told.add(sender.channel);
          for (const receiver of receiversOf(frame, sender)) {
            if (receiver.queue.put('toClient', frame)) told.add(receiver.channel);
          }
        }
        for (const peer of told) microkit.notify(peer);
      },
    };
  };
}
