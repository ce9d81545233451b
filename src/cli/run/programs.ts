/** A monitor's program from its file: `vmm.elf` in the description is `vmm.ts` (or `vmm.js`) beside it. */
import type { Host } from '../../base/index.ts';
import type { ProtectionDomain } from '../../microkit/index.ts';
import type { Microkit, Program } from '../../sel4/index.ts';
import type { GuestImages } from '../../vmm/index.ts';
import { PROGRAM_ENDINGS, ProgramModules } from './program-modules.ts';

export type MonitorFactory = (microkit: Microkit, images: GuestImages) => Program;

/** The file of a domain's program on the search path; `undefined` where there is none. */
export function programFile(host: Host, pd: ProtectionDomain, directory: string): string | undefined {
  const image = pd.programImage?.path;
  if (image === undefined) return undefined;
  const base = image.replace(/\.elf$/, '');
  return PROGRAM_ENDINGS.map((ending) => host.files.join(directory, `${base}${ending}`)).find(
    (path) => host.files.status(path)?.kind === 'file',
  );
}

/** Loads a program, anew each time. What is wrong with the file comes back as a sentence. */
export function loadProgram({ files }: Host, path: string): MonitorFactory | string {
  try {
    const factory = new ProgramModules(files).load(path)['vmm'];
    return typeof factory === 'function' ? (factory as MonitorFactory) : 'it exports no function "vmm"';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
