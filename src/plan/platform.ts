/**
 * Platform: what a plan may build on. For a board that Microkit supports, what seL4 hands out there; for any other, what
 * its tree says of RAM and of the interrupt controller, which is less, and the plan says so.
 */
import {
  type AddrRange,
  type DiagnosticSink,
  MIB,
  mergeRanges,
  nearest,
  rangeAligned,
  rangeCovers,
  rangesOverlap,
  SMALL_PAGE_BYTES,
} from '../base/index.ts';
import type { Board } from '../devicetree/index.ts';
import {
  boardOfTree,
  deviceWindowsOf,
  initialTaskBytes,
  initialTaskIn,
  kernelFramesOf,
  MICROKIT_BOARDS,
  type MicrokitBoard,
  rootObjectsIn,
} from '../microkit/index.ts';
import { planCodes } from './diagnostics.ts';
import { withoutAll } from './pages.ts';
import type { Avoided } from './ram.ts';

export interface Platform {
  readonly microkit?: MicrokitBoard;
  /** RAM that seL4 hands out; empty where nobody knows. */
  readonly ram: readonly AddrRange[];
  /** Device memory that seL4 hands out, with what it keeps already taken out. */
  readonly deviceWindows: readonly AddrRange[];
  /** Memory that the tree sets aside at fixed places. */
  readonly reserved: readonly AddrRange[];
  readonly highestIrq?: number;
}

/** Stage 2 ends there: Microkit's maps of a virtual machine lie below 1 TiB with 40 bits of physical addresses. */
const GUEST_ADDRESS_LIMIT = 2 ** 40;
/** libvmm registers 128 SPIs at most, and its GICv2 has 256 INTIDs, its GICv3 1020 (vdist.h, vgic_v2.h). */
const HIGHEST_SPI = 1019;

export function platformFor(board: Board, microkit: MicrokitBoard | undefined): Platform {
  const windows = microkit === undefined ? undefined : deviceWindowsOf(microkit);
  const ram = microkit?.ram ?? board.ram;
  const limit = { base: 0, size: GUEST_ADDRESS_LIMIT };
  const kept = [...gicFrames(board), ...(microkit === undefined ? [] : kernelFramesOf(microkit))].map(
    (frame) => rangeAligned(frame, SMALL_PAGE_BYTES),
  );
  const devices = windows ?? withoutAll(limit, mergeRanges([...ram, ...board.ram]));
  return {
    ...(microkit === undefined ? {} : { microkit }),
    ram,
    deviceWindows: devices
      .flatMap((window) => withoutAll(window, mergeRanges(kept)))
      .flatMap((window) => {
        const size = Math.min(window.base + window.size, GUEST_ADDRESS_LIMIT) - window.base;
        return size > 0 ? [{ base: window.base, size }] : [];
      }),
    reserved: reservedRanges(board).map(({ base, size }) => ({ base, size })),
    highestIrq: microkit?.highestIrq ?? HIGHEST_SPI,
  };
}

function reservedRanges(board: Board): readonly Avoided[] {
  return [
    ...board.reserved
      .filter(({ enabled }) => enabled)
      .flatMap(({ path, regs }) =>
        regs.flatMap(({ cpu }) => (cpu === undefined ? [] : [{ ...cpu, why: `${path} reserves it` }])),
      ),
    ...board.memreserve.map((range) => ({ ...range, why: "the tree's memory reservation block names it" })),
  ];
}

/** Every frame of the interrupt controller but GICV: emulated, or the kernel's. */
function gicFrames(board: Board): readonly AddrRange[] {
  const { gic } = board;
  if (gic === undefined) return [];
  const single = [gic.gicd, gic.gicc, gic.gich].filter((frame) => frame !== undefined);
  const children = [...gic.its, ...gic.v2m].flatMap(({ frame }) => (frame === undefined ? [] : [frame]));
  return [...single, ...gic.gicr, ...children];
}

