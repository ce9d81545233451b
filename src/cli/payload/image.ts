/** `drivervm payload image`: an arm64 Image of a kernel that is none. */
import { type Command, InvalidArgumentError } from 'commander';
import { attempt, hex, Refusal } from '../../base/index.ts';
import { imageOf, payloadCodes, readBareKernel } from '../../payload/index.ts';
import { type CommandLine, type ExitStatus, runCommand } from '../cli.ts';

interface Options {
  readonly output: string;
  readonly at?: number;
  readonly json?: boolean;
}

export function addImageCommand(parent: Command, cli: CommandLine, done: (status: ExitStatus) => void): void {
  parent
    .command('image <file>')
    .description(
      'Make an arm64 Image, which libvmm and "drivervm run" can start, of a flat binary or an ELF file: U-Boot, Zephyr, ' +
        "kvm-unit-tests. An ELF file's code lies at its own addresses if the guest's RAM begins where the answer says.",
    )
    .requiredOption('-o, --output <file>', 'the Image to write')
    .option(
      '--at <address>',
      'where a flat binary wants to be, or an ELF file instead of its own addresses',
      address,
    )
    .option('--json', 'answer in JSON')
    .action(async (path: string, options: Options) => {
      done(
        await runCommand(cli, options, (sink) => {
          const { files } = cli.host;
          const content = files.read(path);
          const kernel = attempt(() => readBareKernel(content));
          if (kernel instanceof Refusal) {
            sink.report(payloadCodes['not-bare'].at({ file: path }, { reason: kernel.message }));
            return undefined;
          }
          const { image, ramBase } = imageOf(kernel, options.at);
          files.writeAtomically(options.output, image);
          const place =
            ramBase === undefined
              ? 'wherever RAM is, at 512 KiB from its start'
              : `at ${hex(options.at ?? kernel.loadAddress ?? 0)}; a plan puts the guest's RAM at ${hex(ramBase)} for it`;
          return {
            text: `image   ${options.output}: ${kernel.kind === 'elf' ? 'an ELF file' : 'a flat binary'}, ${place}\n`,
            json: { image: options.output, kind: kernel.kind, ...(ramBase === undefined ? {} : { ramBase }) },
          };
        }),
      );
    });
}

function address(value: string): number {
  const number = /^(0x[0-9a-f]+|\d+)$/i.test(value) ? Number(value) : Number.NaN;
  if (!Number.isSafeInteger(number) || number % 4 !== 0 || number < 0x1_0000)
    throw new InvalidArgumentError('It is an address of instructions, such as 0x40080000.');
  return number;
}
