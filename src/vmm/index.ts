/** The monitor library: what a driver VM's `vmm.ts` is written with. */
export { GuestMonitor, type MonitorOptions } from './guest-monitor.ts';
export { GuestRam, type GuestRamRegion } from './guest-ram.ts';
export { LibvmmMonitor } from './libvmm/monitor.ts';
export {
  type GuestImages,
  type ImagePlacement,
  type PlacedImages,
  placeLinuxImages,
} from './linux-images.ts';
export { type MmioHandler, MmioMap } from './mmio.ts';
export { Monitor } from './monitor.ts';
export { type AccessSyndrome, accessSyndrome, EC, exceptionClass } from './syndrome.ts';
export type { VgicFrames } from './vgic/device.ts';
export type { VirqAcknowledge } from './virq.ts';
export * from './virtio/index.ts';
