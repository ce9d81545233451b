/** The command line of `run`: what it takes, and what is wrong with it before anything is read. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { attempt } from '../../base/index.ts';
import { DEFAULT_TRACE, parseTrace, QUIET_SECONDS, TRACE_KINDS, type TraceSpec } from '../../run/index.ts';
import { parseUserNetwork, type UserNetworkOptions } from '../../usernet/index.ts';
import { CLOCKS, ENGINES, MONITOR_LIBRARIES, parseShare, type RunRequest } from '../../workspace/index.ts';
import { collect, seconds } from '../arguments.ts';
import { addDescriptionOptions } from '../microkit/description-options.ts';

/** More than any virtual GIC here has room for. */
const VCPU_LIMIT = 16;
/** Of the run itself and of what is shown of it. */
export interface RunOptions extends RunRequest {
  readonly clock: (typeof CLOCKS)[number];
  readonly capture?: string;
  readonly net?: UserNetworkOptions;
  readonly consoleDir?: string;
  readonly timeout?: number;
  readonly idleLimit?: number;
  readonly save?: string;
  readonly resume?: string;
  readonly fromBoot?: boolean;
  /** Where to wait for GDB; `true`: where it is expected. */
  readonly gdb?: string | true;
  readonly waitGdb?: boolean;
  readonly script?: string;
  readonly profile?: string;
  readonly coverage?: string;
  readonly case?: string;
  readonly stats?: boolean;
  readonly translate?: boolean;
  readonly keepTranslations?: boolean;
  readonly trace?: readonly TraceSpec[];
  readonly traceFile?: string;
  readonly json?: boolean;
}

export function addRunOptions(command: Command): Command {
  command
    .option('--dtb <tree>', "the board's device tree, from which the board is made")
    .option('--guest-dtb <[vm=]tree>', 'the device tree that a guest is given', collect)
    .option('--kernel <[vm=]image>', "a guest's kernel: an arm64 Image", collect)
    .option('--initrd <[vm=]file>', "a guest's initial ramdisk", collect)
    .option(
      '--disk <owner=file[:mode]>',
      "what is in a storage device of the board (by path, label or alias) or behind a block virtualiser's PD: read-only, copy-on-write (unless said otherwise) or write-through",
      collect,
    )
    .addOption(
      new Option(
        '--share <[vm:]name=dir[:ro]>',
        'give the guests, or the one of that name, a directory of this machine, which the ramdisk of "payload debian" mounts at /mnt/NAME: a virtio 9P device. Nothing outside it can be reached. ro: it can\'t be changed; no two runs are then the same, and none can be saved',
      )
        .argParser(shares)
        .conflicts(['save', 'resume', 'fromBoot']),
    )
    .option(
      '--symbols <[vm=]file>',
      "a System.map, an Image or a vmlinux with a kernel's symbols; looked for beside the kernel and in it if not given",
      collect,
    )
    .option(
      '--registers <dir>',
      'what registers begin with: regmap/ of a collector\'s archive, as "payload extract" leaves it in live/; looked for beside the board\'s tree if not given',
    )
    .option(
      '--capture <file>',
      "write the frames on the machine's wire, which Ethernet controllers and network virtualisers share, for Wireshark",
    )
    .option(
      '--net <user[,…]>',
      'a router on that wire that leads outside by this machine\'s own sockets: DHCP, DNS, TCP, UDP. restrict=on: nothing leads outside. hostfwd=tcp:[HOST]:PORT-[GUEST]:PORT: a port of this machine\'s leads to a guest, as in "user,hostfwd=tcp::2222-:22"; no two runs are then the same',
      userNetwork,
    )
    .option(
      '--console-dir <dir>',
      'write what each guest and UART says into a file of its own, as it was sent: DIR/NAME.log',
    )
    .option(
      '--until <[name:]text>',
      'end well as soon as a console, or the one of that name, has said this',
      notEmpty,
    )
    .option('--timeout <seconds>', 'end after so long on this machine', seconds)
    .option(
      '--idle-limit <seconds>',
      `end when no more input comes and the guest has had nothing to do and nothing to say for so long, by its own clock (${QUIET_SECONDS} unless said)`,
      seconds,
    )
    .addOption(
      new Option(
        '--clock <kind>',
        "virtual: the guest's time passes with its instructions, the same in every run; real: it follows this machine's clock",
      )
        .choices(CLOCKS)
        .default('virtual'),
    )
    .addOption(
      new Option(
        '--monitor <library>',
        "how the guests' monitors and the kernel behave. architecture: as the specifications say; libvmm: as libvmm 0.2 on seL4 does, which drops interrupts that come while disabled and lets an idle guest spin",
      )
        .choices(MONITOR_LIBRARIES)
        .default('architecture'),
    )
    .addOption(
      new Option(
        '--engine <engine>',
        "what runs the monitors that lie beside the description (vmm.ts). host: the JavaScript that drivervm runs in, with all your rights, as a Makefile would be; quickjs: the engine that they have on seL4, with Microkit's calls and nothing else, which is for a project that you have not read",
      )
        .choices(ENGINES)
        .default('host'),
    )
    .option(
      '--vcpus <number>',
      'how many vCPUs each guest has in this run; its tree is changed to fit',
      vcpus,
    )
    .option(
      '--seed <number>',
      'what the entropy begins with that guests with a virtio rng device are given; the same, the same run',
      seed,
    )
    .option('--save <file>', 'write the run as it is at its end, or at Ctrl-A w, to be taken up by --resume')
    .addOption(
      new Option('--resume <file>', 'take up a run that --save wrote, with the same inputs').conflicts(
        'fromBoot',
      ),
    )
    .option(
      '--from-boot',
      'begin where the initial ramdisk said that it is up, if these inputs were booted before; else boot, and keep that state in the cache',
    )
    .option(
      '--gdb [where]',
      'let a debugger debug the guests: gdb-multiarch, "target remote WHERE"; [HOST:]PORT or unix:PATH, 127.0.0.1:1234 unless said (write --gdb=WHERE, or the project first)',
      debuggerAddress,
    )
    .option('--wait-gdb', 'the same, and wait for it before the first instruction')
    .option(
      '--script <file>',
      'let a script wait, type and assert (see "drivervm test --help"); the run ends with it',
    )
    .option('--case <name>', 'which of its functions; the first unless said')
    .addOption(
      new Option(
        '--profile <file>',
        "write where the guests' instructions went, by the kernel's functions: folded stacks, of which flame graphs are drawn",
      ).conflicts(['gdb', 'waitGdb']),
    )
    .option(
      '--coverage <file>',
      "write which lines and functions of the guests' kernels were executed, for lcov and genhtml: lines where --symbols names the vmlinux of the kernel's build (or the kernel is an ELF file) and it has debug information, else functions alone",
    )
    .option('--stats', 'print the account at the end')
    .option('--no-translate', 'interpret everything: the same run, later where the guest computes for long')
    .option(
      '--no-keep-translations',
      'neither use what earlier runs with these kernels translated, nor keep it in the cache directory for later ones',
    )
    .addOption(
      new Option(
        '--trace <what[,…]>',
        `say what happens: ${Object.keys(TRACE_KINDS).join(', ')}; each with filters, as in mmio:device=serial@3000:from=0.5:to=1 (guest=, device=, name=, range=, from=, to=); may be given again`,
      ).argParser(traces),
    )
    .option(
      '--trace-file <file>',
      "where to, instead of standard error: .json for Chrome's trace viewer and Perfetto, .jsonl for a JSON object a line, else text; without --trace: " +
        DEFAULT_TRACE,
    )
    .option('--json', 'answer in JSON: how it ended, the console, the account, what was found');
  return addDescriptionOptions(command).addHelpText('after', HELP);
}

