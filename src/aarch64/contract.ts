/**
 * What the rooms above program against: a cluster of AArch64 vCPUs over one `WebAssembly.Memory`, its stage 2, and the
 * reasons for which a vCPU stops running. Arm ARM DDI 0487, EL1 and EL0 of an Armv8.0-A processor with the extensions
 * that its ID registers advertise. There is no EL2 inside: whoever holds the cluster is EL2 and above.
 *
 * Several vCPUs share one host thread and run in turns, each for a number of instructions, so that the same turns give
 * the same run. Numbers: register values and virtual addresses are `bigint`; guest physical addresses (IPAs), sizes and
 * instruction counts are safe-integer `number`s; syndromes and MMIO values are u32 `number`s.
 */

import type { ClusterIndex, Ipa, Saved } from '../base/index.ts';
import type { WasmMemory } from '../wasm/index.ts';

/** What an access does; `execute` is an instruction fetch. */
export type AccessKind = 'read' | 'write' | 'execute';

/** Stage 2 permissions. */
export interface Permissions {
  readonly read: boolean;
  readonly write: boolean;
  readonly execute: boolean;
}

/**
 * A device behind stage 2, called inside the run loop. Values are u32; accesses of 8 and 16 bytes come as words in order
 * of address, `sizeBytes` is 1, 2 or 4. `ipa` is the address that the guest gave. What a device does may raise
 * interrupt lines; the vCPU looks at them before the next block of instructions.
 */
export interface MmioDevice {
  read(ipa: Ipa, sizeBytes: 1 | 2 | 4, vcpu: Vcpu): number;
  write(ipa: Ipa, sizeBytes: 1 | 2 | 4, value: number, vcpu: Vcpu): void;
}

/**
 * A guest's stage 2: what each IPA is. Ranges are multiples of 4 KiB; mapping over a range replaces what was there;
 * what is not mapped makes the vCPU leave with a {@link Stage2FaultExit}. A change takes effect at once on every vCPU
 * that uses it.
 */
export interface Stage2 {
  /** Maps RAM; `ramOffset` is an offset into the cluster's memory as {@link RamRegion} gives it. */
  mapRam(ipa: Ipa, sizeBytes: number, ramOffset: number, permissions: Permissions): void;
  mapDevice(ipa: Ipa, sizeBytes: number, permissions: Permissions, device: MmioDevice): void;
  unmap(ipa: Ipa, sizeBytes: number): void;
  /** The offset in the cluster's memory of the RAM at `ipa`, or `undefined` where there is none. */
  ramOffsetOf(ipa: Ipa): number | undefined;
}

/** A stretch of RAM in the cluster's memory. `bytes` is a live view of it. */
export interface RamRegion {
  readonly offset: number;
  readonly sizeBytes: number;
  readonly bytes: Uint8Array;
}

/** The system counter behind CNTPCT_EL0 and CNTVCT_EL0, which the machine owns. */
export interface SystemCounter {
  /** CNTFRQ_EL0. */
  readonly frequencyHz: number;
  /**
   * The count at this moment. `retired` is how many instructions the vCPU that reads has run since it was made, the one
   * that reads among them; a virtual clock derives the count from it, a real one ignores it.
   */
  count(vcpu: Vcpu, retired: number): bigint;
}

/** A system register as `MRS` and `MSR` encode it: op0, op1, CRn, CRm, op2 (Arm ARM C5.1.2). */
export interface SystemRegisterEncoding {
  readonly op0: number;
  readonly op1: number;
  readonly crn: number;
  readonly crm: number;
  readonly op2: number;
}

/**
 * Registers that the machine has and the CPU has not: the interrupt controller's `ICC_*`, whatever else is trapped.
 * Asked inside the run loop for every register that the CPU's own table doesn't hold.
 * `'trap'` makes the vCPU leave with a {@link SystemRegisterExit}; `'undefined'` is an UNDEFINED instruction.
 */
export interface SystemRegisterPort {
  read(vcpu: Vcpu, register: SystemRegisterEncoding): bigint | 'trap' | 'undefined';
  write(vcpu: Vcpu, register: SystemRegisterEncoding, value: bigint): 'done' | 'trap' | 'undefined';
}

