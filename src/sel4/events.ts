/** What the kernel tells whoever watches: for traces, for the account at a run's end, and for tests. */
import type { ChannelId, Intid, VcpuId } from '../base/index.ts';
import type { Fault } from './fault.ts';
import type { GuestEnd } from './microkit.ts';

/** Something that the kernel did, told as it happens. */
export type KernelEvent =
  | { readonly kind: 'irq'; readonly intid: Intid; readonly pd: string; readonly channel: ChannelId }
  /** A line that rose and that the description gives to nobody. */
  | { readonly kind: 'irq-unhandled'; readonly intid: Intid }
  | {
      readonly kind: 'fault';
      readonly vm: string;
      readonly vcpu: VcpuId;
      readonly fault: Fault;
      readonly pc: bigint;
      /** Whether the monitor replied; if not, the vCPU stays where it is. */
      readonly resumed: boolean;
    }
  | {
      readonly kind: 'vcpu-started' | 'vcpu-stopped';
      readonly vm: string;
      readonly vcpu: VcpuId;
      readonly pc: bigint;
    }
  /** A domain runs for a channel's sake. */
  | { readonly kind: 'notified'; readonly pd: string; readonly channel: ChannelId }
  /** A vCPU's turn is over. */
  | {
      readonly kind: 'turn';
      readonly vm: string;
      readonly vcpu: VcpuId;
      readonly startNs: number;
      readonly endNs: number;
      readonly instructions: number;
    }
  /** A monitor let a virtual interrupt come to nothing. */
  | { readonly kind: 'interrupt-dropped'; readonly vm: string; readonly vcpu: VcpuId; readonly intid: Intid }
  /** A domain or a virtual machine is ready and never gets its turn, since a guest of higher priority idles in WFI. */
  | { readonly kind: 'starved'; readonly name: string; readonly by: string }
  /** The virtual timer's event comes back as often as it is acknowledged, before the guest runs an instruction. */
  | { readonly kind: 'timer-storm'; readonly vm: string; readonly vcpu: VcpuId; readonly intid: Intid }
  | { readonly kind: 'print'; readonly pd: string; readonly text: string }
  /** A program broke Microkit's rules or threw; its domain runs no more. */
  | { readonly kind: 'pd-failed'; readonly pd: string; readonly message: string }
  | { readonly kind: 'guest-ended'; readonly vm: string; readonly reason: GuestEnd };

/** Hears every event; must not step the kernel. */
export type KernelListener = (event: KernelEvent) => void;
