/** What this room says about the files it is given. `where` names the part of a file: `"initrd", member 2`. */
import { declareDiagnostics, diagnostic, formatSize, hex } from '../base/index.ts';

interface Doubt {
  readonly text: string;
  readonly reason: string;
  readonly about: string;
  /** Where there are more of the kind. */
  readonly places?: string;
}

/** What reading kernels, ramdisks, images and filesystems reports (`payload/…`). */
export const payloadCodes = declareDiagnostics('payload', {
  'unknown-module': diagnostic<{ name: string; directory: string }>({
    severity: 'error',
    message: ({ name, directory }) =>
      `the kernel has no module ${name} below ${directory}, and none built in`,
    hint: () => 'modules are named as lsmod and modprobe name them',
    explanation: 'A name in --modules is neither a module of this kernel nor compiled into it.',
  }),
  'no-compiler': diagnostic<{ missing: readonly string[] }>({
    severity: 'error',
    message: ({ missing }) =>
      `the program that serves disks can't be compiled: this machine has no ${missing.join(', no ')}`,
    hint: () =>
      'clang with lld, or gcc for aarch64-linux-gnu with its binutils, makes it; without --server none is needed',
    explanation:
      'A guest that serves a disk runs a program of drivervm\'s (runtime/linux), which "payload debian --server" compiles for AArch64.',
  }),
  'server-not-built': diagnostic<{ tool: string; reason: string }>({
    severity: 'error',
    message: ({ tool, reason }) => `${tool} does not make the program that serves disks of this: ${reason}`,
    hint: () => 'a newer compiler may',
    explanation:
      'The compiler or the linker that "payload debian --server" found refused the program\'s source.',
  }),
  'not-a-kernel': diagnostic<{ path: string; found: string }>({
    severity: 'error',
    message: ({ path, found }) => `${path} is no arm64 kernel Image but ${found}`,
    hint: () => 'give the Image, vmlinuz or Image.gz of an arm64 kernel',
    explanation:
      'A kernel for seL4 guests is an arm64 Image (Linux, Documentation/arm64/booting.rst), possibly compressed or inside an EFI zboot file.',
  }),
  'not-bare': diagnostic<{ reason: string }>({
    severity: 'error',
    message: ({ reason }) => `no Image can be made of it: ${reason}`,
    hint: () => 'give a flat binary or an ELF executable for arm64; "payload inspect" says what a file is',
    explanation:
      'An Image can be made of a program that runs by itself from its first byte, or of an ELF file with segments to load and an entry point.',
  }),
  'cut-short': diagnostic<{ what: string; missingBytes: number }>({
    severity: 'error',
    message: ({ what, missingBytes }) =>
      `the ${what} is cut short: ${formatSize(missingBytes)} more should follow`,
    hint: () => 'copy or download the file again',
    explanation: 'A length in the file points past its end.',
  }),
  corrupt: diagnostic<{ what: string; reason: string }>({
    severity: 'error',
    message: ({ what, reason }) => `the ${what} is damaged: ${reason}`,
    hint: () => 'copy or download the file again',
    explanation: 'The file breaks the rules of its own format.',
  }),
  checksum: diagnostic<{ what: string; kind: string; expected: number; actual: number }>({
    severity: 'error',
    message: ({ what, kind, expected, actual }) =>
      `the ${what} is damaged: its ${kind} says ${hex(expected)}, the content has ${hex(actual)}`,
    hint: () => 'copy or download the file again',
    explanation: 'A checksum that the file carries does not agree with what it covers.',
  }),
  unsupported: diagnostic<{ what: string; reason: string }>({
    severity: 'error',
    message: ({ what, reason }) => `the ${what} can't be read: ${reason}`,
    explanation:
      'The file is in order as far as can be told, but uses a feature that drivervm does not read.',
  }),
  'too-large': diagnostic<{ what: string; limitBytes: number }>({
    severity: 'error',
    message: ({ what, limitBytes }) =>
      `the ${what} holds more than ${formatSize(limitBytes)}, which is the limit here`,
    explanation:
      'Decompressed or listed content is larger than any payload has reason to be; a small file can hold a great deal of it.',
  }),
  'unsafe-path': diagnostic<{ what: string; path: string }>({
    severity: 'error',
    message: ({ what, path }) =>
      `the ${what} has an entry that leads out of it, ${JSON.stringify(path)}; it is left out`,
    explanation:
      'Unpacking a path that is absolute or contains ".." would write outside the place it is unpacked in.',
  }),
  'too-many': diagnostic<{ what: string; limit: number }>({
    severity: 'error',
    message: ({ what, limit }) => `the ${what} has more than ${limit} entries, which is the limit here`,
    explanation: 'More files than any payload has; small inputs can claim very many.',
  }),
  'dirty-filesystem': diagnostic<void>({
    severity: 'warning',
    message: () => 'the ext4 filesystem was not unmounted; it is read as it lies, without its journal',
    hint: () => 'the newest changes may be missing; boot the board once, shut it down and copy again',
    explanation:
      'The journal holds changes that are not in their places yet. Replaying it would mean to write.',
  }),
  'gpt-backup': diagnostic<{ problem: string }>({
    severity: 'warning',
    message: ({ problem }) => `the GUID partition table is damaged (${problem}); its backup is used`,
    explanation:
      'The table at the front of the image does not agree with its checksums, the one at the end does.',
  }),
  'partition-outside': diagnostic<{ number: number; missingBytes: number }>({
    severity: 'error',
    message: ({ number, missingBytes }) =>
      `partition ${number} ends ${formatSize(missingBytes)} behind the end of the image`,
    hint: () => 'copy or download the image again',
    explanation: 'The image was cut short, or its table is made up.',
  }),
  'no-filesystem': diagnostic<{ what: string }>({
    severity: 'error',
    message: ({ what }) => `no filesystem that can be read here: ${what}`,
    hint: () =>
      'ext2, ext3, ext4 and FAT are read, and FIT, Android and U-Boot images; mount anything else read-only and give its directory',
    explanation: 'The image or partition holds a filesystem that drivervm does not read, or none.',
  }),
  'partition-unread': diagnostic<{ what: string; kind: 'squashfs' | 'chromeos' | 'other' }>({
    severity: 'warning',
    message: ({ what }) => `it holds ${what}, which is not read here: what is in it was not looked at`,
    hint: ({ kind }) =>
      kind === 'squashfs'
        ? 'if it has a kernel or a boot configuration: unpack it with unsquashfs and give the directory'
        : kind === 'chromeos'
          ? 'a Chromebook boots this and nothing else: take out its FIT with "futility vbutil_kernel --get-vmlinuz", and give that'
          : 'if it has a kernel or a boot configuration: mount it read-only and give the directory',
    explanation:
      'Another partition of the image could be read. A root filesystem has no part in what the loader boots, unless its /boot is in use.',
  }),
  'no-kernel': diagnostic<{ volumes: string }>({
    severity: 'error',
    message: ({ volumes }) => `no arm64 kernel was found${volumes === '' ? '' : ` in ${volumes}`}`,
    hint: () => 'kernels are looked for in /boot of a root filesystem and everywhere on a boot partition',
    explanation:
      'Neither an Image nor one inside gzip, xz, zstd, lz4, bzip2, zboot or a U-Boot image is there.',
  }),
  'kernel-not-found': diagnostic<{ wanted: string; paths: string }>({
    severity: 'error',
    message: ({ wanted, paths }) => `no kernel is called ${wanted}; there are ${paths}`,
    explanation: '--kernel takes the path, the file name or the release of a kernel that was found.',
  }),
  'dtb-not-found': diagnostic<{ wanted: string; count: number }>({
    severity: 'error',
    message: ({ wanted, count }) => `no device tree is called ${wanted}; ${count} others are there`,
    explanation: '--dtb takes the path or the file name of a device tree that was found.',
  }),
  'dtb-not-chosen': diagnostic<{ count: number }>({
    severity: 'warning',
    message: ({ count }) =>
      `the boot configuration names none of the ${count} device trees, so none is taken`,
    hint: () => 'name one with --dtb',
    explanation: 'U-Boot knows its board and picks the file by that; the image alone does not say.',
  }),
  'kernel-misnamed': diagnostic<{ path: string; named: string; release: string }>({
    severity: 'warning',
    message: ({ path, named, release }) => `${path} is called ${named} but is Linux ${release}`,
    explanation:
      'The release in the file name is not the one that the kernel gives itself, by which it finds its modules.',
  }),
  'kernel-big-endian': diagnostic<{ path: string }>({
    severity: 'warning',
    message: ({ path }) =>
      `${path} is a big-endian kernel, which neither seL4 guests nor their monitors support`,
    explanation: 'Flag bit 0 of the Image header.',
  }),
  'kernel-without-modules': diagnostic<{ release: string; releases: string }>({
    severity: 'warning',
    message: ({ release, releases }) =>
      `Linux ${release} has no modules here; there are modules for ${releases}`,
    hint: () => 'choose the kernel whose modules are there with --kernel, or install its modules',
    explanation:
      'The kernel looks for /lib/modules/RELEASE and finds nothing, so drivers that are modules are missing.',
  }),
  'modules-without-kernel': diagnostic<{ release: string }>({
    severity: 'note',
    message: ({ release }) => `there are modules for ${release}, but no such kernel`,
    explanation: 'Left over from an update, or the kernel is on a partition that was not given.',
  }),
  'initrd-of-other-kernel': diagnostic<{ initrd: string; releases: string; release: string }>({
    severity: 'error',
    message: ({ initrd, releases, release }) =>
      `${initrd} has modules for ${releases}, but the kernel is Linux ${release}`,
    hint: () =>
      'take the ramdisk that was made for this kernel, or the kernel that it was made for with --kernel',
    explanation:
      'A kernel does not load modules of another release: it would boot without the drivers of its root device.',
  }),
  'boot-file-missing': diagnostic<{ label: string; role: string; path: string }>({
    severity: 'warning',
    message: ({ label, role, path }) => `"${label}" boots the ${role} ${path}, which is not there`,
    explanation: 'The boot configuration names a file that none of the filesystems has.',
  }),
  'initrd-unread': diagnostic<{ label: string; path: string }>({
    severity: 'warning',
    message: ({ label, path }) =>
      `"${label}" boots the ramdisk ${path}, which is no ramdisk that can be read here`,
    explanation:
      'It is neither a cpio archive, plain or compressed, nor in a wrapper of U-Boot; it is left out.',
  }),
  'tree-unread': diagnostic<{ path: string; what: string }>({
    severity: 'warning',
    message: ({ path, what }) =>
      `the device tree ${path} is no device tree that can be read here, but ${what}; no tree is taken`,
    hint: () => "correct its name in the boot configuration, or name the board's tree with --dtb",
    explanation:
      'What is named as the tree is something else, or damaged. A kernel that is given it does not boot, or boots with a tree of the firmware.',
  }),
  'boot-doubt': diagnostic<Doubt>({
    severity: 'warning',
    message: ({ text, reason, about, places = '' }) =>
      `"${text}" ${reason}${places}; what is said of the ${about} is a guess`,
    hint: () => 'compare with what the board itself says when it boots, or collect from it (payload collect)',
    explanation:
      'The boot configuration has something that was not followed, or that only the board decides, and what is booted depends on it.',
  }),
  'known-on-board': diagnostic<Doubt>({
    severity: 'note',
    message: ({ text, reason, about, places = '' }) =>
      `"${text}" ${reason}${places}; the ${about} depends on it`,
    explanation:
      'A value in the command line that the image does not hold, such as an address or a partition elsewhere.',
  }),
  'boot-ambiguous': diagnostic<{ taken: string; other: string; why: string | undefined }>({
    severity: 'warning',
    message: ({ taken, other }) =>
      `"${taken}" is taken, but ${other} would boot something else; the image does not say which counts`,
    hint: () => 'name the kernel with --kernel',
    explanation:
      "Two partitions or two loaders each have a default. The firmware's settings decide, or the partition that is marked bootable, if one is.",
  }),
  'boot-other': diagnostic<{ taken: string; other: string; why: string | undefined }>({
    severity: 'note',
    message: ({ taken, other, why }) => `"${taken}" is taken, not what ${other} would boot: ${why}`,
    explanation: 'There are several boot configurations, and it is known which comes first.',
  }),
  'dtb-ambiguous': diagnostic<{ wanted: string; paths: string; taken: string }>({
    severity: 'warning',
    message: ({ wanted, paths, taken }) =>
      `several trees that differ are called ${wanted} (${paths}); ${taken} is taken`,
    hint: () => 'give the whole path with --dtb',
    explanation:
      'Each kernel brings trees of its own, and nothing here says which of them belongs to the one that is booted.',
  }),
  'tree-step-refused': diagnostic<{ what: string; reason: string }>({
    severity: 'warning',
    message: ({ what, reason }) =>
      `the loader would change the tree by ${what}, which can't be done: ${reason}`,
    explanation:
      'An overlay, a parameter or a change of the tree that the boot configuration asks for does not fit the tree. Loaders pass over it, some with all that follows.',
  }),
  'tree-steps-left': diagnostic<{ names: string }>({
    severity: 'warning',
    message: ({ names }) => `the loader changes the tree by ${names}, but no tree was chosen to do it to`,
    hint: () => 'name the tree with --dtb',
    explanation:
      'Overlays are laid over the tree of the board; which one that is, the boot configuration does not say.',
  }),
  'nothing-taken': diagnostic({
    severity: 'error',
    message: () => 'there is nothing here that could be taken',
    hint: () => 'give a disk image, a mounted root, a tar or a boot image',
    explanation: 'The source could be opened, but nothing was found in it.',
  }),
  'root-not-found': diagnostic<{ root: string }>({
    severity: 'warning',
    message: ({ root }) => `the kernel is told root=${root}, which none of the filesystems here is`,
    explanation: 'The image was written over, or the root filesystem is on another device.',
  }),
});
