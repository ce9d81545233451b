/** Boards: from a device tree to a machine with devices, and from a system description to what the kernel starts. */
export * from './bus.ts';
export * from './machine.ts';
export { DEVICE_MODELS, type DeviceModel, modelFor } from './models.ts';
export * from './physical-memory.ts';
export { systemLayout, virtualTimerIntid } from './system-layout.ts';
