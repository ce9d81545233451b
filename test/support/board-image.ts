/**
 * Images of boards as distributions lay them out, made with Debian's own tools: files, partitions, filesystems, U-Boot's
 * wrappers. The kernels in them are headers and banners, the modules are names.
 */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { FILE_TYPE, writeCpio } from '../../src/payload/index.ts';
import { smallImage } from './kernel-image.ts';
import { runOracle } from './oracles.ts';

/** What lies at a path: content, or where a symbolic link leads. */
export type Layout = Readonly<Record<string, Uint8Array | string | { readonly link: string }>>;

/** A directory of a test's own, with the programs that turn layouts into images. */
export class Workbench {
  readonly directory = mkdtempSync(join(tmpdir(), 'drivervm-board-'));
  #count = 0;

  path(name: string): string {
    return join(this.directory, name);
  }

  remove(): void {
    rmSync(this.directory, { recursive: true });
  }

  /** A layout as a directory. */
  lay(layout: Layout): string {
    const top = this.path(`tree-${this.#count++}`);
    for (const [path, content] of Object.entries(layout)) {
      const target = join(top, path);
      mkdirSync(dirname(target), { recursive: true });
      if (typeof content === 'object' && 'link' in content) symlinkSync(content.link, target);
      else writeFileSync(target, content);
    }
    return top;
  }

  /** An ext filesystem that holds a directory; returns the image's path. */
  ext(top: string, sizeMib: number, flags: readonly string[] = []): string {
    const image = this.path(`ext-${this.#count++}`);
    this.#run('mke2fs', [
      '-q',
      ...(flags.includes('-t') ? [] : ['-t', 'ext4']),
      ...flags,
      '-d',
      top,
      image,
      `${sizeMib}M`,
    ]);
    return image;
  }

  /** A FAT filesystem that holds a layout. */
  fat(layout: Layout, sizeMib: number, flags: readonly string[] = []): string {
    const image = this.path(`fat-${this.#count++}`);
    const top = this.lay(layout);
    this.#run('mkfs.fat', ['-C', ...flags, image, `${sizeMib * 1024}`]);
    this.#run('sh', ['-c', `mcopy -s -i "$1" "$2"/* ::`, 'sh', image, top]);
    return image;
  }

  /** A disk with these filesystems in its partitions. */
  disk(label: 'dos' | 'gpt', filesystems: readonly string[]): string {
    const image = this.path(`disk-${this.#count++}`);
    const sectors = filesystems.map((path) => statSync(path).size / 512);
    const total = sectors.reduce((sum, count) => sum + count, 4096);
    writeFileSync(image, '');
    this.#run('truncate', ['-s', `${total * 512}`, image]);
    let start = 2048;
    const lines = sectors.map((count) => {
      const line = `start=${start}, size=${count}, type=${label === 'dos' ? '83' : 'L'}`;
      start += count;
      return line;
    });
    const script = `label: ${label}\n${label === 'dos' ? 'label-id: 0x1234abcd\n' : ''}${lines.join('\n')}\n`;
    const made = runOracle('sfdisk', ['-q', image], Buffer.from(script));
    if (made.status !== 0) throw new Error(made.stderr);
    let at = 2048;
    for (const [index, path] of filesystems.entries()) {
      this.#run('dd', [
        `if=${path}`,
        `of=${image}`,
        'bs=512',
        `seek=${at}`,
        'conv=notrunc,sparse',
        'status=none',
      ]);
      at += sectors[index] ?? 0;
    }
    return image;
  }

  /** Bytes in U-Boot's wrapper. */
  uboot(type: 'ramdisk' | 'script' | 'kernel', content: Uint8Array | string): Uint8Array {
    const [input, output] = [this.path('uboot-in'), this.path('uboot-out')];
    writeFileSync(input, content);
    const args = ['-A', 'arm64', '-O', 'linux', '-T', type, '-C', 'none', '-n', type, '-d', input, output];
    this.#run('mkimage', args);
    return runOracle('cat', [output]).stdout;
  }

  copy(path: string, name: string): string {
    copyFileSync(path, this.path(name));
    return this.path(name);
  }

  #run(program: string, args: readonly string[]): void {
    const made = runOracle(program, args);
    if (made.status !== 0) throw new Error(`${program} ${args.join(' ')}: ${made.stderr}`);
  }
}

