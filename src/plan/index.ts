/**
 * The plan: from a board's tree, a payload and a request to one consistent set of decisions, each with its reason.
 * Pure: it reads no files and writes none.
 */

export { planCodes } from './diagnostics.ts';
export { applyEdits, type EditValue, encodeEditValue, type TreeEdit } from './edits.ts';
export { cpuCount, cpuEdits, PSCI_COMPATIBLES } from './guest/cpus.ts';
export { gicEdits, planGic, REDISTRIBUTOR_BYTES } from './guest/gic.ts';
export type { JsonPath, JsonProblem } from './json-shape.ts';
export { makePlan, type PlanInput } from './make-plan.ts';
export { reasonOf } from './owners.ts';
export type { PayloadFacts } from './payload-facts.ts';
export * from './plan.ts';
export { findMicrokitBoard, microkitNameOf } from './platform.ts';
export { planReport, type ReportOptions } from './report.ts';
export * from './request/index.ts';
export { type Selection, select } from './selectors.ts';
export { type ServedDevice, servedDevices } from './sharing.ts';
