/** The programs that come with drivervm, in a protection domain on seL4: without a host behind them. */
import type { BlockStore } from '../device/index.ts';
import type { ProgramMaker, ProgramResources } from '../sddf/index.ts';
import type { Microkit, Program, ProgramFactory } from '../sel4/index.ts';
import type { Natives } from './natives.ts';

/** What a component is told beside its symbols. */
export interface ComponentOptions
  extends Pick<ProgramResources, 'macAddresses' | 'reaches' | 'shares' | 'consoles'> {
  /** The domains whose disk, which is in the program, may not be written to. */
  readonly readOnly: ReadonlySet<string>;
}

/**
 * A program for {@link Natives.name}: a disk is the file of the domain's name in the program, and there are no
 * random bytes, since nothing that every board has makes any.
 */
export function componentProgram(
  natives: Natives,
  maker: ProgramMaker,
  { readOnly, ...options }: ComponentOptions,
): ProgramFactory {
  const { name } = natives;
  const disk = natives.image(name);
  const stores = disk === undefined ? undefined : new Map([[name, memoryStore(disk, readOnly.has(name))]]);
  const program = maker(name, {
    ...options,
    ...(stores === undefined ? {} : { stores }),
    seed: 'none',
  });
  return program ?? withoutDisk;
}

function withoutDisk(microkit: Microkit): Program {
  return {
    init: () => microkit.dbgPuts(`${microkit.name}: there is no disk in this program\n`),
    notified() {},
  };
}

/** Writes stay in memory: they are gone when the board is turned off. */
function memoryStore(buffer: ArrayBuffer, readOnly: boolean): BlockStore {
  const bytes = new Uint8Array(buffer);
  return {
    sizeBytes: bytes.length,
    readOnly,
    read: (offset, target) => target.set(bytes.subarray(offset, offset + target.length)),
    write: (offset, content) => bytes.set(content, offset),
    flush() {},
  };
}