/** An instruction that the guest ran and that is not allocated or not advertised. The guest gets its exception. */
export interface UndefinedInstruction {
  readonly vcpuIndex: ClusterIndex;
  readonly pc: bigint;
  readonly opcode: number;
  /** The opcode's assembly if it is only forbidden here (an EL, a trap), else `undefined`. */
  readonly assembly: string | undefined;
}

/** What a cluster is made with; what is absent is off. */
export interface CpuClusterOptions {
  readonly vcpuCount: number;
  /** Sizes of the RAM regions to allocate, in order; multiples of 4 KiB. All of it must fit in a 4 GiB memory. */
  readonly ramSizesBytes: readonly number[];
  /**
   * Indexes of the RAM regions of which whoever stores in them, but for vCPUs, calls `ramWritten`: guest RAM. Of these, what was never
   * written is never looked at, neither for a snapshot nor to clear it, so that the host need not have memory for it.
   */
  readonly announcedRam?: readonly number[];
  readonly counter: SystemCounter;
  readonly systemRegisters?: SystemRegisterPort;
  /** GICv3: ID_AA64PFR0_EL1.GIC says that `ICC_*` exist, and the port above is asked for them. */
  readonly gicSystemRegisters?: boolean;
  /** Told once for each address and opcode. */
  readonly onUndefined?: (instruction: UndefinedInstruction) => void;
  /**
   * The memory's first bytes, and its last 64 KiB, are lent to a module that is linked to lie at address 0 and to have all of a memory: an
   * engine for programs, which then sees RAM where it is. None if not given.
   */
  readonly lentBytes?: number;
  /** How many pages of decoded instructions are kept (16 KiB each); 4096 if not given. */
  readonly decodedPages?: number;
  /** Hot code is translated, if given: what the guest sees is the same. */
  readonly translation?: TranslationOptions;
  /**
   * Told of each instruction at EL1 when it is about to be executed for the first time where it lies in RAM, and now and then again.
   * Code is then decoded an instruction at a time, so that what was decoded is what was executed; what the guest sees is the same. Not
   * together with translations of other runs, which nobody decodes.
   */
  readonly onFirstExecution?: (vcpu: number, pc: bigint) => void;
}

/** When code is hot, and how much of it is translated at once. */
export interface TranslationOptions {
  /** Arrivals after which an instruction is translated from: a power of two. */
  readonly threshold: number;
  /** Regions in a module. */
  readonly batch: number;
  /** Instructions in a region at most. */
  readonly limit: number;
  /**
   * What {@link CpuCluster.translations} gave in an earlier run of the same build: used wherever the same code is met again. Empty where
   * there is nothing yet; where it is absent nothing is kept.
   */
  readonly kept?: Uint8Array;
}

/** The budget is used up, or the vCPU was asked to stop early ({@link Vcpu.requestStop}). */
export interface BudgetExit {
  readonly kind: 'budget';
}

/** `WFI` with no interrupt pending; the PC is past it. Run again when a line is raised. */
export interface WfiExit {
  readonly kind: 'wfi';
}

/** `WFE` with no event registered, or `YIELD` while a turn is wanted: another vCPU should have it. The PC is past it. */
export interface WfeExit {
  readonly kind: 'wfe';
}

/** `SMC` at EL1. The PC is at the instruction: add 4 to go on (as a trap by HCR_EL2.TSC, Arm ARM D1.3). */
export interface SmcExit {
  readonly kind: 'smc';
  readonly immediate: number;
  /** The syndrome as ESR_EL2 would hold it (EC 0x17). */
  readonly esr: number;
}

/** `HVC` at EL1. The PC is past the instruction. */
export interface HvcExit {
  readonly kind: 'hvc';
  readonly immediate: number;
  /** The syndrome as ESR_EL2 would hold it (EC 0x16). */
  readonly esr: number;
}

