/** What `run` says of events as they happen: always what a monitor prints, the rest where it is asked for. */
import { hex } from '../../base/index.ts';
import type { Fault, KernelEvent } from '../../sel4/index.ts';

export const TRACES = ['irq', 'fault', 'vcpu'] as const;
export type TraceName = (typeof TRACES)[number];

/** One line for an event, or `undefined` where nobody asked. `show`: a program counter of a virtual machine, as text. */
export function describeEvent(
  event: KernelEvent,
  traces: readonly TraceName[],
  show: (vm: string, pc: bigint) => string,
): string | undefined {
  switch (event.kind) {
    case 'print':
      return `${event.pd}: ${event.text.trimEnd()}`;
    case 'irq':
      return traces.includes('irq')
        ? `irq ${event.intid} to channel ${event.channel} of ${event.pd}`
        : undefined;
    case 'fault':
      return traces.includes('fault')
        ? `fault of vCPU ${event.vcpu} of ${event.vm} at ${show(event.vm, event.pc)}: ${describeFault(event.fault)}${event.resumed ? '' : ', not answered'}`
        : undefined;
    case 'vcpu-started':
    case 'vcpu-stopped':
      return traces.includes('vcpu')
        ? `vCPU ${event.vcpu} of ${event.vm} ${event.kind === 'vcpu-started' ? 'starts' : 'stops'} at ${show(event.vm, event.pc)}`
        : undefined;
    default:
      return undefined;
  }
}

function describeFault(fault: Fault): string {
  switch (fault.label) {
    case 'VMFault':
      return `VMFault address ${hex(fault.addr)} syndrome ${hex(fault.fsr)}`;
    case 'VCPUFault':
      return `VCPUFault syndrome ${hex(fault.hsr)}`;
    case 'VPPIEvent':
      return `VPPIEvent ${fault.irq}`;
    case 'VGICMaintenance':
      return `VGICMaintenance list register ${fault.index}`;
    default:
      return fault.label;
  }
}
