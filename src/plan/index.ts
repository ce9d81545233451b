/**
 * The plan: from a board's tree, a payload and a request to one consistent set of decisions, each with its reason.
 * Pure: it reads no files and writes none.
 */
export { planCodes } from './diagnostics.ts';
export { applyEdits, type EditValue, encodeEditValue, type TreeEdit } from './edits.ts';
export { cpuCount, cpuEdits, PSCI_COMPATIBLES } from './guest/cpus.ts';
export { sharedDeviceCodes } from './guest/diagnostics.ts';
export { FreePlaces, type TakenPlaces } from './guest/free-places.ts';
export { gicEdits, planGic, REDISTRIBUTOR_BYTES } from './guest/gic.ts';
export { serverOf } from './guest/served.ts';
export { virtioEdits } from './guest/virtio.ts';
export type { JsonPath, JsonProblem } from './json-shape.ts';
export { makePlan, type PlanInput } from './make-plan.ts';
export { needCodes } from './needs/diagnostics.ts';
export { reasonOf } from './owners.ts';
export type { PayloadFacts } from './payload-facts.ts';
export {
  type BoardPlan,
  type CoTenant,
  type DependencyPlan,
  type DevicePlan,
  type DiskPlan,
  type DriverPlan,
  type GicPlan,
  type GuestPlan,
  type InitrdPlan,
  type InterruptPlan,
  type KernelPlan,
  type LeftOut,
  type LinkEnd,
  type LinkPlan,
  PLAN_FORMAT,
  type Plan,
  type Provenance,
  planSchema,
  planShape,
  type RamPlan,
  type RegionPlan,
  type ServedPlan,
  type SharingPlan,
  type VirtioPlan,
  type VirtualiserPlan,
} from './plan.ts';
export { findMicrokitBoard, microkitNameOf } from './platform.ts';
export { type RamBank, ramBanks } from './ram-banks.ts';
export { planReport, type ReportOptions } from './report.ts';
export { applyRequestChange } from './request/change.ts';
export { type RequestReport, requestCodes } from './request/diagnostics.ts';
export type { RequestOverrides } from './request/overrides.ts';
export { readRequest } from './request/read.ts';
export {
  completeRequest,
  DEFAULT_DISK_MODE,
  DEFAULT_KERNEL,
  DEFAULT_MONITOR_PRIORITY,
  DEFAULT_RAM_BYTES,
  DISK_MODES,
  type DiskMode,
  type DiskRequest,
  type DriverRequest,
  type FirmwareRequest,
  GUEST_PRIORITY,
  type GuestRequest,
  OUTSIDE,
  type PassRequest,
  type PlanRequest,
  type RequestFile,
  requestSchema,
  type VirtioRequest,
} from './request/request.ts';
export * as shapes from './request/shape.ts';
export { readYaml, reportTo, type YamlFile, type YamlSubject } from './request/yaml-file.ts';
export type {
  SddfBlock,
  SddfConsole,
  SddfDomain,
  SddfDriverPlan,
  SddfLink,
  SddfNet,
  SddfPlan,
  SddfRegion,
  SddfSerial,
} from './sddf/shape.ts';
export { type Selection, select } from './selectors.ts';
export { type ServedDevice, servedDevices } from './sharing.ts';
