/** What a board that Microkit supports looks like to a description: facts only, and what follows from them. */
import { type AddrRange, type Intid, LARGE_PAGE_BYTES, mergeRanges, rangeWithout } from '../../base/index.ts';

/** As Microkit's SDK calls architectures. */
export type Architecture = 'aarch64' | 'riscv64' | 'x86_64';

/** The interrupt controller of an AArch64 board; its frames are the kernel's. */
export type BoardGic =
  | {
      readonly version: 2;
      readonly distributor: AddrRange;
      /** GICC: where the guest's tree says the CPU interface is. */
      readonly cpuInterface: AddrRange;
      /** GICH: the list registers. */
      readonly hypervisorInterface: AddrRange;
      /** GICV: what has to be mapped for the guest at `cpuInterface`. */
      readonly virtualCpuInterface: AddrRange;
    }
  | { readonly version: 3; readonly distributor: AddrRange; readonly redistributors: AddrRange };

/**
 * A board as Microkit and seL4 see it; addresses are CPU physical, sizes bytes. What is absent is not known,
 * and not checked.
 */
export interface MicrokitBoard {
  /** As `--board` of Microkit's tool takes it. */
  readonly name: string;
  readonly arch: Architecture;
  /** What the root of the board's tree says: in Linux's sources, seL4's and U-Boot's, the most telling names only. */
  readonly compatibles?: readonly string[];
  /** Whether libvmm 0.2 has the board's interrupt controller compiled in (its `vgic.h`, by seL4's platform). */
  readonly libvmm?: boolean;
  /** How many cores the `smp-` configurations run on; 1 where there are none. */
  readonly smpCores: number;
  /** Whether seL4 is built as a hypervisor, so that there can be virtual machines. */
  readonly hypervisor: boolean;
  /** The tool's loader is linked there. Once the system has started, its memory is free again. */
  readonly loaderAddr?: number;
  /** Up to where physical addresses go. */
  readonly addressLimit?: number;
  /** The RAM that seL4 knows of. */
  readonly ram?: readonly AddrRange[];
  /** RAM that seL4 is told nothing of, so that guests can have it: handed out like device memory. */
  readonly guestRam?: readonly AddrRange[];
  readonly gic?: BoardGic;
  /** What the kernel keeps besides the frames of the GIC. */
  readonly kernelFrames?: readonly AddrRange[];
  /** The highest interrupt number that seL4 takes. */
  readonly highestIrq?: number;
  /** QEMU's machine, where it has the board and seL4 starts on it: `-machine`, `-cpu` and `-m` as its command takes them. */
  readonly qemu?: { readonly machine: string; readonly cpu: string; readonly memory: string };
  /** What one must know to start a system there, in sentences. */
  readonly bootNote?: string;
  /** What an SDK says; where it is absent it follows from RAM and the kernel's frames. */
  readonly deviceWindows?: readonly AddrRange[];
}

/** The interrupts that seL4 keeps for itself as a hypervisor on AArch64, with what they are (seL4 16, `initIRQController`). */
export const KERNEL_INTIDS: ReadonlyMap<Intid, string> = new Map([
  [25, "the GIC's maintenance interrupt"],
  [26, "the hypervisor timer, seL4's own tick"],
  [27, 'the virtual timer, which seL4 hands to the monitor as a fault'],
]);

const KERNEL_FRAME_BYTES = 0x1000;

/** The frames of the GIC that seL4 maps, and which it therefore does not hand out. */
export function kernelFramesOf(board: MicrokitBoard): readonly AddrRange[] {
  const { gic } = board;
  const others = board.kernelFrames ?? [];
  if (gic === undefined) return others;
  if (gic.version === 3) return [gic.distributor, gic.redistributors, ...others];
  const taken = [
    gic.distributor,
    gic.cpuInterface,
    ...(board.hypervisor ? [gic.hypervisorInterface] : []),
  ].map(({ base }) => ({ base, size: KERNEL_FRAME_BYTES }));
  return [...taken, ...others];
}

/** What one of them is. */
export function kernelFrameName({ gic }: MicrokitBoard, frame: AddrRange): string {
  if (gic !== undefined && gic.distributor.base === frame.base) return "the GIC's distributor";
  if (gic?.version === 2 && gic.cpuInterface.base === frame.base) return "the GIC's CPU interface";
  if (gic?.version === 2 && gic.hypervisorInterface.base === frame.base) return "the GIC's list registers";
  if (gic?.version === 3 && gic.redistributors.base === frame.base) return "the GIC's redistributors";
  return 'a local interrupt controller';
}

/** Of Microkit's kernels: 2¹⁷ slots of 32 bytes (`KernelRootCNodeSizeBits`). */
const ROOT_CNODE_BYTES = 0x40_0000;
/**
 * The initial task's other objects: a thread, boot information, a message buffer, an ASID pool and the root page table, and one page
 * table for each 2 MiB that its image touches (`calculate_rootserver_size`).
 */
const ROOT_OTHERS_BYTES = 0x8000;
const PAGE_TABLE_BYTES = 0x1000;
/** What the initial task has besides the programs and what regions are filled with. */
const INITIAL_TASK_BYTES = 0x20_0000;

/**
 * Where seL4 makes the objects of the initial task: at the end of its highest RAM, on a multiple of the largest of them, the
 * CNode (seL4 16, `create_rootserver_objects`; on qemu_virt_aarch64 0xbf800000–0xbfc09000 for a system without guests, to 0xbfc1a000
 * with 33 MiB of them). It does not hand that out. `imagesBytes` is the size of all programs and of what regions are filled with.
 */
export function rootObjectsIn(ram: readonly AddrRange[], imagesBytes = 0): AddrRange | undefined {
  const tables = Math.ceil((imagesBytes + INITIAL_TASK_BYTES) / LARGE_PAGE_BYTES) * PAGE_TABLE_BYTES;
  const size = ROOT_CNODE_BYTES + ROOT_OTHERS_BYTES + tables;
  const windows = mergeRanges(ram).map((window) => {
    const last = window.base + window.size - size;
    return { base: last - (last % ROOT_CNODE_BYTES), window };
  });
  const base = windows.findLast(({ base, window }) => base >= window.base)?.base;
  return base === undefined ? undefined : { base, size };
}

/** Everything on the board that is RAM, whoever it is kept for. */
export function allRamOf(board: MicrokitBoard | undefined): readonly AddrRange[] {
  return [...(board?.ram ?? []), ...(board?.guestRam ?? [])];
}

/** The device memory that seL4 hands out: everything that is neither RAM nor the kernel's; unknown where RAM is. */
export function deviceWindowsOf(board: MicrokitBoard): readonly AddrRange[] | undefined {
  if (board.deviceWindows !== undefined) return board.deviceWindows;
  if (board.ram === undefined || board.addressLimit === undefined) return undefined;
  let windows: readonly AddrRange[] = [{ base: 0, size: board.addressLimit }];
  for (const hole of [...board.ram, ...kernelFramesOf(board)]) {
    windows = windows.flatMap((window) => rangeWithout(window, hole));
  }
  return mergeRanges(windows);
}
