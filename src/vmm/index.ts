/** The monitor library: what a driver VM's `vmm.ts` is written with. */
export {
  answersEnd,
  answersNotified,
  answersTimer,
  answersVcpuFault,
  answersVmFault,
} from './direct/answers.ts';
export {
  CONTEXT_PC,
  FAULT_LAYOUT,
  type FaultCalls,
  faultState,
  ONLY_WORD,
  VM_FAULT_ADDR,
  VM_FAULT_FSR,
  VM_FAULT_IP,
  VM_FAULT_PREFETCH,
} from './direct/state.ts';
export { GuestMonitor, type MonitorOptions, MPIDR_RES1 } from './guest-monitor.ts';
export { GuestRam, type GuestRamRegion } from './guest-ram.ts';
export { LibvmmMonitor } from './libvmm/monitor.ts';
export {
  type AddedVirtioDevice,
  type GuestImages,
  type GuestWatcher,
  type ImagePlacement,
  type PlacedImages,
  placeLinuxImages,
} from './linux-images.ts';
export { type MmioHandler, MmioMap } from './mmio.ts';
export { Monitor } from './monitor.ts';
export { MonitorProgram, type ProgramParts } from './monitor-program.ts';
export { type AccessSyndrome, accessSyndrome, EC, exceptionClass } from './syndrome.ts';
export type { VgicFrames } from './vgic/device.ts';
export { VGIC_LAYOUT, type VgicCalls, vgicState } from './vgic/state.ts';
export type { VirqAcknowledge } from './virq.ts';
export {
  blockBackend,
  entropyBackend,
  networkBackend,
  QueuedBlockBackend,
  type SharedQueue,
  serialBackend,
} from './virtio/backends.ts';
export {
  type BlockAnswer,
  type BlockBackend,
  type BlockRequest,
  SECTOR_BYTES,
  VirtioBlock,
} from './virtio/block.ts';
export { type ConsoleBackend, VirtioConsole } from './virtio/console.ts';
export {
  VIRTIO_F,
  VIRTIO_ID,
  type VirtioDevice,
  type VirtioTransport,
  type VirtqueueUse,
} from './virtio/device.ts';
export { type EntropyBackend, VirtioEntropy } from './virtio/entropy.ts';
export { type NetworkBackend, VirtioNetwork } from './virtio/network.ts';
export { type NinepBackend, VirtioNinep } from './virtio/ninep.ts';
export { VIRTIO_MMIO_REGISTERS } from './virtio/registers.ts';
export { type SharedVirtioDevice, sharedVirtioDevice } from './virtio/shared.ts';
export { VIRTIO_MMIO_BYTES, VirtioMmio, type VirtioMmioParts } from './virtio/transport.ts';
export { type DescriptorChain, Virtqueue, VirtqueueError, type VirtqueueLayout } from './virtio/virtqueue.ts';
