/** A program in its protection domain: what the C around the engine calls for each of Microkit's entry points. */
import type { Microkit, Program } from '../sel4/index.ts';
import { type GuestImages, MonitorProgram } from '../vmm/index.ts';
import { FaultMessages, faultWords } from './fault-message.ts';
import type { EmbeddedLayout } from './layout.ts';
import { microkitOf } from './microkit.ts';
import type { Natives } from './natives.ts';
import { readProtected, writeProtected } from './protected-message.ts';
import { unansweredText } from './unanswered.ts';

/** Microkit's entry points, of plain values: the fault's words are in {@link Natives.message}. */
export interface EmbeddedDomain {
  init(): void;
  notified(channel: number): void;
  /** A protected call, its message in {@link Natives.faults}, where the answer is then. */
  protected(channel: number): void;
  /** Whether the child is to go on. */
  fault(child: number, label: number): boolean;
  /** The board's devices have been reset, as the guest asked. Whether it was started anew; a run alone calls this. */
  restart(): boolean;
}

/**
 * Makes a domain of a program: a monitor's `vmm`, or any other that takes a {@link Microkit} alone. Several domains may run one program;
 * which of the layouts is this one's, its name says.
 */
export function embeddedDomain(
  natives: Natives,
  layouts: readonly EmbeddedLayout[],
  programOf: (microkit: Microkit, images: GuestImages) => Program,
): EmbeddedDomain {
  const layout = layouts.find(({ name }) => name === natives.name);
  if (layout === undefined) throw new RangeError(`the program was not built for a domain ${natives.name}`);
  const { microkit, registers, requests } = microkitOf(natives, layout);
  const words = faultWords(natives.faults).message;
  const messages = new FaultMessages(natives.faultLabels, natives.faults);
  let program: Program | undefined;
  return {
    init() {
      program = programOf(microkit, imagesOf(natives));
      program.init();
      registers.flush();
      // From here on what was compiled comes first, where nothing of the program's own would see less of it.
      if (program instanceof MonitorProgram) program.answerDirectly(microkit);
    },
    notified(channel) {
      program?.notified(channel);
      registers.flush();
    },
    protected(channel) {
      const answer = program?.protected?.(channel, readProtected(words));
      registers.flush();
      writeProtected(words, answer ?? { label: 0, words: [] });
    },
    fault(child, label) {
      const fault = messages.read(label);
      const goesOn = fault !== undefined && program?.fault?.(child, fault) === true;
      if (requests.isRestartWanted) {
        requests.isRestartWanted = false;
        // It starts anew; its old fault is never replied to.
        if (requests.restart?.() !== true) natives.dbgPuts(`${natives.name}: the guest can't be restarted\n`);
        registers.flush();
        return false;
      }
      // A run says itself who stays where.
      if (!goesOn && natives.guestEnded === undefined) {
        const text = unansweredText(child, fault, label, microkit.vcpuRegisters(child));
        natives.dbgPuts(`${natives.name}: ${text}`);
      }
      registers.flush();
      return goesOn;
    },
    restart() {
      const isStarted = requests.restart?.() === true;
      registers.flush();
      return isStarted;
    },
  };
}

function imagesOf(natives: Natives): GuestImages {
  const image = (name: string): Uint8Array | undefined => {
    const buffer = natives.image(name);
    return buffer === undefined ? undefined : new Uint8Array(buffer);
  };
  const initrd = image('initrd');
  return {
    kernel: image('kernel') ?? new Uint8Array(),
    dtb: image('dtb') ?? new Uint8Array(),
    ...(initrd === undefined ? {} : { initrd }),
  };
}
