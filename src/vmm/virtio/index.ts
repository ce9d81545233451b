/** virtio over MMIO for guests: the transport, split virtqueues, and console, block and network devices. */
export type { VirtioDevice, VirtqueueUse } from './device.ts';
export { VirtioMmio } from './transport.ts';
