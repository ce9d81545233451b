/** What a run is asked for, beside the project or description that it is of. What is named here wins over a plan. */
import type { DescriptionOptions } from './reading.ts';

/** Where a run's time comes from: the guest's instructions, or the host's clock. */
export const CLOCKS = ['virtual', 'real'] as const;

/**
 * The library that guests' monitors are written with: as the architecture has it, or as libvmm 0.2 is, on a seL4 that traps WFI.
 */
export const MONITOR_LIBRARIES = ['architecture', 'libvmm'] as const;

/** After which library monitors behave. */
export type MonitorLibrary = (typeof MONITOR_LIBRARIES)[number];

/**
 * What runs a project's programs in TypeScript: the one that drivervm runs in, with all the rights of whoever called it, or the one that they
 * have on seL4, with Microkit's calls and nothing else.
 */
export const ENGINES = ['host', 'quickjs'] as const;

/** What a person asks of a run, in the words of the flags. */
export interface RunRequest extends DescriptionOptions {
  /** The board's device tree. */
  readonly dtb?: string;
  /** `FILE`, or `VM=FILE` for one virtual machine; of images too. */
  readonly guestDtb?: readonly string[];
  readonly kernel?: readonly string[];
  readonly initrd?: readonly string[];
  /** `OWNER=FILE` or `OWNER=FILE:MODE`. */
  readonly disk?: readonly string[];
  /** `[VM:]NAME=DIR` or `[VM:]NAME=DIR:ro`. */
  readonly share?: readonly string[];
  /** Files with kernels' symbols. */
  readonly symbols?: readonly string[];
  /** The directory of a collector's register dumps. */
  readonly registers?: string;
  /** Another number of vCPUs than the description has. */
  readonly vcpus?: number;
  /** What the entropy that guests are served begins with: the same seed, the same run. */
  readonly seed?: number;
  readonly monitor?: MonitorLibrary;
  readonly engine?: (typeof ENGINES)[number];
  readonly clock?: (typeof CLOCKS)[number];
  /** A text that ends the run well when a console has said it, or `NAME:TEXT`. */
  readonly until?: string;
}
