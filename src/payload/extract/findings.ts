/** What was found in a source: kernels, ramdisks, trees, modules, boot configurations. */
import type { BootEntry, TreeStep } from '../boot/entry.ts';
import type { ByteSource } from '../bytes/source.ts';
import type { Volume } from '../filesystem/volumes.ts';
import type { InitrdFacts } from '../initrd/facts.ts';
import type { UnwrappedKernel } from '../kernel/unwrap.ts';

/** A file in a volume. */
export interface FoundFile {
  readonly volume: Volume;
  readonly path: string;
}

export type FoundKernel = FoundFile &
  UnwrappedKernel & {
    /** Where it is in a bundle: the configurations that boot it. */
    readonly configurations?: readonly FoundConfiguration[];
    /** All that are in the bundle, which may be laid over another one (`#conf#more`). */
    readonly allConfigurations?: readonly FoundConfiguration[];
  };

export interface FoundInitrd extends FoundFile {
  readonly facts: InitrdFacts;
  /** The ramdisk itself, out of U-Boot's wrapper. */
  readonly content: ByteSource;
  readonly wrappers: readonly string[];
}

export interface FoundTree extends FoundFile {
  /** Where it is in a bundle. */
  readonly content?: ByteSource;
}

/** One way to boot from a bundle, with its ramdisks looked into. */
export interface FoundConfiguration {
  readonly name: string;
  readonly isDefault: boolean;
  readonly initrds: readonly FoundInitrd[];
  /** The tree, and overlays that are laid over it. */
  readonly trees: readonly (FoundTree & { readonly content: ByteSource })[];
  readonly bootargs: string;
  readonly doubts: readonly string[];
}

export interface FoundModules extends FoundFile {
  readonly release: string;
}

export interface FoundEntry {
  readonly volume: Volume;
  readonly entry: BootEntry;
}

export interface Findings {
  readonly kernels: readonly FoundKernel[];
  readonly initrds: readonly FoundInitrd[];
  readonly trees: readonly FoundTree[];
  readonly modules: readonly FoundModules[];
  readonly entries: readonly FoundEntry[];
}

/** An overlay, or another change of the tree, with its file where it is there. */
export interface ChosenStep {
  readonly step: TreeStep;
  readonly file: FoundFile | undefined;
}
