/**
 * Host directories for a guest, for one run: a virtio 9P device for each beside what the description has. The guest's tree is derived
 * anew with a node for each, at addresses and interrupts that neither the tree nor the description uses.
 */
import type { AddrRange } from '../base/index.ts';
import type { Board, DeviceTree } from '../devicetree/index.ts';
import { protectionDomainsOf, type SystemDescription } from '../microkit/index.ts';
import { applyEdits, FreePlaces, virtioEdits } from '../plan/index.ts';

/** Where one of the devices is in the guest. */
export interface AddedPlace {
  readonly base: number;
  readonly sizeBytes: number;
  readonly intid: number;
}

/** What they are added to. */
export interface SharedGuest {
  readonly description: SystemDescription;
  readonly vm: string;
  /** The guest's own tree. */
  readonly guest: Board;
}

/** Kernels and their init find the nodes by this name. */
const KIND = '9p';

/** The guest's tree with so many 9P devices, and where they are; `undefined` where it has no interrupt controller for them. */
export function treeWithShares(
  { description, vm, guest }: SharedGuest,
  count: number,
): { readonly tree: DeviceTree; readonly places: readonly AddedPlace[] } | undefined {
  const { gic, devices, ram } = guest;
  if (gic === undefined) return undefined;
  const free = new FreePlaces({
    gicVersion: gic.version,
    highestIrq: undefined,
    ranges: [
      ...mappedRanges(description, vm),
      ...devices.flatMap(({ regs }) => regs.flatMap(({ cpu }) => (cpu === undefined ? [] : [cpu]))),
      ...ram,
    ],
    intids: new Set([
      ...devices.flatMap(({ interrupts }) =>
        interrupts.flatMap((line) => ('gic' in line ? line.gic.map(({ intid }) => intid) : [])),
      ),
      ...interruptsOf(description, vm),
    ]),
  });
  const places = Array.from({ length: count }, () => free.virtio());
  const nodes = places.map((place) => ({
    ...place,
    kind: KIND,
    path: `/virtio-${KIND}@${place.guestAddr.toString(16)}`,
  }));
  const tree = applyEdits(guest.tree, virtioEdits(guest, nodes));
  return {
    tree: { ...tree, memoryReservations: guest.tree.memoryReservations },
    places: places.map(({ guestAddr, sizeBytes, intid }) => ({ base: guestAddr, sizeBytes, intid })),
  };
}

function mappedRanges(description: SystemDescription, vm: string): readonly AddrRange[] {
  const sizes = new Map(description.memoryRegions.map(({ name, sizeBytes = 0 }) => [name, sizeBytes]));
  return [...protectionDomainsOf(description)].flatMap(({ virtualMachine }) =>
    virtualMachine?.name === vm
      ? virtualMachine.maps.map(({ mr, vaddr }) => ({ base: vaddr, size: sizes.get(mr) ?? 0 }))
      : [],
  );
}

function interruptsOf(description: SystemDescription, vm: string): readonly number[] {
  return [...protectionDomainsOf(description)].flatMap(({ virtualMachine, irqs }) =>
    virtualMachine?.name === vm ? irqs.flatMap((irq) => (irq.kind === 'platform' ? [irq.irq] : [])) : [],
  );
}
