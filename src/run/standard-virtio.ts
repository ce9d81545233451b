/**
 * The virtio devices of a virtual machine that comes without a program of its own. The guest's tree says where they are
 * (`virtio,mmio` nodes called `virtio-console`, `virtio-block` or `virtio-net`), the description's symbols which queues and
 * channels lead to the virtualisers: `console_tx_queue`, `console_tx_ch`, `console_rx_queue` and `console_rx_ch` for the one
 * console, `block0_queue`, `block0_ch`, `net0_queue`, `net0_ch` and so on, in the order of the tree's nodes.
 */
import type { Board, Device } from '../devicetree/index.ts';
import { peerOf } from '../sddf/index.ts';
import type { Microkit } from '../sel4/index.ts';
import {
  type GuestMonitor,
  networkBackend,
  QueuedBlockBackend,
  serialBackend,
  VirtioBlock,
  VirtioConsole,
  type VirtioDevice,
  VirtioNetwork,
} from '../vmm/index.ts';

interface ServedDevice extends VirtioDevice {
  notified(): void;
}

interface Served {
  readonly device: ServedDevice;
  readonly channels: readonly number[];
}

type Maker = (microkit: Microkit, name: string) => Served | string;

const MAKERS: Readonly<Record<string, { readonly symbol: string; readonly make: Maker }>> = {
  'virtio-console': {
    symbol: 'console',
    make: (microkit, name) => {
      const [tx, rx] = [peerOf(microkit, `${name}_tx`), peerOf(microkit, `${name}_rx`)];
      if (tx === undefined || rx === undefined)
        return `${name}_tx_queue, ${name}_tx_ch, ${name}_rx_queue and ${name}_rx_ch`;
      const device = new VirtioConsole(serialBackend(microkit, tx, rx));
      return { device, channels: [tx.channel, rx.channel] };
    },
  },
  'virtio-block': {
    symbol: 'block',
    make: (microkit, name) => {
      const peer = peerOf(microkit, name);
      if (peer === undefined) return `${name}_queue and ${name}_ch`;
      const device = new VirtioBlock(new QueuedBlockBackend(microkit, peer), name);
      return { device, channels: [peer.channel] };
    },
  },
  'virtio-net': {
    symbol: 'net',
    make: (microkit, name) => {
      const peer = peerOf(microkit, name);
      if (peer === undefined) return `${name}_queue and ${name}_ch`;
      return { device: new VirtioNetwork(networkBackend(microkit, peer)), channels: [peer.channel] };
    },
  },
};

export class StandardVirtio {
  readonly #byChannel = new Map<number, ServedDevice>();

  /** To be made after `virqControllerInit`. What can't be served is said in the monitor's log. */
  constructor(microkit: Microkit, monitor: GuestMonitor, tree: Board) {
    const counts = new Map<string, number>();
    for (const node of tree.devices) {
      const maker = node.compatible.includes('virtio,mmio') ? MAKERS[node.node.baseName] : undefined;
      if (maker === undefined || !node.status.enabled) continue;
      const index = counts.get(maker.symbol) ?? 0;
      counts.set(maker.symbol, index + 1);
      const served = maker.make(microkit, maker.symbol === 'console' ? 'console' : `${maker.symbol}${index}`);
      if (typeof served === 'string') {
        monitor.log(`${node.path} is not served: the description must set ${served}`);
        continue;
      }
      if (!register(monitor, node, served.device)) continue;
      for (const channel of served.channels) this.#byChannel.set(channel, served.device);
    }
  }

  /** To be called from `notified`; `false` where the channel is none of a virtualiser. */
  notified(channel: number): boolean {
    const device = this.#byChannel.get(channel);
    device?.notified();
    return device !== undefined;
  }
}

function register(monitor: GuestMonitor, node: Device, device: VirtioDevice): boolean {
  const window = node.regs[0]?.cpu;
  const [interrupt] = node.interrupts;
  const intid = interrupt?.reach === 'direct' ? interrupt.gic[0]?.intid : undefined;
  if (window === undefined || intid === undefined) {
    monitor.log(`${node.path} is not served: its node has no register window or no interrupt`);
    return false;
  }
  return monitor.virtioMmioDeviceInit(window.base, window.size, intid, device);
}
