/** The programs that share devices among clients, after sDDF's shape: native drivers, virtualisers, and their queues. */
export {
  BLOCK_CELL_BYTES,
  BLOCK_CODE,
  BLOCK_LAYOUT,
  type BlockCode,
  BlockQueue,
  type QueuedRequest,
  type StorageInfo,
} from './block-queue.ts';
export { NETWORK_LAYOUT, type NetworkDirection, NetworkQueue } from './network-queue.ts';
export type { NetworkVirtualiserOptions } from './network-virtualiser.ts';
export type { ProgramMaker, ProgramResources } from './program-resources.ts';
export { builtInProgram, isBuiltIn } from './programs.ts';
export { RING_COUNTERS } from './ring.ts';
export { SddfBlockQueue, type SddfBlockRegions, TRANSFER_BYTES } from './sddf-block-queue.ts';
export { SERIAL_LAYOUT, SerialQueue } from './serial-queue.ts';
export type { SerialOptions, SerialWatcher } from './serial-virtualisers.ts';
export { type DiskShare, servedBlockVirtualiser } from './served-block-virtualiser.ts';
export { peerOf } from './symbols.ts';
export { type UartHardware, uartDriver } from './uart/driver.ts';
