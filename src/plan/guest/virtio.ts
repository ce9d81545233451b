/**
 * virtio-mmio devices (VIRTIO 1.2 §4.2): each a page that nobody else has in the guest's address space, and an SPI that
 * no device of the board uses. The monitor emulates the page, so it must not be mapped.
 */
import { type DiagnosticSink, intidToSpi } from '../../base/index.ts';
import { type Board, phandleOf, u32Property } from '../../devicetree/index.ts';
import { classOfKind, sharedClass } from '../../sharing/index.ts';
import { cellsValue, type EditValue, flagValue, stringsValue, type TreeEdit } from '../edits.ts';
import type { VirtioPlan } from '../plan.ts';
import type { GuestRequest, VirtioRequest } from '../request/index.ts';
import { sharedDeviceCodes } from './diagnostics.ts';
import type { FreePlaces } from './free-places.ts';
import { addNode, regValue } from './nodes.ts';

/** What is asked for, or the other end of another guest's console. */
type Wanted = VirtioRequest & Pick<VirtioPlan, 'consoleOf'>;

/** Finds places for a guest's virtio devices. */
export function placeVirtio(requests: readonly Wanted[], free: FreePlaces): readonly VirtioPlan[] {
  return requests.map((request) => {
    const place = free.virtio();
    return {
      kind: request.kind,
      path: `/virtio-${request.kind}@${place.guestAddr.toString(16)}`,
      ...place,
      ...(request.driver === undefined ? {} : { driver: request.driver }),
      ...(request.consoleOf === undefined ? {} : { consoleOf: request.consoleOf }),
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

/** The property that says whose console a virtio console is the other end of. */
const CONSOLE_OF = 'drivervm,console-of';

/** Flags of a GIC specifier: an edge that rises (arm,gic.yaml), as the monitor injects. */
const EDGE_RISING = 1;
/** A GICv3 whose PPIs are partitioned has a fourth cell. */
const PARTITIONED_CELLS = 4;

/** The interrupt specifier of an SPI that a monitor injects. */
export function interruptValue(board: Board, spi: number): EditValue {
  const gic = board.gic?.node;
  const partitioned = gic !== undefined && u32Property(gic, '#interrupt-cells') === PARTITIONED_CELLS;
  return cellsValue(0, spi, EDGE_RISING, ...(partitioned ? [0] : []));
}

/** The nodes of virtio devices, whose kind may be one that a plan does not know. */
export function virtioEdits(
  board: Board,
  devices: readonly (Pick<VirtioPlan, 'path' | 'guestAddr' | 'sizeBytes' | 'intid' | 'consoleOf'> & {
    readonly kind: string;
  })[],
): readonly TreeEdit[] {
  const { root } = board.tree;
  const gic = board.gic?.node;
  const phandle = gic === undefined ? undefined : phandleOf(gic);
  return devices.flatMap(({ kind, path, guestAddr, sizeBytes, intid, consoleOf }) =>
    addNode(
      path,
      {
        compatible: stringsValue('virtio,mmio'),
        reg: regValue(root, [{ base: guestAddr, size: sizeBytes }]),
        interrupts: interruptValue(board, intidToSpi(intid)),
        ...(phandle === undefined ? {} : { 'interrupt-parent': cellsValue(phandle) }),
        'dma-coherent': flagValue,
        // For whoever passes it on in the guest; Linux does not look at it.
        ...(consoleOf === undefined ? {} : { [CONSOLE_OF]: stringsValue(consoleOf) }),
      },
      consoleOf === undefined
        ? `a virtio ${kind} device, emulated by the monitor`
        : `the other end of ${consoleOf}'s console`,
    ),
  );
}