/** The part of a data abort's syndrome that describes the access, where the architecture gives it (ISV = 1). */
export interface AccessSyndrome {
  readonly sizeBytes: 1 | 2 | 4 | 8;
  readonly signExtend: boolean;
  /** The register loaded or stored; 31 is the zero register. */
  readonly srt: number;
  /** Whether it is a 64-bit register. */
  readonly sixtyFour: boolean;
}

/** An access that stage 2 doesn't map or doesn't allow. The PC is at the instruction, which has changed nothing. */
export interface Stage2FaultExit {
  readonly kind: 'stage2';
  readonly access: AccessKind;
  readonly ipa: Ipa;
  readonly va: bigint;
  /** The syndrome as ESR_EL2 would hold it (EC 0x24 or 0x20), with ISV, SAS, SSE, SRT, SF and S1PTW. */
  readonly esr: number;
  /** Whether something is mapped there and only the permission is missing. */
  readonly permission: boolean;
  /** Present for the loads and stores of one register without writeback (Arm ARM D17.2.37, ISV). */
  readonly syndrome: AccessSyndrome | undefined;
  /** For a write with a syndrome: the value, cut to the access's size. */
  readonly value: bigint | undefined;
}

/** `MRS` or `MSR` of a register for which the port said `'trap'`. The PC is at the instruction: add 4 to go on. */
export interface SystemRegisterExit {
  readonly kind: 'system-register';
  readonly register: SystemRegisterEncoding;
  readonly direction: 'read' | 'write';
  /** The general register, 31 for XZR. */
  readonly rt: number;
  /** For a write: its value. */
  readonly value: bigint;
  /** The syndrome as ESR_EL2 would hold it (EC 0x18). */
  readonly esr: number;
}

/** `HLT`, which no debugger claims. The PC is at the instruction. */
export interface HaltExit {
  readonly kind: 'halt';
  readonly immediate: number;
}

/** What a debugger outside asked to stop for. The PC is at an instruction that has not run; run again to go on there. */
export type DebugExit =
  | { readonly kind: 'debug'; readonly reason: 'breakpoint' }
  | {
      readonly kind: 'debug';
      readonly reason: 'watchpoint';
      /** The first byte that is watched. */
      readonly va: bigint;
      readonly write: boolean;
    }
  /** As many instructions are retired as {@link Vcpu.stopAtRetired} says. */
  | { readonly kind: 'debug'; readonly reason: 'retired' };

/** What a debugger outside the guest waits for, by virtual addresses of whatever address space is in use. */
export interface DebugPoints {
  readonly breakpoints: readonly bigint[];
  readonly watchpoints: readonly {
    readonly va: bigint;
    readonly sizeBytes: number;
    readonly loads: boolean;
    readonly stores: boolean;
  }[];
}

/** Why a vCPU stopped running. */
export type VcpuExit =
  | BudgetExit
  | DebugExit
  | WfiExit
  | WfeExit
  | SmcExit
  | HvcExit
  | Stage2FaultExit
  | SystemRegisterExit
  | HaltExit;

/** The virtual timer as a machine needs it to plan: when `enabled`, its line is high from the count `compare` on. */
export interface TimerState {
  readonly enabled: boolean;
  /** CNTV_CTL_EL0.IMASK: the condition is there but the line is held low. */
  readonly masked: boolean;
  /** CNTV_CVAL_EL0. */
  readonly compare: bigint;
  /** CNTVOFF: CNTVCT_EL0 is the counter's count minus this. */
  readonly offset: bigint;
}

/** One virtual processor. */
export interface Vcpu {
  /** Its position in the cluster. */
  readonly index: ClusterIndex;
  /** MPIDR_EL1 as the guest reads it; settable before the first run. */
  mpidr: bigint;
  /** The stage 2 that its accesses go through; nothing can run before it is set. */
  stage2: Stage2 | undefined;

  /**
   * Runs up to about `instructionBudget` instructions: it stops at the first end of a block at or after it.
   * The same state, budget and inputs always stop at the same instruction.
   */
  run(instructionBudget: number): VcpuExit;
  /** Makes a `run` that is under way (this is called from a device or a port) stop at the end of the block. */
  requestStop(): void;

