/**
 * virtio-mmio devices (VIRTIO 1.2 §4.2): each a page that nobody else has in the guest's address space, and an SPI that
 * no device of the board uses. The monitor emulates the page, so it must not be mapped.
 */
import {
  type AddrRange,
  type DiagnosticSink,
  FIRST_SPI,
  intidToSpi,
  KIB,
  MIB,
  rangesOverlap,
  SMALL_PAGE_BYTES,
} from '../../base/index.ts';
import { type Board, phandleOf, u32Property } from '../../devicetree/index.ts';
import { classOfKind, sharedClass } from '../../sharing/index.ts';
import { cellsValue, flagValue, stringsValue, type TreeEdit } from '../edits.ts';
import type { GicPlan, VirtioPlan } from '../plan.ts';
import type { GuestRequest, VirtioRequest } from '../request/index.ts';
import type { World } from '../world.ts';
import { sharedDeviceCodes } from './diagnostics.ts';
import { addNode, regValue } from './nodes.ts';

const SEARCH_START = 32 * MIB;
const SEARCH_STEP = 64 * KIB;
const SEARCH_LIMIT = 2 ** 32;
/** libvmm 0.2's vGICv2 tells guests of 256 interrupts, its vGICv3 of 160. */
const HIGHEST_INTID = { 2: 255, 3: 159 } as const;

/** What is taken in a guest: addresses, and interrupts. */
export interface TakenPlaces {
  readonly gicVersion: GicPlan['version'];
  /** The highest interrupt that the kernel knows. */
  readonly highestIrq: number | undefined;
  readonly ranges: readonly AddrRange[];
  readonly intids: ReadonlySet<number>;
}

/** One place after another for virtio devices: a page that nobody has, and an interrupt. */
export function* freeVirtioPlaces({
  gicVersion,
  highestIrq,
  ranges,
  intids,
}: TakenPlaces): Generator<Pick<VirtioPlan, 'guestAddr' | 'sizeBytes' | 'intid'>, never> {
  let intid = Math.min(HIGHEST_INTID[gicVersion], highestIrq ?? HIGHEST_INTID[gicVersion]);
  let base = SEARCH_START;
  const isFree = (range: AddrRange) => !ranges.some((other) => rangesOverlap(other, range));
  for (; ; base += SEARCH_STEP, intid -= 1) {
    while (intid > FIRST_SPI && intids.has(intid)) intid -= 1;
    while (base < SEARCH_LIMIT && !isFree({ base, size: SMALL_PAGE_BYTES })) base += SEARCH_STEP;
    yield { guestAddr: base, sizeBytes: SMALL_PAGE_BYTES, intid };
  }
}

/** Finds places for a guest's virtio devices. `taken` is what its address space holds. */
export function placeVirtio(
  world: World,
  gic: GicPlan,
  requests: readonly VirtioRequest[],
  taken: readonly AddrRange[],
): readonly VirtioPlan[] {
  const places = freeVirtioPlaces({
    gicVersion: gic.version,
    highestIrq: world.platform.highestIrq,
    ranges: [
      ...taken,
      ...world.units.all.flatMap((unit) => unit.ranges),
      ...world.board.ram,
      ...world.platform.ram,
    ],
    intids: new Set(world.units.all.flatMap((unit) => unit.lines.map(({ intid }) => intid))),
  });
  return requests.map((request) => {
    const place = places.next().value;
    return {
      kind: request.kind,
      path: `/virtio-${request.kind}@${place.guestAddr.toString(16)}`,
      ...place,
      ...(request.driver === undefined ? {} : { driver: request.driver }),
      ...(request.image === undefined ? {} : { image: request.image }),
      ...(request.mode === undefined ? {} : { mode: request.mode }),
      ...(request.partition === undefined ? {} : { partition: request.partition }),
      ...(request.mac === undefined ? {} : { mac: request.mac }),
      ...(request.reaches === undefined ? {} : { reaches: request.reaches }),
      ...(request.buffers === undefined ? {} : { buffers: request.buffers }),
    };
  });
}

/** What the request says of virtio devices and nothing can come of. */
export function reportVirtioRequests(
  { name: owner, virtio }: Pick<GuestRequest, 'name' | 'virtio'>,
  sink: DiagnosticSink,
): void {
  for (const { kind, ...given } of virtio) {
    const keys: readonly string[] = sharedClass(classOfKind(kind)).virtio.keys;
    for (const key of Object.keys(given).filter((name) => !keys.includes(name)))
      sink.report(sharedDeviceCodes['unused-virtio-key'].at(undefined, { owner, kind, key }));
  }
  if (virtio.filter(({ kind }) => kind === 'console').length > 1)
    sink.report(sharedDeviceCodes['second-console'].at(undefined, { owner }));
}

/** Flags of a GIC specifier: an edge that rises (arm,gic.yaml), as the monitor injects. */
const EDGE_RISING = 1;
/** A GICv3 whose PPIs are partitioned has a fourth cell. */
const PARTITIONED_CELLS = 4;

/** The nodes of virtio devices, whose kind may be one that a plan does not know. */
export function virtioEdits(
  board: Board,
  devices: readonly (Pick<VirtioPlan, 'path' | 'guestAddr' | 'sizeBytes' | 'intid'> & {
    readonly kind: string;
  })[],
): readonly TreeEdit[] {
  const { root } = board.tree;
  const gic = board.gic?.node;
  const phandle = gic === undefined ? undefined : phandleOf(gic);
  const partitioned = gic !== undefined && u32Property(gic, '#interrupt-cells') === PARTITIONED_CELLS;
  return devices.flatMap(({ kind, path, guestAddr, sizeBytes, intid }) =>
    addNode(
      path,
      {
        compatible: stringsValue('virtio,mmio'),
        reg: regValue(root, [{ base: guestAddr, size: sizeBytes }]),
        interrupts: cellsValue(0, intidToSpi(intid), EDGE_RISING, ...(partitioned ? [0] : [])),
        ...(phandle === undefined ? {} : { 'interrupt-parent': cellsValue(phandle) }),
        'dma-coherent': flagValue,
      },
      `a virtio ${kind} device, emulated by the monitor`,
    ),
  );
}
