/** Protection domains that share devices among clients, after sDDF's shape: UART drivers, virtualisers, and their queues. */
export * from './block-queue.ts';
export * from './block-virtualiser.ts';
export * from './network-queue.ts';
export * from './network-virtualiser.ts';
export * from './serial-queue.ts';
export * from './serial-virtualisers.ts';
export { peerOf, regionOf } from './symbols.ts';
export * from './uart-drivers.ts';
