/**
 * A monitor's program from its file: `vmm.elf` in the description is `vmm.ts` (or `vmm.js`) beside it. TypeScript is run
 * as it stands; `drivervm/…` in its imports is this very installation, so that both see the same classes.
 */
import { register } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { Host } from '../../base/index.ts';
import type { ProtectionDomain } from '../../microkit/index.ts';
import type { Microkit, Program } from '../../sel4/index.ts';
import type { GuestImages } from '../../vmm/index.ts';

export type MonitorFactory = (microkit: Microkit, images: GuestImages) => Program;

const ENDINGS = ['.ts', '.js', '.mjs'] as const;

/** The file of a domain's program on the search path; `undefined` where there is none. */
export function programFile(host: Host, pd: ProtectionDomain, directory: string): string | undefined {
  const image = pd.programImage?.path;
  if (image === undefined) return undefined;
  const base = image.replace(/\.elf$/, '');
  return ENDINGS.map((ending) => host.files.join(directory, `${base}${ending}`)).find(
    (path) => host.files.status(path)?.kind === 'file',
  );
}

let registered = false;
let loads = 0;

/** Loads a program. What is wrong with the file comes back as a sentence. */
export async function loadProgram(path: string): Promise<MonitorFactory | string> {
  if (!registered) register('./typescript-hooks.js', import.meta.url);
  registered = true;
  try {
    // A module is loaded once for each address: the number makes an edited file a new one.
    loads += 1;
    const module: Record<string, unknown> = await import(`${pathToFileURL(path).href}?${loads}`);
    const factory = module['vmm'];
    return typeof factory === 'function' ? (factory as MonitorFactory) : 'it exports no function "vmm"';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
