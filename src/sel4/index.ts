/** The kernel model over a machine: Microkit's contract, domains, interrupts' handlers, vCPUs, stage 2 and faults. */
export * from './events.ts';
export * from './fault.ts';
export * from './guest-space.ts';
export * from './kernel.ts';
export * from './layout.ts';
export * from './microkit.ts';
export { ProgramError } from './microkit-calls.ts';
export { systemLayout, virtualTimerIntid } from './system-layout.ts';
export { VcpuObject, type VcpuRunState, VIRTUAL_TIMER_INTID } from './vcpu-object.ts';
