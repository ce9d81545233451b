/** Boards: from a device tree to a machine: its devices, bus, interrupt lines, RAM and time. */
export type { BusAccess, BusWatcher, BusWindow } from './bus.ts';
export { INTID_LIMIT, type InterruptCount, PhysicalInterrupts, type Trigger } from './interrupts.ts';
export { createMachine, type Machine, type MachineDevice, type MachineOptions } from './machine.ts';
export { DEVICE_MODELS, type DeviceModel, modelFor } from './models.ts';
export type { PhysicalBus } from './physical-bus.ts';
export { type MissedDma, PhysicalMemory, type PhysicalRam } from './physical-memory.ts';
export {
  type MachineTime,
  RealTime,
  type RealTimeOptions,
  VirtualTime,
  type VirtualTimeOptions,
} from './time.ts';
