/** The monitor library: what a driver VM's `vmm.ts` is written with. */
export { GuestRam, type GuestRamRegion } from './guest-ram.ts';
export {
  type GuestImages,
  type ImagePlacement,
  type PlacedImages,
  placeLinuxImages,
} from './linux-images.ts';
export { type MmioHandler, MmioMap } from './mmio.ts';
export { Monitor, type MonitorOptions } from './monitor.ts';
export { type AccessSyndrome, accessSyndrome, EC, exceptionClass } from './syndrome.ts';
export type { VgicFrames } from './vgic/device.ts';
export type { VirqAcknowledge } from './virq.ts';
export * from './virtio/index.ts';