export function compress(program: string, content: Uint8Array): Uint8Array {
  return runOracle(program, program === 'zstd' ? ['-qc'] : ['-c'], content).stdout;
}

/** A ramdisk with an /init and a module of that release. */
export function smallInitrd(release: string): Uint8Array {
  return writeCpio([
    { path: 'init', mode: FILE_TYPE.file | 0o755, content: new TextEncoder().encode('#!/bin/sh\n') },
    {
      path: `usr/lib/modules/${release}/kernel/fs/ext4.ko`,
      mode: FILE_TYPE.file | 0o644,
      content: new Uint8Array(9),
    },
  ]);
}

export const ARMBIAN_RELEASE = '6.6.16-current-meson64';
export const ARMBIAN_ROOT_UUID = '0a1b2c3d-0001-4002-8003-0123456789ab';

/** The shape of Armbian's own script: defaults, then the user's environment, then what is loaded. */
const ARMBIAN_SCRIPT = `# made for a test
setenv load_addr "0x32000000"
setenv rootdev "/dev/mmcblk1p1"
setenv verbosity "1"
setenv console "both"
setenv rootfstype "ext4"
if test -e \${devtype} \${devnum} \${prefix}armbianEnv.txt; then
	load \${devtype} \${devnum} \${load_addr} \${prefix}armbianEnv.txt
	env import -t \${load_addr} \${filesize}
fi
if test "\${console}" = "display" || test "\${console}" = "both"; then setenv consoleargs "console=tty1"; fi
if test "\${console}" = "serial" || test "\${console}" = "both"; then setenv consoleargs "console=ttyAML0,115200 \${consoleargs}"; fi
setenv bootargs "root=\${rootdev} rootwait rootfstype=\${rootfstype} \${consoleargs} loglevel=\${verbosity} \${extraargs}"
load \${devtype} \${devnum} \${kernel_addr_r} \${prefix}Image
load \${devtype} \${devnum} \${ramdisk_addr_r} \${prefix}uInitrd
load \${devtype} \${devnum} \${fdt_addr_r} \${prefix}dtb/\${fdtfile}
booti \${kernel_addr_r} \${ramdisk_addr_r} \${fdt_addr_r}
`;

/** A root filesystem as Armbian lays it out, /boot inside it. */
export function armbianLayout(bench: Workbench, dtb: Uint8Array): Record<string, Layout[string]> {
  return {
    'etc/fstab': `UUID=${ARMBIAN_ROOT_UUID} / ext4 defaults 0 1\n`,
    'boot/vmlinuz-6.6.16-current-meson64': smallImage(ARMBIAN_RELEASE, 100_000),
    'boot/Image': { link: 'vmlinuz-6.6.16-current-meson64' },
    'boot/uInitrd-6.6.16-current-meson64': bench.uboot(
      'ramdisk',
      compress('zstd', smallInitrd(ARMBIAN_RELEASE)),
    ),
    'boot/uInitrd': { link: 'uInitrd-6.6.16-current-meson64' },
    'boot/config-6.6.16-current-meson64': 'CONFIG_ARM64=y\n',
    'boot/dtb-6.6.16-current-meson64/amlogic/meson-sm1-odroid-c4.dtb': dtb,
    'boot/dtb-6.6.16-current-meson64/amlogic/meson-g12b-odroid-n2.dtb': dtb,
    'boot/dtb': { link: 'dtb-6.6.16-current-meson64' },
    'boot/armbianEnv.txt': `verbosity=7\nrootdev=UUID=${ARMBIAN_ROOT_UUID}\nfdtfile=amlogic/meson-sm1-odroid-c4.dtb\nextraargs=cma=256M\n`,
    'boot/boot.cmd': ARMBIAN_SCRIPT,
    'boot/boot.scr': bench.uboot('script', ARMBIAN_SCRIPT),
    'usr/lib/modules/6.6.16-current-meson64/kernel/fs/ext4.ko': 'a module',
    'usr/lib/modules/6.6.16-current-meson64/modules.dep': '',
    lib: { link: 'usr/lib' },
  };
}
