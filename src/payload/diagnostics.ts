/** What this room says about the files it is given. `where` names the part of a file: `"initrd", member 2`. */
import { declareDiagnostics, diagnostic, formatSize, hex } from '../base/index.ts';

export const payloadCodes = declareDiagnostics('payload', {
  'unknown-module': diagnostic<{ name: string; directory: string }>({
    severity: 'error',
    message: ({ name, directory }) =>
      `the kernel has no module ${name} below ${directory}, and none built in`,
    hint: () => 'modules are named as lsmod does; "drivervm payload debian" lists them with --list-modules',
    explanation: 'A name in --modules is neither a module of this kernel nor compiled into it.',
  }),
  'compressed-modules': diagnostic<{ path: string }>({
    severity: 'warning',
    message: ({ path }) => `${path} and its like are compressed and were left out`,
    explanation: 'Only modules that are plain ELF files are read.',
  }),
  'not-a-kernel': diagnostic<{ path: string; found: string }>({
    severity: 'error',
    message: ({ path, found }) => `${path} is no arm64 kernel Image but ${found}`,
    hint: () => 'give the Image, vmlinuz or Image.gz of an arm64 kernel',
    explanation:
      'A kernel for seL4 guests is an arm64 Image (Linux, Documentation/arm64/booting.rst), possibly compressed or inside an EFI zboot file.',
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
});
