/** Requests: their declaration, their reader, their JSON Schema. */

export { readRequest } from './read.ts';
export {
  DEFAULT_RAM_BYTES,
  DISK_MODES,
  type DiskRequest,
  type DriverRequest,
  GUEST_PRIORITY,
  type GuestRequest,
  OUTSIDE,
  type PlanRequest,
  type VirtioRequest,
} from './request.ts';
