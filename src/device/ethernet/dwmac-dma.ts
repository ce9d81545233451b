/** What the MAC's two DMA processes have in common: their states (Cyclone V TRM, "DMA controller"), and how they fail. */
import { kept, type Saved, savedParts, shape } from '../../base/index.ts';
import type { BusMaster } from '../contract.ts';
import { DescriptorList } from './dwmac-descriptors.ts';
import type { DmaInterrupt } from './dwmac-registers.ts';

/** Where a bus error happened: bits of Status.EB. */
export const BUS_ERROR = { transmit: 1, read: 2, descriptor: 4 } as const;

/** `failed`: after a bus error, until the core is reset. */
const DMA_STATES = ['stopped', 'running', 'suspended', 'failed'] as const;
export type DmaState = (typeof DMA_STATES)[number];

export interface DmaSurroundings {
  readonly master: BusMaster;
  /** How many bytes a ring has between its descriptors. */
  readonly skipBytes: () => number;
  readonly raise: (interrupt: DmaInterrupt) => void;
  readonly busError: (bits: number) => void;
}

export abstract class DmaProcess {
  state: DmaState = 'stopped';
  readonly list: DescriptorList;
  readonly #around: DmaSurroundings;
  readonly #stopped: DmaInterrupt;

  /** `stopped`: what says that it has stopped. */
  constructor(around: DmaSurroundings, stopped: DmaInterrupt) {
    this.#around = around;
    this.#stopped = stopped;
    this.list = new DescriptorList(around.master);
  }

  /** Does what there is to do. */
  abstract run(): void;

  start(): void {
    if (this.state !== 'stopped') return;
    this.state = 'running';
    this.run();
  }

  stop(): void {
    if (this.state === 'stopped' || this.state === 'failed') return;
    this.state = 'stopped';
    this.#around.raise(this.#stopped);
  }

  /** The driver says that there is something, or what it waited for has come. */
  demand(): void {
    if (this.state === 'suspended') this.state = 'running';
    this.run();
  }

  reset(): void {
    this.state = 'stopped';
    this.list.start(0);
  }

  get saved(): Saved {
    return savedParts(this.savedMembers());
  }

  /** What a snapshot holds; a process adds its own. */
  protected savedMembers(): Readonly<Record<string, Saved>> {
    return {
      state: kept(
        shape.oneOf(...DMA_STATES),
        () => this.state,
        (value) => {
          this.state = value;
        },
      ),
      list: this.list.saved,
    };
  }

  protected fail(bits: number): void {
    this.state = 'failed';
    this.#around.busError(bits);
  }
}
