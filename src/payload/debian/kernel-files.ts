/**
 * Where the parts of a kernel are in Debian's packages: up to Debian 13 all in one, linux-image-* (`/boot`, `/lib/modules`,
 * `/usr/lib/linux-image-RELEASE`); since Linux 7 in three, all below `/usr/lib/modules/RELEASE`: linux-binary-* has the kernel,
 * linux-base-* its configuration and board trees, linux-modules-* its modules.
 */
import type { Host } from '../../base/index.ts';

export interface KernelFiles {
  readonly release: string;
  readonly imagePath: string;
  readonly configPath?: string;
  readonly systemMapPath?: string;
  /** Holds a directory of device trees for each vendor. */
  readonly boardsDirectory?: string;
  /** Each a `lib/modules/RELEASE` that holds some of what belongs there; the modules' own is the first. */
  readonly moduleDirectories: readonly string[];
  readonly hasModules: boolean;
}

/** The kernel in one unpacked package, or in several that belong together; `undefined` where none has one. */
export function findKernelFiles(
  { files }: Host,
  packageDirectories: readonly string[],
): KernelFiles | undefined {
  const { join } = files;
  const isThere = (path: string): boolean => files.status(path) !== undefined;
  const namesIn = (directory: string): readonly string[] => (isThere(directory) ? files.list(directory) : []);
  const roots = packageDirectories.flatMap((directory) => [
    ...namesIn(join(directory, 'boot'))
      .filter((name) => name.startsWith('vmlinuz-'))
      .map((name) => ({ release: name.slice('vmlinuz-'.length), imagePath: join(directory, 'boot', name) })),
    ...namesIn(join(directory, 'usr/lib/modules')).map((release) => ({
      release,
      imagePath: join(directory, 'usr/lib/modules', release, 'vmlinuz'),
    })),
  ]);
  const found = roots.find(({ imagePath }) => isThere(imagePath));
  if (found === undefined) return undefined;
  const { release } = found;
  const first = (...paths: readonly string[]): string | undefined =>
    packageDirectories
      .flatMap((directory) => paths.map((path) => join(directory, path)))
      .find((path) => isThere(path));
  const own = `usr/lib/modules/${release}`;
  const configPath = first(`boot/config-${release}`, `${own}/config`);
  const systemMapPath = first(`boot/System.map-${release}`, `${own}/System.map`);
  const boardsDirectory = first(`usr/lib/linux-image-${release}`, `${own}/dtb`);
  const moduleDirectories = packageDirectories
    .flatMap((directory) => [join(directory, own), join(directory, `lib/modules/${release}`)])
    .filter((directory) => isThere(directory));
  const hasKernel = (directory: string): boolean => isThere(join(directory, 'kernel'));
  return {
    ...found,
    ...(configPath === undefined ? {} : { configPath }),
    ...(systemMapPath === undefined ? {} : { systemMapPath }),
    ...(boardsDirectory === undefined ? {} : { boardsDirectory }),
    moduleDirectories: [
      ...moduleDirectories.filter(hasKernel),
      ...moduleDirectories.filter((directory) => !hasKernel(directory)),
    ],
    hasModules: moduleDirectories.some(hasKernel),
  };
}
