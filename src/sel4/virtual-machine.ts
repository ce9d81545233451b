/** A virtual machine as the kernel runs it: the domain that monitors it, its vCPUs and its stage 2. */
import type { GuestSpace } from './guest-space.ts';
import type { ProtectionDomain } from './protection-domain.ts';
import type { VcpuObject } from './vcpu-object.ts';

export interface VirtualMachine {
  readonly name: string;
  readonly monitor: ProtectionDomain;
  readonly priority: number;
  readonly vcpus: readonly VcpuObject[];
  readonly space: GuestSpace;
}
