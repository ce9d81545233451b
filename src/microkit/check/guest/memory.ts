/** Rules on the guest's memory: its tree and the maps agree on RAM, the initial ramdisk lies in it, DMA finds it. */
import { type AddrRange, isPaddr, mergeRanges } from '../../../base/index.ts';
import { cellsAsBigint, cellsProperty, type Device } from '../../../devicetree/index.ts';
import { SDF_DEFAULTS } from '../../description.ts';
import { deviceName } from '../tree/inventory.ts';
import { guestCodes as codes } from './diagnostics.ts';
import type { GuestView } from './view.ts';

export function memoryIsMapped(view: GuestView): void {
  if (!view.context.isComplete('map', 'memory_region')) return;
  const { tree } = view;
  if (tree.ram.length === 0) {
    view.context.sink.report(codes['no-memory'].at(view.positionOf(tree.tree.root), { vm: view.vm }));
    return;
  }
  const node = [...tree.tree.root.children.values()].find(({ baseName }) => baseName === 'memory');
  const position = view.positionOf(node ?? tree.tree.root, 'reg');
  for (const bank of tree.ram) {
    for (const missing of mergeRanges(view.missingOf(bank))) {
      const params = { vm: view.vm, node: node?.name ?? 'memory', missing };
      view.context.sink.report(codes['memory-unmapped'].at(position, params));
    }
  }
}

export function memoryIsUsable(view: GuestView): void {
  for (const { map, region } of view.ramMaps()) {
    const perms = map.perms ?? SDF_DEFAULTS.perms;
    if (perms === 'rwx') continue;
    const params = { vm: view.vm, region: region.name, perms };
    view.context.sink.report(codes['memory-rights'].at(view.context.value(map, 'perms'), params));
  }
}

/** One or two cells, whatever `#address-cells` says (Linux `early_init_dt_check_for_initrd`). */
function addressIn(cells: readonly number[] | undefined): number | undefined {
  const value = cells === undefined ? undefined : cellsAsBigint(cells, 0, Math.min(cells.length, 2));
  return value === undefined || cells?.length === 0 || !isPaddr(value) ? undefined : Number(value);
}

export function initrdIsInMemory(view: GuestView): void {
  const chosen = view.tree.tree.root.children.get('chosen');
  if (chosen === undefined) return;
  const start = addressIn(cellsProperty(chosen, 'linux,initrd-start'));
  const end = addressIn(cellsProperty(chosen, 'linux,initrd-end'));
  if (start === undefined || end === undefined) return;
  const position = view.positionOf(chosen, 'linux,initrd-start');
  if (end <= start) {
    view.context.sink.report(codes['initrd-window'].at(position, { start, end }));
    return;
  }
  const window: AddrRange = { base: start, size: end - start };
  for (const missing of view.missingOf(window, view.ramMaps())) {
    view.context.sink.report(codes['initrd-unmapped'].at(position, { vm: view.vm, missing }));
  }
}

/**
 * Devices that move data without the CPU, by the generic names of DTSpec 0.4 §2.2.2, and those that say so: a list of
 * channels or an IOMMU means that it is the controller, or goes through one, that does.
 */
const DMA_NAMES: ReadonlySet<string> = new Set([
  'ethernet',
  'mmc',
  'usb',
  'pcie',
  'pci',
  'sata',
  'dma-controller',
  'gpu',
  'vpu',
  'video-codec',
  'display-controller',
  'crypto',
  'nand-controller',
  'ufshc',
  'can',
  'wifi',
]);

function movesData(device: Device): boolean {
  return DMA_NAMES.has(device.node.baseName) || device.node.properties.has('dma-coherent');
}

const DEVICES_SHOWN = 4;

export function dmaFindsMemory(view: GuestView): void {
  const devices = view
    .realDevices()
    .filter((device) => movesData(device))
    .filter((device) =>
      view.inventory.tenants.some(
        (tenant) => tenant.device === device && view.missingOf(tenant.range).length === 0,
      ),
    )
    .map(deviceName)
    .slice(0, DEVICES_SHOWN);
  if (devices.length === 0) return;
  for (const { map, region } of view.ramMaps()) {
    if (region.physAddr === map.vaddr) continue;
    const params = {
      vm: view.vm,
      region: region.name,
      devices,
      physAddr: region.physAddr,
      vaddr: map.vaddr,
    };
    view.context.sink.report(codes['dma-not-identity'].at(view.context.value(region, 'phys_addr'), params));
  }
}
