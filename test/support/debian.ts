/** Real inputs for tests: Debian's arm64 kernel package and kernel source, unpacked. */
import { filesUnder } from './files.ts';

const NOT_THERE =
  'set DRIVERVM_DEBIAN to a directory with the unpacked packages in kernel/ and linux-source/';

function unpacked(name: string): string {
  const inputs = process.env['DRIVERVM_DEBIAN'];
  if (inputs === undefined) throw new Error(NOT_THERE);
  return `${inputs}/${name}`;
}

/** The unpacked `linux-image-*-arm64` package: `boot/`, `lib/modules/`, `usr/lib/linux-image-…/`. */
export async function debianKernelPackage(): Promise<string> {
  return unpacked('kernel');
}

/** The board device trees of that package: file name to path, 577 of them in Debian 12. */
export async function debianBoards(): Promise<ReadonlyMap<string, string>> {
  const paths = filesUnder(`${await debianKernelPackage()}/usr/lib`).filter((path) => path.endsWith('.dtb'));
  return new Map(paths.map((path) => [path.slice(path.lastIndexOf('/') + 1), path]));
}

/** The unpacked kernel source tree of the same version (`linux-source-6.1`). */
export async function debianKernelSource(): Promise<string> {
  return unpacked('linux-source');
}
