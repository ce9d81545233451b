/** Running a system on the simulated board: the session, what it records, and the account of it. */
export {
  accountOf,
  type DroppedInterruptAccount,
  formatAccount,
  type InterruptAccount,
  type RegionAccount,
  type RunAccount,
  type UnclaimedAccount,
  type VcpuAccount,
} from './account.ts';
export { driveLine, moveCable, moveCard, pokeMemory, pokeRegister, sendBreak } from './board-hands.ts';
export { Consoles, type ConsolesOptions } from './console/consoles.ts';
export { KERNEL_MESSAGE_ROWS, type KernelMessage, kernelMessageOf } from './console/kernel-messages.ts';
export { type ConsoleSource, consoleSources } from './console/sources.ts';
export { TextWatch } from './console/text-watch.ts';
export { ConsoleView, type ConsoleViewOptions } from './console/view.ts';
export { CodeMap } from './coverage/code-map.ts';
export { type CoveredFiles, coveredFunctions, coveredLines } from './coverage/covered.ts';
export { ExecutedInstructions } from './coverage/executed.ts';
export { lcovText } from './coverage/lcov.ts';
export { type DebuggedGuest, Debugger, type Going, type Halt } from './debugger.ts';
export { diagnose, diagnosePoll, type RunFacts } from './diagnose.ts';
export { type GuestAccess, runCodes } from './diagnostics.ts';
export { type DriveOptions, drive, QUIET_SECONDS, type RunEnd } from './drive.ts';
export {
  inspectDevices,
  inspectInterrupts,
  inspectMemory,
  inspectRegisters,
  inspectVcpus,
} from './inspect.ts';
export { GuestMemory, guestMemoryOf } from './log/guest-memory.ts';
export { kernelLog } from './log/kernel-log.ts';
export { type LogFindings, logFindings } from './log/log-findings.ts';
export { type GuestSymbols, PcNames } from './pc-names.ts';
export { Profile } from './profile.ts';
export {
  type GuestPlace,
  type RecordedPoll,
  RunRecord,
  type UnansweredFault,
  type UnclaimedAccess,
} from './record.ts';
export { type PlannedGuest, selectorOf } from './remedies.ts';
export { Session, type SessionOptions, type SessionStatus } from './session.ts';
export type { BoardInput, SessionInput } from './session-input.ts';
export { type AddedPlace, type SharedGuest, treeWithShares } from './shares.ts';
export { fitsSnapshot, readSnapshot, writeSnapshot } from './snapshot.ts';
export {
  type GuestPayload,
  type GuestPlacement,
  guestRamMaps,
  idleProgram,
  initrdWindow,
  type MonitorClass,
  placeGuest,
  standardMonitor,
  vgicFramesOf,
} from './standard-monitor.ts';
export { StandardVirtio } from './standard-virtio.ts';
export {
  DEFAULT_TRACE,
  formatOfFile,
  parseTrace,
  stopsVcpus,
  TRACE_KINDS,
  type TracedGuest,
  type TraceEvent,
  type TraceFormat,
  type TraceFormatName,
  type TraceKind,
  Tracer,
  type TracerParts,
  type TraceSink,
  type TraceSpec,
  type TraceValue,
  textLine,
  traceFormat,
} from './trace/index.ts';
export { descriptionWithVcpus, treeWithVcpus, type VcpuFacts } from './vcpus.ts';
