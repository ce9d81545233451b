/** Rules on the interrupt controller's CPU interface in a guest (GICv2 IHI 0048B §5.1; libvmm's examples). */
import { rangeContains } from '../../../base/index.ts';
import { SDF_DEFAULTS } from '../../description.ts';
import type { CheckContext, Rule } from '../context.ts';
import { sdfMachineCodes as codes } from './diagnostics.ts';

/**
 * The map through which a guest reaches GICV, if there is one: a region that covers the frame, at whatever address.
 */
function cpuInterfaceIsMapped(context: CheckContext): void {
  const { board, tree } = context.options;
  const gic = board?.gic;
  if (board === undefined || gic?.version !== 2 || !board.hypervisor) return;
  // QEMU's virt has either, as it is started; with version 3 there is nothing to map.
  if (tree?.gic !== undefined && tree.gic.version !== gic.version) return;
  if (!context.isComplete('map', 'memory_region')) return;
  const physical = gic.virtualCpuInterface.base;
  const guest = gic.cpuInterface.base;
  for (const { vm } of context.monitors) {
    const found = vm.maps.flatMap((map) => {
      const region = context.regions.get(map.mr);
      const range = region === undefined ? undefined : context.physicalRangeOf(region);
      if (range === undefined || !rangeContains(range, physical)) return [];
      return [{ map, vaddr: map.vaddr + physical - range.base }];
    });
    const right = found.find(({ vaddr }) => vaddr === guest);
    const wrong = found[0];
    const params = { vm: vm.name, physical, guest, board: board.name };
    if (right !== undefined) {
      const { map } = right;
      const perms = map.perms ?? SDF_DEFAULTS.perms;
      const cached = map.cached ?? SDF_DEFAULTS.cached;
      if (perms.startsWith('rw') && !cached) continue;
      context.sink.report(codes['gicc-rights'].at(context.element(map), { vm: vm.name, perms, cached }));
    } else if (wrong !== undefined) {
      const position = context.value(wrong.map, 'vaddr');
      context.sink.report(codes['gicc-misplaced'].at(position, { ...params, vaddr: wrong.vaddr }));
    } else {
      context.sink.report(codes['gicc-unmapped'].at(context.element(vm), params));
    }
  }
}

export const GIC_RULES: readonly Rule[] = [cpuInterfaceIsMapped];
