/**
 * Real inputs for tests: Debian's arm64 kernel package and kernel source, fetched once into the cache directory and
 * unpacked there. On a machine without a mirror, DRIVERVM_DEBIAN names a directory that holds them unpacked, in
 * `kernel/` and `linux-source/`.
 */
import { DiagnosticSink, formatDiagnostic } from '../../src/base/index.ts';
import { nodeHost } from '../../src/node/host.ts';
import {
  bytesSource,
  DEFAULT_SUITE,
  fetchPackage,
  findKernelPackage,
  findPackage,
  openIsolatedApt,
  readArm64Image,
  runApt,
  type UnpackedPackage,
} from '../../src/payload/index.ts';
import { filesUnder } from './files.ts';

const host = nodeHost();

/** The source package of the kernel that {@link DEFAULT_SUITE} has, and the parts of it that tests read. */
const SOURCE_PACKAGE = 'linux-source-6.1';
const SOURCE_PARTS = [
  'arch/arm64/boot/dts',
  'arch/arm/boot/dts',
  'include',
  'Documentation/devicetree',
  'scripts/dtc',
];

/** Board sources include it through a link; an unpacked tree without it is not whole, and the package is fetched. */
const LINKED_PART = 'include/uapi/linux/input-event-codes.h';

const fetched = new Map<string, Promise<UnpackedPackage>>();

/** The package of that name or behind that metapackage, unpacked; fetched once a process. */
export function debianPackage(name: string, suite = DEFAULT_SUITE): Promise<UnpackedPackage> {
  const key = `${suite} ${name}`;
  const known = fetched.get(key) ?? fetchOnce(name, suite);
  fetched.set(key, known);
  return known;
}

async function fetchOnce(name: string, suite: string): Promise<UnpackedPackage> {
  const sink = new DiagnosticSink();
  const apt = await openIsolatedApt(host, sink, { suite });
  const found = apt === undefined ? undefined : await findKernelPackage(apt, name, sink);
  const unpacked =
    apt === undefined || found === undefined ? undefined : await fetchPackage(apt, found, sink);
  if (unpacked === undefined) throw new Error(sink.sorted().map(formatDiagnostic).join('\n'));
  return unpacked;
}

/** The unpacked `linux-image-*-arm64` package: `boot/`, `lib/modules/`, `usr/lib/linux-image-…/`. */
export async function debianKernelPackage(): Promise<string> {
  const given = process.env['DRIVERVM_DEBIAN'];
  return given === undefined ? (await debianPackage('linux-image-arm64')).directory : `${given}/kernel`;
}

/** The number that Debian counts up with each kernel that modules of the one before don't fit. */
const ABI = /-(\d+)-arm64$/;

/** All kernel packages that the mirror has, the newest first: a point release's stay behind security updates for a while. */
export async function debianKernels(): Promise<
  readonly { readonly name: string; readonly version: string }[]
> {
  const sink = new DiagnosticSink();
  const apt = await openIsolatedApt(host, sink, { suite: DEFAULT_SUITE });
  const listed = apt === undefined ? undefined : await runApt(apt, 'apt-cache', ['pkgnames', 'linux-image-']);
  const names = new TextDecoder()
    .decode(listed?.stdout)
    .split('\n')
    .filter((name) => ABI.test(name));
  const abi = (name: string) => Number(ABI.exec(name)?.[1]);
  names.sort((a, b) => abi(b) - abi(a));
  const found = apt === undefined ? [] : await Promise.all(names.map((name) => findPackage(apt, name, sink)));
  return found.flatMap((each) => (each === undefined ? [] : [{ name: each.name, version: each.version }]));
}

/** Its version as Debian counts it, such as `6.1.192-2`: what pages and counts that were made from it hold for. */
export async function debianKernelVersion(): Promise<string> {
  const directory = await debianKernelPackage();
  const image = filesUnder(`${directory}/boot`).find((path) => path.includes('/vmlinuz-'));
  if (image === undefined) throw new Error(`${directory} holds no kernel`);
  const banner = readArm64Image(bytesSource(image, host.files.read(image)))?.banner ?? '';
  const version = / Debian (\S+)/.exec(banner)?.[1];
  if (version === undefined) throw new Error(`${image} does not say its version: "${banner}"`);
  return version;
}

/** The board device trees of that package: file name to path, more than 500 of them in Debian 12. */
export async function debianBoards(): Promise<ReadonlyMap<string, string>> {
  const paths = filesUnder(`${await debianKernelPackage()}/usr/lib`).filter((path) => path.endsWith('.dtb'));
  return new Map(paths.map((path) => [path.slice(path.lastIndexOf('/') + 1), path]));
}

/** The kernel source tree of the same version (`linux-source-6.1`), as far as {@link SOURCE_PARTS} goes. */
export async function debianKernelSource(): Promise<string> {
  const given = process.env['DRIVERVM_DEBIAN'];
  if (given !== undefined && host.files.status(`${given}/linux-source/${LINKED_PART}`) !== undefined) {
    return `${given}/linux-source`;
  }
  return await unpackedSource(await debianPackage(SOURCE_PACKAGE));
}

/** The drivers of the same version, without AMD's of graphics, which are the half of all. */
export async function debianDrivers(): Promise<string> {
  return await unpackedDrivers(await debianPackage(SOURCE_PACKAGE));
}

const DRIVER_PARTS = ['drivers', 'sound'];
const WITHOUT = ['--exclude=*/drivers/gpu/drm/amd', '--exclude=*.h'];

export function unpackedDrivers(source: UnpackedPackage): Promise<string> {
  return unpackedParts(source, 'drivers', DRIVER_PARTS, WITHOUT);
}

/** The parts of a kernel source package that tests read, unpacked beside it. */
export function unpackedSource(source: UnpackedPackage): Promise<string> {
  return unpackedParts(source, 'tree', SOURCE_PARTS, []);
}

async function unpackedParts(
  { name, directory }: UnpackedPackage,
  suffix: string,
  parts: readonly string[],
  options: readonly string[],
): Promise<string> {
  const tree = `${directory}.${suffix}`;
  const isThere = (): boolean => host.files.status(tree) !== undefined;
  if (!isThere()) {
    await host.files.withLock(`${tree}.lock`, async () => {
      if (!isThere()) await unpackSource(name, `${directory}/usr/src/${name}.tar.xz`, tree, [parts, options]);
    });
  }
  return tree;
}

async function unpackSource(
  name: string,
  archive: string,
  tree: string,
  [parts, options]: readonly [readonly string[], readonly string[]],
): Promise<void> {
  const workplace = host.files.makeTemporaryDirectory(`${tree}.partial-`);
  const members = parts.map((part) => `${name}/${part}`);
  const args = ['-xJf', archive, '-C', workplace, '--strip-components=1', ...options, ...members];
  const outcome = await host.processes.run('tar', args);
  if (outcome.status !== 0) throw new Error(`tar: ${new TextDecoder().decode(outcome.stderr)}`);
  host.files.rename(workplace, tree);
}
