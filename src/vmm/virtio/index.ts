/** virtio over MMIO for guests: the transport, split virtqueues, and console, block and network devices. */
export {
  blockBackend,
  entropyBackend,
  networkBackend,
  QueuedBlockBackend,
  type SharedQueue,
  serialBackend,
} from './backends.ts';
export {
  type BlockAnswer,
  type BlockBackend,
  type BlockRequest,
  SECTOR_BYTES,
  VirtioBlock,
} from './block.ts';
export { type ConsoleBackend, VirtioConsole } from './console.ts';
export { VIRTIO_F, VIRTIO_ID, type VirtioDevice, type VirtioTransport } from './device.ts';
export { type EntropyBackend, VirtioEntropy } from './entropy.ts';
export { FRAME_BYTES_MAX, type NetworkBackend, VirtioNetwork } from './network.ts';
export { type SharedVirtioDevice, sharedVirtioDevice } from './shared.ts';
export { VIRTIO_MMIO_BYTES, VirtioMmio, type VirtioMmioParts } from './transport.ts';
export { type DescriptorChain, Virtqueue, VirtqueueError, type VirtqueueLayout } from './virtqueue.ts';
