/**
 * What a guest without a program of its own serves to others: `disk-server` nodes of its tree, with their page and their interrupt, in the
 * tree's order behind the channels that the description calls `served0_ch` and so on.
 */
import type { ChannelId, Intid } from '../base/index.ts';
import type { Board } from '../devicetree/index.ts';
import type { Microkit } from '../sel4/index.ts';
import { channelSymbol, connectionsOf, DEVICE_CLASSES, symbolOf } from '../sharing/index.ts';
import type { GuestMonitor } from '../vmm/index.ts';

/** The node's name and what libvmm's drivers in user space look for. */
const SERVED_NODE = { baseName: 'disk-server', compatible: 'generic-uio' } as const;

export class StandardServed {
  readonly #monitor: GuestMonitor;
  readonly #intids = new Map<ChannelId, Intid>();

  /** To be made after `virqControllerInit`. What can't be served is said in the monitor's log. */
  constructor(microkit: Microkit, monitor: GuestMonitor, tree: Board) {
    this.#monitor = monitor;
    const [end] = DEVICE_CLASSES.flatMap((name) => connectionsOf(name, 'server')).map(({ own }) => own);
    const nodes = tree.devices.filter(
      ({ node, compatible, status }) =>
        status.enabled &&
        node.baseName === SERVED_NODE.baseName &&
        compatible.includes(SERVED_NODE.compatible),
    );
    for (const [index, { path, regs, interrupts }] of nodes.entries()) {
      const page = regs[0]?.cpu;
      const [interrupt] = interrupts;
      const intid = interrupt?.reach === 'direct' ? interrupt.gic[0]?.intid : undefined;
      const symbol = end === undefined ? '' : channelSymbol(symbolOf(end, index));
      const channel = microkit.setvar(symbol);
      if (page === undefined || intid === undefined || channel === undefined) {
        const missing =
          channel === undefined
            ? `the description must set ${symbol}`
            : 'its node has no page or no interrupt';
        monitor.log(`${path} serves nobody: ${missing}`);
      } else if (monitor.servedDeviceInit(page.base, page.size, intid, channel)) {
        this.#intids.set(channel, intid);
      }
    }
  }

  /** To be called from `notified`; `false` where the channel is none of a virtualiser's before this guest. */
  notified(channel: ChannelId): boolean {
    const intid = this.#intids.get(channel);
    if (intid !== undefined) this.#monitor.vgicInjectIrq(0, intid);
    return intid !== undefined;
  }
}
