/**
 * What reaches a machine from outside while it runs: characters, and what a person with hands and instruments does to a board. All of
 * it between two steps of the session, so that it can be given again when the past is run again.
 */
import type { Intid } from '../base/index.ts';
import type { AccessSize } from '../device/index.ts';
import type { Machine } from '../machine/index.ts';
import type { Kernel } from '../sel4/index.ts';
import { scatter, virtualPlaces } from './virtual-memory.ts';

/** One such thing. */
export type SessionInput =
  /** Characters and `BREAK`s for a UART, by its node's path; for the console where none is named. */
  | { readonly kind: 'typed'; readonly bytes: readonly number[]; readonly uart: string | undefined }
  | BoardInput;

/** What is done to the board itself. */
export type BoardInput =
  /** An interrupt's line is held high, or let go. */
  | { readonly kind: 'line'; readonly intid: Intid; readonly level: boolean }
  /** A register is written as a guest would write it, with all that it causes. */
  | {
      readonly kind: 'register';
      readonly addr: number;
      readonly value: number;
      readonly sizeBytes: AccessSize;
    }
  /** RAM, by virtual addresses of a guest's first vCPU's at that moment. */
  | { readonly kind: 'memory'; readonly vm: string; readonly va: bigint; readonly content: Uint8Array }
  /** A card is put into its slot, or taken out, by the controller's path. */
  | { readonly kind: 'card'; readonly slot: string; readonly isIn: boolean }
  /** An Ethernet cable, likewise. */
  | { readonly kind: 'cable'; readonly socket: string; readonly isIn: boolean };

/** Does it. What there is not any more is left alone: whoever gave it has looked (`board-hands.ts`). */
export function deliverInput(
  { machine, kernel }: { readonly machine: Machine; readonly kernel: Kernel },
  input: BoardInput,
): void {
  switch (input.kind) {
    case 'line':
      machine.interrupts.line(input.intid).set(input.level);
      return;
    case 'register':
      machine.bus.write(input.addr, input.sizeBytes, input.value);
      return;
    case 'memory': {
      const vcpu = kernel.vcpus().find(({ vm }) => vm === input.vm);
      if (vcpu !== undefined) scatter(kernel.cluster, input.content, virtualPlaces(vcpu.cpu, input.va));
      return;
    }
    case 'card': {
      const slot = machine.slots.get(input.slot);
      if (slot !== undefined) slot.isCardIn = input.isIn;
      return;
    }
    case 'cable': {
      const socket = machine.sockets.get(input.socket);
      if (socket !== undefined) socket.isCableIn = input.isIn;
    }
  }
}
