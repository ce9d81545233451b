/**
 * The virtio devices of a virtual machine that comes without a program of its own. The guest's tree says where they are
 * (`virtio,mmio` nodes called `virtio-console`, `virtio-block` and so on), the description's symbols which queues and channels
 * lead to the virtualisers: those that the table of classes has for a client, such as `console_tx_queue` and `console_tx_ch`,
 * numbered (`block0_queue`) in the order of the tree's nodes where there may be several.
 */
import { attempt, type ChannelId, Refusal } from '../base/index.ts';
import type { Board, Device } from '../devicetree/index.ts';
import { peerOf } from '../sddf/index.ts';
import type { Microkit } from '../sel4/index.ts';
import {
  channelSymbol,
  classOfKind,
  connectionsOf,
  regionSymbol,
  symbolOf,
  VIRTIO_KINDS,
  type VirtioKind,
} from '../sharing/index.ts';
import {
  type GuestMonitor,
  type SharedQueue,
  type SharedVirtioDevice,
  sharedVirtioDevice,
} from '../vmm/index.ts';

/** In a node: the other end of whose console it is. */
const CONSOLE_OF = 'drivervm,console-of';

/** The virtio devices that a guest's tree has, each behind the links that its description sets. */
export class StandardVirtio {
  readonly #byChannel = new Map<number, SharedVirtioDevice>();

  /** To be made after `virqControllerInit`. What can't be served is said in the monitor's log. */
  constructor(microkit: Microkit, monitor: GuestMonitor, tree: Board) {
    const counts = new Map<VirtioKind, number>();
    for (const node of tree.devices) {
      const kind = kindOf(node);
      if (kind === undefined || !node.status.enabled) continue;
      const index = counts.get(kind) ?? 0;
      counts.set(kind, index + 1);
      const links = attempt(() => linksOf(microkit, kind, index));
      if (links instanceof Refusal) {
        monitor.log(`${node.path} is not served: ${links.message}`);
        continue;
      }
      const facts = { name: `${kind}${index}`, isPassedConsole: node.node.properties.has(CONSOLE_OF) };
      const device = sharedVirtioDevice(microkit, kind, links, facts);
      if (!register(monitor, node, device)) continue;
      for (const { channel } of links) this.#byChannel.set(channel, device);
    }
  }

  /** The devices, and whether what is behind them is there. */
  get devices(): readonly { readonly isThere: boolean }[] {
    return [...new Set(this.#byChannel.values())].map((device) => ({
      get isThere() {
        return device.isThere ?? true;
      },
    }));
  }

  /** To be called from `notified`; `false` where the channel is none of a virtualiser. */
  notified(channel: ChannelId): boolean {
    const device = this.#byChannel.get(channel);
    device?.notified();
    return device !== undefined;
  }
}

function kindOf({ compatible, node }: Device): VirtioKind | undefined {
  if (!compatible.includes('virtio,mmio')) return undefined;
  return VIRTIO_KINDS.find((kind) => node.baseName === `virtio-${kind}`);
}

/** The links of a guest's device of this number among those of its kind. Throws {@link Refusal} where a symbol is not set. */
function linksOf(microkit: Microkit, kind: VirtioKind, index: number): readonly SharedQueue[] {
  const ends = connectionsOf(classOfKind(kind), 'client').map(({ own, connection }) => ({
    symbol: symbolOf(own, index),
    connection,
  }));
  const links = ends.flatMap(({ symbol }) => peerOf(microkit, symbol) ?? []);
  if (links.length === ends.length) return links;
  const symbols = ends.flatMap(({ symbol, connection }) => [
    ...connection.regions.map(({ part }) => regionSymbol(symbol, part)),
    channelSymbol(symbol),
  ]);
  const named = symbols.map(
    (symbol, at) => (at === 0 ? '' : at < symbols.length - 1 ? ', ' : ' and ') + symbol,
  );
  throw new Refusal(`the description must set ${named.join('')}`);
}

function register(monitor: GuestMonitor, node: Device, device: SharedVirtioDevice): boolean {
  const window = node.regs[0]?.cpu;
  const [interrupt] = node.interrupts;
  const intid = interrupt?.reach === 'direct' ? interrupt.gic[0]?.intid : undefined;
  if (window === undefined || intid === undefined) {
    monitor.log(`${node.path} is not served: its node has no register window or no interrupt`);
    return false;
  }
  return monitor.virtioMmioDeviceInit(window.base, window.size, intid, device);
}
