/**
 * The newest that Debian has: its dtc, and its kernel's source and boards. What is read there is not what a release has
 * for good: a test that counts or lists must say for which Linux it does ({@link newestLinux} says which it is).
 */

import { debianPackage, unpackedDrivers, unpackedSource } from './debian.ts';
import { filesUnder } from './files.ts';

const NEWEST_SUITE = 'sid';

/** A program and the arguments that come before one's own. */
export interface Oracle {
  readonly command: string;
  readonly args: readonly string[];
}

/** Debian's newest dtc, run by QEMU with the libraries that it needs. */
export async function newestDtc(): Promise<Oracle> {
  const names = ['device-tree-compiler', 'libc6', 'libfdt1', 'libyaml-0-2'];
  const [dtc = '', libc = '', ...others] = await Promise.all(
    names.map(async (name) => (await debianPackage(name, NEWEST_SUITE)).directory),
  );
  const libraries = [libc, ...others].map((directory) => `${directory}/usr/lib/aarch64-linux-gnu`);
  return {
    command: 'qemu-aarch64-static',
    args: [
      `${libc}/usr/lib/ld-linux-aarch64.so.1`,
      '--library-path',
      libraries.join(':'),
      `${dtc}/usr/bin/dtc`,
    ],
  };
}

export interface NewestLinux {
  /** Such as `7.2`. */
  readonly release: string;
  /** Its source tree, as far as tests read it. */
  readonly source: string;
  /** The blobs that its own dtc made: file name to path, overlays too. */
  readonly blobs: ReadonlyMap<string, string>;
}

/** The package that `linux-source` depends on. */
async function newestSource(): Promise<string | undefined> {
  const { depends } = await debianPackage('linux-source', NEWEST_SUITE);
  return depends.find((name) => name.startsWith('linux-source-'));
}

/** The newest kernel's drivers. */
export async function newestDrivers(): Promise<string> {
  return await unpackedDrivers(await debianPackage((await newestSource()) ?? '', NEWEST_SUITE));
}

export async function newestLinux(): Promise<NewestLinux> {
  const named = await newestSource();
  const image = await debianPackage('linux-image-arm64', NEWEST_SUITE);
  const base = image.depends.find((name) => name.startsWith('linux-base-'));
  if (named === undefined || base === undefined)
    throw new Error('Debian keeps its kernel’s parts otherwise now');
  const source = await unpackedSource(await debianPackage(named, NEWEST_SUITE));
  const { directory } = await debianPackage(base, NEWEST_SUITE);
  const blobs = filesUnder(directory).filter((path) => /\.dtbo?$/.test(path));
  return {
    release: named.slice('linux-source-'.length),
    source,
    blobs: new Map(blobs.map((path) => [path.slice(path.lastIndexOf('/') + 1), path])),
  };
}
