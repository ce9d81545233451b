/** What can go wrong on the way to Debian's packages. */
import { declareDiagnostics, diagnostic, formatSize } from '../../base/index.ts';

const BRING_YOUR_OWN =
  'on another system give the packages yourself: --kernel-package FILE.deb --busybox-package FILE.deb';

/** What fetching and making from Debian's packages reports (`debian/…`). */
export const debianCodes = declareDiagnostics('debian', {
  'no-apt': diagnostic<{ program: string }>({
    severity: 'error',
    message: ({ program }) => `"${program}" is not on this machine, so Debian's packages can't be fetched`,
    hint: () => BRING_YOUR_OWN,
    explanation: 'Packages are fetched with apt-get, which verifies their checksums and signatures.',
  }),
  'no-mirror': diagnostic<{ suite: string }>({
    severity: 'error',
    message: ({ suite }) => `apt's configuration names no mirror of Debian to fetch ${suite} from`,
    hint: () => `name one with --mirror URI; ${BRING_YOUR_OWN}`,
    explanation:
      "The mirror is taken from the host's own apt sources. Entries of other distributions and third parties are not used.",
  }),
  'update-failed': diagnostic<{ suite: string; reason: string }>({
    severity: 'error',
    message: ({ suite, reason }) => `the package lists of ${suite} can't be fetched: ${reason}`,
    hint: () => 'check the network and the name of the suite; what was fetched before is kept',
    explanation: 'apt-get update failed, and no earlier lists are there to go on with.',
  }),
  'lists-outdated': diagnostic<{ suite: string; reason: string }>({
    severity: 'warning',
    message: ({ suite, reason }) =>
      `the package lists of ${suite} can't be renewed (${reason}); the earlier ones are used`,
    explanation: 'apt-get update failed, but lists of an earlier run are there.',
  }),
  'unknown-package': diagnostic<{ suite: string; name: string }>({
    severity: 'error',
    message: ({ suite, name }) => `${suite} has no package ${name} for arm64`,
    hint: () =>
      'kernels are linux-image-arm64, linux-image-rt-arm64, linux-image-cloud-arm64 or one exact version',
    explanation: "The name is not in the suite's package lists, or only a third party offers it.",
  }),
  'download-failed': diagnostic<{ name: string; reason: string }>({
    severity: 'error',
    message: ({ name, reason }) => `${name} can't be fetched: ${reason}`,
    hint: () => 'try again; what was fetched before is kept',
    explanation: 'apt-get download failed, or what came does not have the checksum that the lists promise.',
  }),
  'packages-conflict': diagnostic<{ names: readonly string[]; reasons: readonly string[] }>({
    severity: 'error',
    message: ({ names, reasons }) => `${names.join(', ')} can't be installed together: ${reasons.join('; ')}`,
    hint: ({ names, reasons }) =>
      !names.includes('systemd-sysv') && reasons.some((reason) => reason.includes('systemd-sysv'))
        ? "systemd-sysv among --root-packages makes systemd the init, in sysvinit-core's place"
        : 'leave one of them out of --root-packages',
    explanation:
      'The packages of a root are those that --root-packages names, an init and what Debian calls essential; some packages exclude each other (Debian Policy §7.4), or need what another excludes.',
  }),
  'kernel-part-missing': diagnostic<{ what: string; name: string }>({
    severity: 'warning',
    message: ({ what, name }) => `the kernel comes without its ${what}, which are in ${name}`,
    hint: ({ name }) => `give that package too: --kernel-package linux-binary-….deb,${name}_….deb`,
    explanation:
      'Since Linux 7 Debian splits a kernel over linux-binary-*, linux-base-* and linux-modules-*. What is given with --kernel-package is all that is used.',
  }),
  'modules-missing': diagnostic<{ release: string }>({
    severity: 'error',
    message: ({ release }) => `no modules of Linux ${release} are in the packages that were given`,
    hint: ({ release }) => `they are in linux-modules-${release}: give that package too, by comma`,
    explanation: '--modules needs the package that has them, where a kernel is split over several.',
  }),
  'broken-package': diagnostic<{ path: string; reason: string }>({
    severity: 'error',
    message: ({ path, reason }) => `${path} can't be unpacked: ${reason}`,
    hint: () => 'remove the file and try again',
    explanation: 'dpkg-deb refused the package.',
  }),
  'root-too-small': diagnostic<{ path: string; sizeBytes: number }>({
    severity: 'error',
    message: ({ path, sizeBytes }) =>
      `the packages do not fit into ${path}, which is to have ${formatSize(sizeBytes)}`,
    hint: () => 'give more with --root-size, or fewer packages',
    explanation:
      'The root filesystem, with its journal and tables, is larger than the image that was asked for.',
  }),
  'not-a-size': diagnostic<{ given: string }>({
    severity: 'error',
    message: ({ given }) => `--root-size ${given}: that is no size`,
    hint: () => 'write it as 512 MiB or 2G',
    explanation: 'The size of the disk that holds the root filesystem.',
  }),
  'not-a-uuid': diagnostic<{ given: string }>({
    severity: 'error',
    message: ({ given }) => `--root-uuid ${given}: that is no UUID`,
    hint: () => 'it has 32 hexadecimal digits, as 01234567-89ab-cdef-0123-456789abcdef',
    explanation: 'The UUID of the root filesystem, which root=UUID= on the command line of the kernel names.',
  }),
});
