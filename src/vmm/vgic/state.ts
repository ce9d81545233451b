/**
 * All that the virtual interrupt controller keeps, as typed arrays on one buffer: what is there of an interrupt is at its slot. Nothing is made
 * while a guest runs, and what was compiled to C works on the same memory (docs/compiled.md).
 */
import { type Cells, cellsOf } from '../../base/index.ts';
import { LIST_REGISTER_COUNT } from '../../device/index.ts';

/** SGIs, and with the PPIs all that each vCPU has for itself. */
export const SGI_COUNT = 16;
export const PRIVATE_COUNT = 32;
/** As many as GICD_TYPER can say; those from the limit on mean something special (IHI 0048B §2.2.1). */
export const INTID_COUNT = 1024;
export const INTID_LIMIT = 1020;
export const VCPU_LIMIT = 16;
/** Slots: the private interrupts of each vCPU, then those that all share. */
export const FIRST_SHARED = VCPU_LIMIT * PRIVATE_COUNT;
export const SLOT_COUNT = FIRST_SHARED + INTID_LIMIT - PRIVATE_COUNT;
/** Room for all that can be pending for a vCPU, as a power of two. */
export const QUEUE_SHIFT = 10;
/** Ids of channels and of vCPUs are smaller (Microkit 2.3 manual, "Limits"). */
export const ID_LIMIT = 64;

/**
 * Of a list register: what it held when its vCPU was turned off. seL4 has no call that empties one, so nothing goes in before the vCPU itself
 * has ended it (`clearing.ts`).
 */
export const LEFT_OVER = 0x8000;

/** Whom the end of an interrupt is told. */
export const NOBODY = 0;
/** A function of the monitor's author. */
export const PROGRAM = 1;
/** The kernel: the channel's interrupt may come again. */
export const CHANNEL = 2;
/** The kernel: the vCPU's timer may come again. */
export const TIMER = 3;
/** A virtio device, whose line may still be high: the interrupt then comes again. */
export const DEVICE = 4;
/** Its registers lie in a window of 512 bytes. */
export const WINDOW_SHIFT = 9;
/** How many of these have their line here. */
export const LINE_LIMIT = 32;

/** All of it, as a layout for `cellsOf`. */
export const VGIC_LAYOUT = {
  // ---- One slot an interrupt ----
  routeLow: ['u32', SLOT_COUNT],
  /** GICD_IROUTER: affinity in both halves, bit 31 of the lower for any vCPU. */
  routeHigh: ['u32', SLOT_COUNT],
  enabled: ['u8', SLOT_COUNT],
  /** Asserted and not yet in a list register. */
  pending: ['u8', SLOT_COUNT],
  /** What the guest wrote to the active registers; what is in list registers, only the hardware knows. */
  active: ['u8', SLOT_COUNT],
  /** Eight bits, 0 the most urgent. */
  priority: ['u8', SLOT_COUNT],
  group: ['u8', SLOT_COUNT],
  /** GICD_ICFGR: the guest's idea of the trigger. The real one is the system description's. */
  edge: ['u8', SLOT_COUNT],
  /** GICD_ITARGETSR: one bit a vCPU. */
  targets: ['u8', SLOT_COUNT],
  /** The list register that holds it, of the vCPU that took it, from 1; 0 while none does. */
  listRegister: ['u8', SLOT_COUNT],
  /** Whom its end is told, and the channel of those that are passed through, or the line of those that are a device's. */
  owner: ['u8', SLOT_COUNT],
  channel: ['u8', SLOT_COUNT],
  /** Where it is in the queues, from 1; 0 while it is in none. */
  place: ['u16', SLOT_COUNT],

  // ---- Several a vCPU ----
  /** What is pending for a vCPU: the candidates for its list registers. */
  queue: ['u16', VCPU_LIMIT << QUEUE_SHIFT],
  /** The slots in its list registers, from 1, or that with {@link LEFT_OVER}. */
  loaded: ['u16', VCPU_LIMIT * LIST_REGISTER_COUNT],

  // ---- One a vCPU ----
  queued: ['u16', VCPU_LIMIT],
  id: ['u8', VCPU_LIMIT],
  /** The INTID of its virtual timer, once that has come. */
  timer: ['u8', VCPU_LIMIT],
  /** Nothing goes into its list registers: it is off, or not ready yet. */
  isOff: ['u8', VCPU_LIMIT],
  /** GICR_WAKER, and GICR_TYPER.Last: no redistributor follows in its region. */
  asleep: ['u8', VCPU_LIMIT],
  isLast: ['u8', VCPU_LIMIT],
  /** Where its redistributor is, in pages of 4 KiB. */
  redistributorPage: ['u32', VCPU_LIMIT],

  // ---- By Microkit's ids ----
  /** Which vCPU, from 1. */
  vcpuOfId: ['u8', ID_LIMIT],
  /** The interrupt that a channel stands for, and whose it is; 0 where it stands for none. */
  passedIntid: ['u16', ID_LIMIT],
  passedVcpu: ['u8', ID_LIMIT],

  // ---- One a virtio device (`lines.ts`) ----
  /** Where its registers are, in windows of 512 bytes, from 1; 0 where they are not placed. */
  lineWindow: ['u32', LINE_LIMIT],
  /** InterruptStatus. */
  lineStatus: ['u32', LINE_LIMIT],

  // ---- One of each ----
  lineCount: ['u8', 1],
  distributorPage: ['u32', 1],
  version: ['u8', 1],
  vcpuCount: ['u8', 1],
  /** GICD_CTLR's enable bits, one a group. */
  groupEnabled: ['u8', 2],
  /** What is nobody's business but the monitor's own: faults, passed-through interrupts. */
  ownFaults: ['u8', 1],
  ownChannels: ['u8', 1],
} as const;

/** What it asks of the kernel and of its monitor. vCPUs are Microkit's ids, but for `acknowledge`. */
export interface VgicCalls {
  /** seL4_ARM_VCPU_InjectIRQ. */
  injectIrq(id: number, intid: number, priority: number, group: number, listRegister: number): void;
  /** seL4_ARM_VCPU_AckVPPI. */
  ackVppi(id: number, intid: number): void;
  irqAck(channel: number): void;
  /** CNTV_CTL_EL0. */
  timerControl(id: number): number;
  /** The guest has ended an interrupt whose owner is {@link PROGRAM}. */
  acknowledge(vcpu: number, intid: number): void;
}

export type VgicState = Cells<typeof VGIC_LAYOUT> & { readonly calls: VgicCalls };

/** That memory, its own or where it is given, with the calls. */
export function vgicState(calls: VgicCalls, memory?: ArrayBuffer, from = 0): VgicState {
  return { ...cellsOf(VGIC_LAYOUT, memory, from), calls };
}
