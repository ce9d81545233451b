/** The virtio devices of guests whose other side is a component of `sddf`: one for each kind that the table of classes has. */
import type { Microkit } from '../../sel4/index.ts';
import type { VirtioKind } from '../../sharing/index.ts';
import { blockBackend, entropyBackend, networkBackend, type SharedQueue, serialBackend } from './backends.ts';
import { VirtioBlock } from './block.ts';
import { VirtioConsole } from './console.ts';
import type { VirtioDevice } from './device.ts';
import { VirtioEntropy } from './entropy.ts';
import { VirtioNetwork } from './network.ts';

/** A virtio device whose backend is a virtualiser's; `notified` is called when that signals. */
export interface SharedVirtioDevice extends VirtioDevice {
  /** To be called from the program's `notified` when one of its channels says something. */
  notified(): void;
  /** Whether its other side is there; absent where it always is. */
  readonly isThere?: boolean;
}

/** What is known of a device beside its links. */
export interface SharedDeviceFacts {
  /** Tells it apart from others of the guest. */
  readonly name: string;
  /** Whether it is the other end of another guest's console. */
  readonly isPassedConsole?: boolean;
}

/** Makes a device over its links, in the order of the class's connections. */
type Maker = (microkit: Microkit, links: Links, facts: SharedDeviceFacts) => SharedVirtioDevice;
type Links = (index: number) => SharedQueue;

const MAKERS: Readonly<Record<VirtioKind, Maker>> = {
  console: (microkit, link, { isPassedConsole = false }) =>
    new VirtioConsole(serialBackend(microkit, link(0), link(1)), { waits: isPassedConsole }),
  block: (microkit, link, { name }) => new VirtioBlock(blockBackend(microkit, link(0)), name),
  net: (microkit, link) => new VirtioNetwork(networkBackend(microkit, link(0))),
  rng: (microkit, link) => new VirtioEntropy(entropyBackend(microkit, link(0))),
};

/** Makes the device of a kind over its links, in the order of its class's connections. */
export function sharedVirtioDevice(
  microkit: Microkit,
  kind: VirtioKind,
  links: readonly SharedQueue[],
  facts: SharedDeviceFacts,
): SharedVirtioDevice {
  const link = (index: number): SharedQueue => {
    const found = links[index];
    if (found === undefined) throw new Error(`a virtio ${kind} device with ${links.length} links`);
    return found;
  };
  return MAKERS[kind](microkit, link, facts);
}