  /**
   * Whether somebody else could use a turn; so it is at first. `YIELD` leaves if so. If not it goes on, and {@link yielded}
   * says that there was one.
   */
  turnWanted: boolean;
  /** Whether the last `run` came past a `YIELD` without leaving. */
  readonly yielded: boolean;

  /** The virtual IRQ and FIQ inputs: levels. */
  setIrq(level: boolean): void;
  setFiq(level: boolean): void;
  /** A pending virtual SError, taken when PSTATE.A allows. */
  setSError(level: boolean): void;

  /** X0–X30; 31 is the zero register. */
  x(register: number): bigint;
  setX(register: number, value: bigint): void;
  /** The stack pointer in use. */
  sp: bigint;
  pc: bigint;
  /** PSTATE in SPSR_EL1's form (NZCV, DAIF, SS, IL, M). */
  pstate: number;
  /** V0–V31. */
  v(register: number): bigint;
  setV(register: number, value: bigint): void;
  /** A system register by its architectural name, `TTBR0_EL1` for example; throws on a name that it doesn't have. */
  system(name: string): bigint;
  setSystem(name: string, value: bigint): void;

  /** Back to reset: EL1h, MMU and caches off, all exceptions masked, general registers 0. */
  reset(): void;

  readonly virtualTimer: TimerState;
  readonly physicalTimer: TimerState;
  setVirtualOffset(offset: bigint): void;
  /** Called when a timer's control or compare value was written or its mask changed, inside the run loop. */
  onTimerWritten: ((vcpu: Vcpu) => void) | undefined;

  /** Finishes a load that left with a {@link Stage2FaultExit}: the register gets `value`, extended, and the PC moves on. */
  completeRead(exit: Stage2FaultExit, value: bigint): void;
  /** Finishes a store, or skips an instruction. */
  skipInstruction(): void;
  /** Gives the guest a synchronous external abort for the access that left with this exit, as a bus error would. */
  injectExternalAbort(exit: Stage2FaultExit): void;
  /** Gives the guest an UNDEFINED exception at the PC. */
  injectUndefined(): void;

  /** What a debugger outside waits for, instead of what was set before. The guest can't see it, and runs the same instructions. */
  setDebugPoints(points: DebugPoints): void;
  /** Leaves by a {@link DebugExit} where so many instructions are retired, to the instruction. */
  stopAtRetired: number | undefined;
  /** The IPA of a VA, whoever may read it: for debuggers. */
  locate(va: bigint): number | undefined;

  /** Translates a VA as the vCPU's present state would, for traces; `undefined` where that faults. */
  translate(va: bigint, access: AccessKind): { readonly ipa: Ipa } | undefined;
  /** Instructions retired since it was made. */
  readonly retired: number;
  readonly statistics: VcpuStatistics;
}

/** Counts since the vCPU was made, for accounts and benchmarks. */
export interface VcpuStatistics {
  readonly retired: number;
  readonly exceptions: number;
  readonly tlbMisses: number;
  readonly mmioAccesses: number;
  readonly pagesDecoded: number;
  readonly instructionsDecoded: number;
}

/** vCPUs and their RAM. Made by `createCpuCluster`. */
export interface CpuCluster {
  readonly memory: WasmMemory;
  readonly ram: readonly RamRegion[];
  readonly vcpus: readonly Vcpu[];
  createStage2(): Stage2;
  /** To be called after anything but a vCPU wrote RAM (a loader, a device's DMA), so that stale code is forgotten. */
  ramWritten(offset: number, sizeBytes: number): void;
  /** Zeroes RAM as `ramWritten` would have it. */
  clearRam(offset: number, sizeBytes: number): void;
  /**
   * The pages of RAM that hold decoded code, by how often execution jumped into them, the most entered first: what a
   * translator would begin with, and what an account can name by symbol. Counts begin anew when decoded pages are reused.
   */
  hotPages(): readonly { readonly ramOffset: number; readonly entries: number }[];
  /** What was translated, for later runs of the same build; `undefined` where they would gain little. */
  translations(): Uint8Array | undefined;
  /** The architectural state of all vCPUs and the contents of RAM; decoded code and TLBs are not in it. */
  readonly saved: Saved;
}
