/** Requests: their declaration, their reader, their JSON Schema. */
export { requestCodes } from './diagnostics.ts';
export type { RequestOverrides } from './overrides.ts';
export { readRequest } from './read.ts';
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
  type PassRequest,
  type PlanRequest,
  type RequestFile,
  requestSchema,
  type VirtioRequest,
} from './request.ts';
