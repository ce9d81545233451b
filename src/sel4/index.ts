/** The kernel model: Microkit's contract, the physical interrupts, vCPUs, stage 2 and faults. */
export * from './bus.ts';
export * from './events.ts';
export * from './fault.ts';
export * from './guest-space.ts';
export * from './interrupts.ts';
export * from './kernel.ts';
export * from './layout.ts';
export * from './microkit.ts';
export { ProgramError } from './microkit-calls.ts';
export { CHANNEL_LIMIT } from './protection-domain.ts';
export * from './sddf/index.ts';
export * from './time.ts';
export { VcpuObject, type VcpuRunState, VIRTUAL_TIMER_INTID } from './vcpu-object.ts';
