/** The kernel model over a machine: Microkit's contract, domains, interrupts' handlers, vCPUs, stage 2 and faults. */

export type { KernelEvent, KernelListener } from './events.ts';
export type {
  Fault,
  FaultLabel,
  UnknownSyscall,
  UserException,
  VcpuFault,
  VgicMaintenance,
  VmFault,
  VppiEvent,
} from './fault.ts';
export { GuestSpace, type MappingUse } from './guest-space.ts';
export {
  type DebugStop,
  Kernel,
  type KernelOptions,
  type KernelStatistics,
  type StepOutcome,
} from './kernel.ts';
export {
  type ChannelEndLayout,
  type IrqLayout,
  type MapLayout,
  type PdLayout,
  type RegionLayout,
  type SystemLayout,
  symbolsOf,
  type VmLayout,
} from './layout.ts';
export { MESSAGE_WORDS_MAX, type Message } from './message.ts';
export {
  type GuestEnd,
  HOST_CHANNEL,
  type MappedRegion,
  type Microkit,
  type Program,
  type ProgramFactory,
  type RegisterWindow,
  type VcpuRegisters,
} from './microkit.ts';
export { ProgramError } from './microkit-calls.ts';
export { systemLayout, virtualTimerIntid } from './system-layout.ts';
export { VcpuObject, type VcpuRunState, VIRTUAL_TIMER_INTID } from './vcpu-object.ts';
