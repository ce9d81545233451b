/** The CPU: AArch64 at EL1 and EL0, each instruction defined once. `contract.ts` is what other rooms program against. */
export { createCpuCluster } from './cluster.ts';
export type {
  AccessKind,
  AccessSyndrome,
  BudgetExit,
  CpuCluster,
  CpuClusterOptions,
  DebugExit,
  DebugPoints,
  HaltExit,
  HvcExit,
  MmioDevice,
  Permissions,
  RamRegion,
  SmcExit,
  Stage2,
  Stage2FaultExit,
  SystemCounter,
  SystemRegisterEncoding,
  SystemRegisterExit,
  SystemRegisterPort,
  TimerState,
  TranslationOptions,
  UndefinedInstruction,
  Vcpu,
  VcpuExit,
  VcpuStatistics,
  WfeExit,
  WfiExit,
} from './contract.ts';
export { disassemble } from './disassemble.ts';
export { SYSTEM_REGISTER_NAMES } from './system/registers.ts';
export { GRANULES_BYTES } from './translation/stage1.ts';
export { DEFAULT_TRANSLATION } from './translator/translator.ts';
