/** The programs that share devices among clients, after sDDF's shape: native drivers, virtualisers, and their queues. */
export * from './block-queue.ts';
export * from './block-virtualiser.ts';
export { entropyVirtualiser } from './entropy-virtualiser.ts';
export * from './network-queue.ts';
export * from './network-virtualiser.ts';
export { builtInProgram, type ProgramResources } from './programs.ts';
export * from './serial-queue.ts';
export * from './serial-virtualisers.ts';
export { peerOf, regionOf } from './symbols.ts';
export { type UartHardware, uartDriver } from './uart/driver.ts';
export { meson } from './uart/meson.ts';
export { pl011 } from './uart/pl011.ts';
