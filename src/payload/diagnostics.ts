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
});

void formatSize;
void hex;
