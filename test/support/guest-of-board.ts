/**
 * A driver VM for a board with everything in it, made by hand: what tests of `run` use where no plan is under test. The
 * guest's tree is the board's own with the few things changed that U-Boot and a monitor change.
 */
import {
  type AddrRange,
  mergeRanges,
  rangeAligned,
  rangesOverlap,
  rangeWithout,
  SMALL_PAGE_BYTES,
} from '../../src/base/index.ts';
import {
  type Board,
  bigintAsCells,
  cloneTree,
  type DeviceTree,
  DtNode,
  encodeCells,
  encodeStrings,
  nodesUnder,
  resolveTree,
  writeDtb,
} from '../../src/devicetree/index.ts';
import type { MemoryMap, MemoryRegion, PlatformIrq, SystemDescription } from '../../src/microkit/index.ts';
import type { GuestPayload } from '../../src/run/index.ts';

export interface GuestOptions {
  readonly kernel: Uint8Array;
  readonly initrd: Uint8Array;
  readonly ram: AddrRange;
  readonly bootargs: string;
  readonly vcpuCount?: number;
  /** Which devices are passed through; all that are enabled if not given. */
  readonly passes?: (path: string) => boolean;
  /** Changes the tree further: a mistake, say. */
  readonly edit?: (root: DtNode) => void;
}

export interface BoardGuest {
  readonly board: Board;
  readonly description: SystemDescription;
  readonly payload: GuestPayload;
}

const INITRD_OFFSET = 0x800_0000;
const CHANNEL_LIMIT = 62;

export function guestOfBoard(tree: DeviceTree, options: GuestOptions): BoardGuest {
  const board = resolveTree(tree);
  const guestTree = cloneTree(tree);
  editTree(guestTree.root, options);
  const dtb = writeDtb(guestTree);
  const images = { kernel: options.kernel, dtb, initrd: options.initrd };
  return {
    board,
    description: describe(board, options),
    payload: { images, tree: resolveTree(guestTree) },
  };
}

function editTree(root: DtNode, options: GuestOptions): void {
  const { ram, initrd, bootargs, vcpuCount = 1 } = options;
  for (const node of [...root.children.values()]) {
    if (node.baseName === 'memory' || node.name === 'reserved-memory') root.removeChild(node.name);
  }
  const memory = root.addChild(new DtNode(`memory@${ram.base.toString(16)}`));
  set(memory, 'device_type', encodeStrings(['memory']));
  set(memory, 'reg', cells(ram.base, ram.size));
  const chosen = root.children.get('chosen') ?? root.addChild(new DtNode('chosen'));
  set(chosen, 'bootargs', encodeStrings([bootargs]));
  set(chosen, 'linux,initrd-start', cells(ram.base + INITRD_OFFSET));
  set(chosen, 'linux,initrd-end', cells(ram.base + INITRD_OFFSET + initrd.length));
  const cpus = root.children.get('cpus');
  const cpuNodes = [...(cpus?.children.values() ?? [])].filter(({ baseName }) => baseName === 'cpu');
  for (const node of cpuNodes.slice(vcpuCount)) cpus?.removeChild(node.name);
  cpus?.removeChild('cpu-map');
  for (const node of nodesUnder(root)) {
    for (const child of [...node.children.values()])
      if (/^(v2m|its)@/.test(child.name)) node.removeChild(child.name);
  }
  options.edit?.(root);
}

function set(node: DtNode, name: string, value: Uint8Array): void {
  node.setProperty({ name, value });
}

/** Two cells for each number. */
function cells(...numbers: readonly number[]): Uint8Array {
  return encodeCells(numbers.flatMap((number) => bigintAsCells(BigInt(number), 2)));
}

function describe(board: Board, options: GuestOptions): SystemDescription {
  const { ram, vcpuCount = 1, passes = () => true } = options;
  const passed = board.devices.filter(({ status, path }) => status.enabled && passes(path));
  const ramRegion: MemoryRegion = { name: 'guest_ram', sizeBytes: ram.size, physAddr: ram.base };
  const ramMap: MemoryMap = { mr: 'guest_ram', vaddr: ram.base, perms: 'rwx' };
  const devices = deviceRanges(board, passed, ram).map(({ base, size }) => ({
    region: { name: `bus_${base.toString(16)}`, sizeBytes: size, physAddr: base },
    map: { mr: `bus_${base.toString(16)}`, vaddr: base, perms: 'rw', cached: false } satisfies MemoryMap,
  }));
  const { gicv, gicc } = board.gic ?? {};
  const hasGicv = board.gic?.version === 2 && gicv !== undefined && gicc !== undefined && passes('GICV');
  const gicvRegion = hasGicv ? [{ name: 'gic_vcpu', sizeBytes: 0x1000, physAddr: gicv.base }] : [];
  const gicvMap: MemoryMap[] = hasGicv
    ? [{ mr: 'gic_vcpu', vaddr: gicc.base, perms: 'rw', cached: false }]
    : [];
  return {
    memoryRegions: [ramRegion, ...devices.map(({ region }) => region), ...gicvRegion],
    ioAddressSpaces: [],
    channels: [],
    protectionDomains: [
      {
        name: 'VMM',
        programImage: { path: 'vmm.elf' },
        priority: 10,
        maps: [{ ...ramMap, perms: 'rw' }],
        irqs: interrupts(
          board,
          passed.map(({ path }) => path),
        ),
        ioports: [],
        setvars: [],
        capMaps: [],
        children: [],
        virtualMachine: {
          name: 'linux',
          priority: 1,
          vcpus: Array.from({ length: vcpuCount }, (_, id) => ({ id })),
          maps: [ramMap, ...devices.map(({ map }) => map), ...gicvMap],
        },
      },
    ],
  };
}

function deviceRanges(board: Board, passed: Board['devices'], ram: AddrRange): readonly AddrRange[] {
  const gic = board.gic;
  const frames = [gic?.gicd, gic?.gicc, gic?.gich, gic?.gicv, ...(gic?.gicr ?? [])].filter(
    (frame) => frame !== undefined,
  );
  const registers = passed
    .filter(({ path }) => gic === undefined || (path !== gic.path && !path.startsWith(`${gic.path}/`)))
    .flatMap(({ regs }) => regs.flatMap(({ cpu }) => (cpu === undefined || cpu.size === 0 ? [] : [cpu])))
    .filter((range) => !board.ram.some((other) => rangesOverlap(other, range)));
  return frames
    .reduce<readonly AddrRange[]>(
      (ranges, frame) =>
        ranges.flatMap((range) => rangeWithout(range, rangeAligned(frame, SMALL_PAGE_BYTES))),
      mergeRanges(registers.map((range) => rangeAligned(range, SMALL_PAGE_BYTES))),
    )
    .filter((range) => !rangesOverlap(range, ram));
}

/** The console's interrupts first, so that no board has too many for it. */
function interrupts(board: Board, passed: readonly string[]): readonly PlatformIrq[] {
  const console = board.devices.filter(({ path }) => path === board.stdout?.path && passed.includes(path));
  const devices = [...console, ...board.devices.filter(({ path }) => passed.includes(path))];
  const found = new Map<number, PlatformIrq>();
  for (const { interrupts: list } of devices) {
    for (const interrupt of list) {
      if (interrupt.reach !== 'direct') continue;
      for (const { intid, trigger } of interrupt.gic) {
        if (intid >= 32 && !found.has(intid) && found.size < CHANNEL_LIMIT) {
          found.set(intid, { kind: 'platform', irq: intid, id: found.size, trigger });
        }
      }
    }
  }
  return [...found.values()];
}
