/**
 * From a system description to what the kernel model starts: defaults filled in, regions without an address given one,
 * and each region known as RAM or as devices.
 */
import { type AddrRange, alignUp, LARGE_PAGE_BYTES, rangesOverlap } from '../base/index.ts';
import type { Board } from '../devicetree/index.ts';
import {
  type MemoryMap,
  type ProtectionDomain,
  protectionDomainsOf,
  SDF_DEFAULTS,
  type SystemDescription,
} from '../microkit/index.ts';
import type { MapLayout, PdLayout, RegionLayout, SystemLayout } from './layout.ts';
import type { ProgramFactory } from './microkit.ts';
import { VIRTUAL_TIMER_INTID } from './vcpu-object.ts';

/** Where regions go whose place the description leaves open: beyond any board's RAM. */
const FLOATING_BASE = 2 ** 40;

/** `programOf` gives each protection domain its program, by the name of the domain. */
export function systemLayout(
  description: SystemDescription,
  board: Board,
  programOf: (pd: ProtectionDomain) => ProgramFactory,
): SystemLayout {
  const domains = [...protectionDomainsOf(description)];
  return {
    gicVersion: board.gic?.version ?? 2,
    virtualTimerIntid: virtualTimerIntid(board),
    regions: regionLayouts(description, domains, board),
    protectionDomains: domains.map((pd) => pdLayout(pd, programOf(pd))),
    channels: description.channels.map(({ ends: [a, b] }) => [endLayout(a), endLayout(b)] as const),
  };
}

/** The third interrupt of the architectural timer's node (binding `arm,arch_timer.yaml`). */
export function virtualTimerIntid(board: Board): number {
  const timer = board.devices.find(({ compatible }) =>
    compatible.some((name) => name === 'arm,armv8-timer' || name === 'arm,armv7-timer'),
  );
  const byName = timer?.interrupts.find(({ name }) => name === 'virt');
  const interrupt = byName ?? timer?.interrupts[VIRTUAL_TIMER_INDEX];
  return interrupt?.reach === 'direct'
    ? (interrupt.gic[0]?.intid ?? VIRTUAL_TIMER_INTID)
    : VIRTUAL_TIMER_INTID;
}

const VIRTUAL_TIMER_INDEX = 2;

function regionLayouts(
  { memoryRegions }: SystemDescription,
  domains: readonly ProtectionDomain[],
  board: Board,
): readonly RegionLayout[] {
  const uncached = new Set(
    domains
      .flatMap(({ maps, virtualMachine }) => [...maps, ...(virtualMachine?.maps ?? [])])
      .flatMap(({ mr, cached }) => (cached === false ? [mr] : [])),
  );
  let floating = FLOATING_BASE;
  return memoryRegions.map(({ name, sizeBytes = LARGE_PAGE_BYTES, physAddr }): RegionLayout => {
    if (physAddr === undefined) {
      const region: RegionLayout = { name, physAddr: floating, sizeBytes, kind: 'ram' };
      floating = alignUp(floating + sizeBytes, LARGE_PAGE_BYTES);
      return region;
    }
    const range = { base: physAddr, size: sizeBytes };
    const kind = isRam(range, board, uncached.has(name)) ? 'ram' : 'device';
    return { name, physAddr, sizeBytes, kind };
  });
}

/**
 * Trees often leave RAM to the firmware, so what is not in their memory nodes may still be RAM: a region is devices if it
 * is mapped uncached, or if a device's registers lie in it and the tree's RAM doesn't.
 */
function isRam(range: AddrRange, board: Board, uncached: boolean): boolean {
  if (board.ram.some((ram) => rangesOverlap(ram, range))) return true;
  if (uncached) return false;
  const inGic = [board.gic?.gicd, board.gic?.gicc, board.gic?.gicv].some(
    (frame) => frame !== undefined && rangesOverlap(frame, range),
  );
  return !inGic && board.devicesAt(range).length === 0;
}

function pdLayout(pd: ProtectionDomain, program: ProgramFactory): PdLayout {
  const { virtualMachine: vm } = pd;
  return {
    name: pd.name,
    priority: pd.priority ?? SDF_DEFAULTS.priority,
    program,
    irqs: pd.irqs.flatMap((irq) =>
      irq.kind === 'platform'
        ? [
            {
              intid: irq.irq,
              channel: irq.id,
              trigger: irq.trigger ?? SDF_DEFAULTS.trigger,
              ...(irq.setvarId === undefined ? {} : { setvarId: irq.setvarId }),
            },
          ]
        : [],
    ),
    maps: pd.maps.map(mapLayout),
    ...(vm === undefined
      ? {}
      : {
          vm: {
            name: vm.name,
            priority: vm.priority ?? SDF_DEFAULTS.priority,
            vcpuIds: vm.vcpus.map(({ id }) => id),
            maps: vm.maps.map(mapLayout),
          },
        }),
  };
}

function mapLayout({ mr, vaddr, perms = SDF_DEFAULTS.perms, setvarVaddr }: MemoryMap): MapLayout {
  return {
    region: mr,
    vaddr,
    read: perms.includes('r'),
    write: perms.includes('w'),
    execute: perms.includes('x'),
    ...(setvarVaddr === undefined ? {} : { setvarVaddr }),
  };
}

function endLayout({
  pd,
  id,
  notify = SDF_DEFAULTS.notify,
  pp = SDF_DEFAULTS.pp,
  setvarId,
}: SystemDescription['channels'][number]['ends'][number]) {
  return { pd, id, notify, pp, ...(setvarId === undefined ? {} : { setvarId }) };
}
