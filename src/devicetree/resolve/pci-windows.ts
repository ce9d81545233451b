/**
 * The windows of a PCI host as the CPU sees them: where the registers of the devices behind it appear at run time. After the
 * IEEE 1275 PCI bus binding 2.1 §2.2.1.1 and Linux's host-generic-pci.yaml: each row of `ranges` is one window.
 */
import type { AddrRange, Paddr } from '../../base/index.ts';
import type { DtNode } from '../tree.ts';
import { type AddressMap, busWindows } from './addresses.ts';
import { isPciBus } from './bus.ts';

/** A stretch of CPU physical addresses through which a PCI host reaches its bus (`ranges`). */
export interface PciWindow extends AddrRange<Paddr> {
  /** The row of `ranges`. */
  readonly index: number;
}

/** Empty for nodes that are no PCI host, and without the windows that do not lead to the CPU. */
export function pciWindowsOf(addresses: AddressMap, node: DtNode): readonly PciWindow[] {
  const bus = node.parent;
  if (bus === undefined || !isPciBus(node) || isPciBus(bus)) return [];
  return (busWindows(node, 'ranges') ?? []).flatMap(({ parent, sizeBytes }, index) => {
    if (sizeBytes === 0) return [];
    const { cpu } = addresses.translate(bus, parent, sizeBytes);
    return cpu === undefined ? [] : [{ ...cpu, index }];
  });
}