/** Why a device's registers can't be mapped, or `undefined` where they can. Ranges are judged by their pages. */
export function whyUnmappable(platform: Platform, ranges: readonly AddrRange[]): string | undefined {
  for (const range of ranges) {
    const pages = rangeAligned(range, SMALL_PAGE_BYTES);
    if (platform.reserved.some((taken) => rangesOverlap(taken, pages))) {
      return 'its registers lie in memory that the tree reserves';
    }
    if (platform.deviceWindows.some((window) => rangeCovers(window, pages))) continue;
    if (platform.ram.some((window) => rangesOverlap(window, pages))) {
      const name = platform.microkit?.name;
      return `its registers lie in RAM${name === undefined ? '' : `, as Microkit's board ${name} has it`}`;
    }
    if (pages.base + pages.size > GUEST_ADDRESS_LIMIT) {
      return 'its registers lie above 1 TiB, where no guest can see them';
    }
    return 'its registers share a page with what seL4 keeps for itself';
  }
  return undefined;
}

/** seL4 itself, its page tables and the monitor's code: generous, and small beside the images. */
const KERNEL_BYTES = 32 * MIB;
const LOADER_BYTES = 16 * MIB;

/**
 * What guests' RAM keeps away from: seL4 and the initial task at the bottom of RAM (the tool puts the task, which
 * carries every image, right above the kernel), the loader's image, and what the tree reserves.
 */
export function avoidedRam(board: Board, platform: Platform, imageBytes: number): readonly Avoided[] {
  const avoided: Avoided[] = [];
  const bottom = mergeRanges(platform.ram)[0];
  if (bottom !== undefined) {
    avoided.push({
      base: bottom.base,
      size: KERNEL_BYTES + imageBytes,
      why: 'seL4 and the initial task with the images lie there',
    });
  }
  // Where the lowest RAM does not hold the initial task, it lies in another one; how large it gets is known to a few percent.
  if (platform.microkit !== undefined) {
    for (const sizeBytes of [leastTaskBytes(imageBytes), KERNEL_BYTES + imageBytes]) {
      const task = initialTaskIn(platform, sizeBytes);
      if (task === undefined || (bottom !== undefined && rangeCovers(bottom, task))) continue;
      const size = KERNEL_BYTES + imageBytes;
      avoided.push({ base: task.base, size, why: 'the initial task with the images lies there' });
    }
  }
  const objects = platform.microkit === undefined ? undefined : rootObjectsIn(platform.ram, imageBytes);
  if (objects !== undefined) {
    const size = objects.size + KERNEL_BYTES;
    avoided.push({ base: objects.base, size, why: "seL4 makes the initial task's objects there" });
  }
  const loader = platform.microkit?.loaderAddr;
  if (loader !== undefined) {
    avoided.push({
      base: loader,
      size: LOADER_BYTES + imageBytes,
      why: "Microkit's loader is started there",
    });
  }
  avoided.push(...reservedRanges(board));
  return avoided;
}

const leastTaskBytes = (imageBytes: number): number =>
  initialTaskBytes(Math.ceil(imageBytes / SMALL_PAGE_BYTES));

/**
 * What the SDK's loader leaves to the kernel and the initial task, where their images are larger: they are put at the bottom of
 * RAM, and the tool panics where they reach the loader, which is linked above ("Overlapping regions").
 */
export function loaderOverlap(
  { microkit, ram }: Platform,
  imageBytes: number,
): { readonly board: string; readonly loaderAddr: number; readonly roomBytes: number } | undefined {
  const bottom = mergeRanges(ram)[0];
  const loaderAddr = microkit?.loaderAddr;
  if (microkit === undefined || bottom === undefined || loaderAddr === undefined) return undefined;
  const task = initialTaskIn({ ram }, leastTaskBytes(imageBytes));
  if (task === undefined || !rangeCovers(task, { base: loaderAddr, size: 1 })) return undefined;
  const roomBytes = loaderAddr - bottom.base;
  return { board: microkit.name, loaderAddr, roomBytes };
}

/** Microkit's name for a board, by the `compatible` of its tree's root. */
export function microkitNameOf(board: Board): string | undefined {
  return boardOfTree(board.compatible)?.name;
}

/** The facts of a board that Microkit supports and that runs virtual machines; else a report. */
export function findMicrokitBoard(name: string, sink: DiagnosticSink): MicrokitBoard | undefined {
  const fits = ({ arch, hypervisor }: MicrokitBoard) => arch === 'aarch64' && hypervisor;
  const known = MICROKIT_BOARDS.get(name);
  if (known !== undefined && fits(known)) return known;
  const names = [...MICROKIT_BOARDS.values()].filter(fits).map((board) => board.name);
  sink.report(planCodes['unknown-microkit-board'].at(undefined, { name, meant: nearest(name, names) }));
  return undefined;
}
