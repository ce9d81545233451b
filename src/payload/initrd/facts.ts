/** What a ramdisk says of the kernel that it belongs to. */
import type { CpioEntry, InitrdMember } from '../cpio/reader.ts';
import { MODULE_FILE } from '../modules/modinfo.ts';

/** What a ramdisk holds that matters to a plan: modules and what they drive. */
export interface InitrdFacts {
  readonly entryCount: number;
  readonly unpackedBytes: number;
  /** Kernel releases that it has modules for: the names below `lib/modules`. */
  readonly moduleReleases: readonly string[];
  readonly moduleCount: number;
  readonly hasInit: boolean;
}

const MODULES = /^(?:usr\/)?lib\/modules\/([^/]+)\//;

export function initrdFacts(members: readonly InitrdMember[]): InitrdFacts {
  const entries: readonly CpioEntry[] = members.flatMap((member) => member.entries);
  const modules = entries.filter((entry) => MODULE_FILE.test(entry.path));
  const releases = entries.map((entry) => MODULES.exec(entry.path)?.[1]).filter((name) => name !== undefined);
  return {
    entryCount: entries.length,
    unpackedBytes: entries.reduce((total, entry) => total + entry.sizeBytes, 0),
    moduleReleases: [...new Set(releases)].sort(),
    moduleCount: modules.length,
    hasInit: entries.some((entry) => entry.path === 'init'),
  };
}
