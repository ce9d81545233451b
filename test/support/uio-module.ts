/**
 * Linux's own driver for "generic-uio" nodes, `uio_pdrv_genirq`, as a module for Debian 12's arm64 kernel, which is built without it: from the
 * kernel's source and headers of the same version, by clang. What those headers ask of gcc alone is left out.
 */
import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeCpio } from '../../src/payload/cpio/writer.ts';
import { debianDrivers, debianKernelPackage, debianPackage } from './debian.ts';
import { filesUnder } from './files.ts';
import { runOracle } from './oracles.ts';

const NAME = 'uio_pdrv_genirq';
const COMPILER = `#!/bin/sh
for each in "$@"; do
  shift
  case "$each" in -fconserve-stack | -ftrivial-auto-var-init=zero) ;; *) set -- "$@" "$each" ;; esac
done
exec clang --target=aarch64-linux-gnu "$@" -Wno-unknown-warning-option
`;
const BINUTILS = 'aarch64-linux-gnu-';

export interface UioModule {
  readonly release: string;
  readonly content: Uint8Array;
}

/** The module, built below this directory. */
export async function buildUioModule(directory: string): Promise<UioModule> {
  const kernel = await debianKernelPackage();
  const release = /vmlinuz-(\S+)$/.exec(
    filesUnder(join(kernel, 'boot')).find((path) => path.includes('vmlinuz-')) ?? '',
  )?.[1];
  if (release === undefined) throw new Error(`${kernel} holds no kernel`);
  const common = release.replace(/-arm64$/, '-common');
  const trees = {
    own: `linux-headers-${release}`,
    common: `linux-headers-${common}`,
    tools: 'linux-kbuild-6.1',
  };
  for (const name of Object.values(trees)) {
    // The tools run here: they are this machine's.
    const source =
      name === trees.tools ? hostPackage(name, directory) : (await debianPackage(name)).directory;
    cpSync(source, directory, { recursive: true, verbatimSymlinks: true });
  }
  const [headers, module, compiler] = [
    join(directory, 'usr', 'src', trees.own),
    join(directory, 'module'),
    join(directory, 'cc'),
  ];
  writeFileSync(
    join(headers, 'Makefile'),
    `include ${join(directory, 'usr', 'src', trees.common, 'Makefile')}\n`,
  );
  mkdirSync(module, { recursive: true });
  cpSync(join(await debianDrivers(), 'drivers', 'uio', `${NAME}.c`), join(module, `${NAME}.c`));
  writeFileSync(join(module, 'Kbuild'), `obj-m := ${NAME}.o\n`);
  writeFileSync(compiler, COMPILER);
  chmodSync(compiler, 0o755);
  const tools = ['OBJCOPY', 'NM', 'STRIP'].map((tool) => `${tool}=${BINUTILS}${tool.toLowerCase()}`);
  const made = runOracle('make', [
    '-C',
    headers,
    `M=${module}`,
    'ARCH=arm64',
    `CC=${compiler}`,
    'LD=ld.lld',
    ...tools,
    'modules',
  ]);
  if (made.status !== 0) throw new Error(`${NAME} was not built:\n${made.stderr}`);
  return { release, content: readFileSync(join(module, `${NAME}.ko`)) };
}

/** A package of this machine's own suite, unpacked. */
function hostPackage(name: string, directory: string): string {
  const place = join(directory, name);
  mkdirSync(place, { recursive: true });
  const fetched = runOracle('sh', [
    '-c',
    `cd "${place}" && apt-get download -qq ${name} && dpkg-deb -x ${name}_*.deb unpacked`,
  ]);
  if (fetched.status !== 0) throw new Error(`${name}: ${fetched.stderr}`);
  return join(place, 'unpacked');
}

/** A ramdisk with the module as its last: the kernel unpacks an archive behind another's over that. */
export function withUioModule(
  initrd: Uint8Array,
  { release, content }: UioModule,
  listed: readonly string[],
): Uint8Array {
  const file = (path: string, bytes: Uint8Array) => ({ path, mode: 0o100644, content: bytes });
  const list = [...listed, `${NAME}.ko`].map((each) => `${each}\n`).join('');
  return Buffer.concat([
    initrd,
    writeCpio([
      file(`lib/modules/${release}/${NAME}.ko`, content),
      file('etc/modules', new TextEncoder().encode(list)),
    ]),
  ]);
}
