/** A guest on the Odroid C4 with its UART and a little more, planned in a directory: what several tests of whole commands run. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { drivervm } from './command.ts';

export interface OdroidProject {
  readonly name: string;
  /** Besides what the ramdisk has anyhow. */
  readonly modules?: readonly string[];
  /** As a request has them: `[net]`. */
  readonly virtio?: string;
}

/** Fetches the payload, plans the guest; gives the project's directory. */
export async function planOdroid(
  directory: string,
  { name, modules = [], virtio }: OdroidProject,
): Promise<string> {
  const file = (part: string): string => join(directory, part);
  const chosen = modules.length === 0 ? [] : ['--modules', modules.join(',')];
  await drivervm(['payload', 'debian', ...chosen, '-o', file('payload')]);
  writeFileSync(
    file('request.yaml'),
    `name: ${name}
board: { dtb: payload/dtbs/amlogic/meson-sm1-odroid-c4.dtb, microkit: odroidc4 }
guests:
  - { name: guest, kernel: payload/Image, initrd: payload/initrd.cpio, ram: { size: 256 MiB }, pass: [serial0],
      bootargs: console=ttyAML0 cryptomgr.notests${virtio === undefined ? '' : `, virtio: ${virtio}`} }
`,
  );
  const project = file('project');
  await drivervm(['plan', file('request.yaml'), '-o', project]);
  return project;
}
