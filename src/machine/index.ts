/** Boards: from a device tree to a machine: its devices, bus, interrupt lines, RAM and time. */

export * from './bus.ts';
export * from './interrupts.ts';
export * from './machine.ts';
export { DEVICE_MODELS, type DeviceModel, modelFor } from './models.ts';
export * from './physical-bus.ts';
export * from './physical-memory.ts';
export * from './time.ts';
