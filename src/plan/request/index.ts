/** Requests: their declaration, their reader, their JSON Schema. */
export { nearest, requestCodes } from './diagnostics.ts';
export { readRequest } from './read.ts';
export {
  completeRequest,
  DEFAULT_KERNEL,
  DEFAULT_MONITOR_PRIORITY,
  DEFAULT_RAM_BYTES,
  type DiskRequest,
  type DriverRequest,
  type FirmwareWish,
  type GuestRequest,
  type PassRequest,
  type PlanRequest,
  type RequestFile,
  requestSchema,
  type VirtioKind,
  type VirtioRequest,
} from './request.ts';