const HELP = `
At the console, and in what comes through a pipe, Ctrl-A is for drivervm: Ctrl-A h says what follows it.
What comes through a pipe is typed line by line, whenever the guest has nothing to do or looks for input.

With the virtual clock, idle time is jumped over; at a terminal it is waited for, so that a shell's
clock keeps pace with yours as long as this machine is faster than the guest is busy. With the real
clock a busy guest sees as much time pass as you do, and no two runs are the same.

Exit status: 0 where the guest turned itself off or --until was said; 1 where something was found, or
--until was not said; 2 for a wrong call; 3 where the guest still waits and no input is left; 124 where
--timeout ended the run; 130 and its like where a signal did.`;

function traces(value: string, before: readonly TraceSpec[] = []): readonly TraceSpec[] {
  const specs = attempt(() => parseTrace(value));
  if (specs instanceof Error) throw new InvalidArgumentError(`${specs.message}.`);
  return [...before, ...specs];
}

function shares(value: string, before: readonly string[] = []): readonly string[] {
  const parsed = attempt(() => parseShare(value));
  if (parsed instanceof Error) throw new InvalidArgumentError(`${parsed.message}.`);
  return [...before, value];
}

function seed(value: string): number {
  const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
  if (!(number < 2 ** 32)) throw new InvalidArgumentError('It is a whole number below 2^32.');
  return number;
}

function vcpus(value: string): number {
  const count = /^\d+$/.test(value) ? Number(value) : 0;
  if (count < 1 || count > VCPU_LIMIT)
    throw new InvalidArgumentError(`It is a number from 1 to ${VCPU_LIMIT}.`);
  return count;
}

const HIGHEST_PORT = 65_535;

function debuggerAddress(value: string): string {
  if (/^unix:./.test(value)) return value;
  const [, port] = /^(?:\[[\da-fA-F:.]+\]:|[^:[\]]*:)?(\d+)$/.exec(value) ?? [];
  if (port === undefined || Number(port) > HIGHEST_PORT)
    throw new InvalidArgumentError('It is [HOST:]PORT or unix:PATH; the project comes before it.');
  return value;
}

function userNetwork(value: string): UserNetworkOptions {
  const options = attempt(() => parseUserNetwork(value));
  if (options instanceof Error) throw new InvalidArgumentError(`${options.message}.`);
  return options;
}

function notEmpty(value: string): string {
  if (value === '') throw new InvalidArgumentError('An empty text would be there at once.');
  return value;
}
