/** What a run has to say of itself, beyond what the guest said. */
import {
  type AddrRange,
  declareDiagnostics,
  diagnostic,
  formatSize,
  hex,
  type Intid,
  rangeEnd,
  type VcpuId,
} from '../base/index.ts';
import type { MissedDma } from '../machine/index.ts';
import type { Remedy } from './remedies.ts';

/** An access of a guest's that went wrong, as diagnostics name it. */
export interface GuestAccess {
  readonly vm: string;
  readonly vcpu: VcpuId;
  readonly verb: string;
  readonly addr: number;
  readonly pc: string;
}

/** With the line of the request that does the same, where there is one. */
export interface Fixable {
  readonly fix?: Remedy;
}

function withRequest(hint: string, { fix }: Fixable): string {
  return fix === undefined ? hint : `${hint}; ${fix.text}`;
}

/** The change to the request that would do it. */
export const changeOf = ({ fix }: Fixable) => fix?.change;

function accessText({ vm, vcpu, verb, addr, pc }: GuestAccess): string {
  return `vCPU ${vcpu} of ${vm} stopped at PC ${pc}: it ${verb} ${hex(addr)}`;
}

/** How runs end, as a clause. */
const RUN_ENDS: Readonly<Record<string, string>> = {
  off: 'the guest turned itself off',
  stuck: 'every vCPU has stopped',
  panic: 'its kernel panicked',
  quiet: 'the guest had nothing to do and nothing to say, and no input was left',
  dead: 'nothing can ever wake the guest',
  timeout: 'the time was over',
};

/** What is reported of a run and what it is made of (`run/…`). */
export const runCodes = declareDiagnostics('run', {
  'not-a-snapshot': diagnostic({
    severity: 'error',
    message: () => 'this is no snapshot of a run',
    explanation: 'A snapshot begins with a mark of its own, which this does not have.',
  }),
  'snapshot-format': diagnostic<{ format: number; known: number }>({
    severity: 'error',
    message: ({ format, known }) => `this snapshot has the format ${format}, and this version reads ${known}`,
    hint: () => 'run from the beginning and save again, or use the version that saved it',
    explanation:
      'What a snapshot holds follows the models that a version has. Snapshots of other versions are not read.',
  }),
  'snapshot-damaged': diagnostic<{ reason: string }>({
    severity: 'error',
    message: ({ reason }) => `this snapshot is damaged: ${reason}`,
    hint: () => 'copy it again, or run from the beginning',
    explanation: 'The bytes are not those that were written. Nothing of the snapshot was taken up.',
  }),
  'snapshot-mismatch': diagnostic<{ path: string; expected: string; found: string }>({
    severity: 'error',
    message: ({ path, expected, found }) =>
      `this snapshot does not fit the system: ${path} should be ${expected}, and is ${found}`,
    hint: () => 'a snapshot is for the project, the board, the images and the options that it was saved with',
    explanation:
      'A part of the machine can not have the state that the snapshot says, most often because it is of another system. Nothing of the snapshot was taken up.',
  }),
  'unmapped-device': diagnostic<
    GuestAccess &
      Fixable & { path: string; regionBase: number; regionSize: number; holder: string | undefined }
  >({
    severity: 'error',
    message: (params) => `${accessText(params)}, which is ${params.path}, and nothing is mapped there`,
    hint: ({ regionBase, regionSize, holder, ...rest }) => {
      if (holder !== undefined)
        return `it is ${holder}'s, and a device has one owner: disable its node in the guest's tree, or take it from ${holder}`;
      return withRequest(
        `give it <memory_region name="…" size="${hex(regionSize)}" phys_addr="${hex(regionBase)}"/> and ` +
          `<map mr="…" vaddr="${hex(regionBase)}" perms="rw" cached="false"/>, or disable its node in the guest's tree`,
        rest,
      );
    },
    change: changeOf,
    explanation:
      'The guest touched the registers of a device of the board that its virtual machine has not mapped. On the board the guest would stop at the same place, silently.',
  }),
  'unmapped-cpu-interface': diagnostic<GuestAccess & Fixable & { gicv: number; gicc: number }>({
    severity: 'error',
    message: (params) =>
      `${accessText(params)}, its interrupt controller's CPU interface, and nothing is mapped there`,
    hint: ({ gicv, gicc, ...rest }) =>
      withRequest(
        `map the virtual CPU interface in its place: <memory_region name="gic_vcpu" size="0x1000" phys_addr="${hex(gicv)}"/> ` +
          `and <map mr="gic_vcpu" vaddr="${hex(gicc)}" perms="rw" cached="false"/>`,
        rest,
      ),
    change: changeOf,
    explanation:
      "With a version 2 GIC the guest must find the board's virtual CPU interface (GICV) where its tree says that the CPU interface (GICC) is. This is the mistake behind a guest that stops before its first interrupt.",
  }),
  'unanswered-controller': diagnostic<GuestAccess>({
    severity: 'error',
    message: (params) =>
      `${accessText(params)}, in its interrupt controller, which its monitor is to answer for and did not`,
    hint: () =>
      'nothing is to be mapped there: virqControllerInit sets it up; a monitor that ended with a mistake, or whose fault() gives false, leaves the vCPU where it is',
    explanation:
      "The distributor and the redistributors of a guest's interrupt controller are not the board's: the monitor answers each access to them.",
  }),
  'unmapped-ram': diagnostic<GuestAccess & Fixable & { base: number; size: number }>({
    severity: 'error',
    message: (params) =>
      `${accessText(params)}, which its tree says is RAM (${hex(params.base)}..${hex(params.base + params.size)}), and nothing is mapped there`,
    hint: (params) =>
      withRequest("override the guest tree's memory node with the RAM that the virtual machine maps", params),
    change: changeOf,
    explanation:
      "The guest's device tree promises RAM that the system description does not map: usually the board's own memory node was left in the guest's tree.",
  }),
  'unmapped-nothing': diagnostic<GuestAccess & { isFetch: boolean }>({
    severity: 'error',
    message: (params) => `${accessText(params)}, where neither the board nor the guest's tree has anything`,
    hint: ({ isFetch }) =>
      isFetch
        ? "libvmm stops a vCPU there; a guest that means to have the abort gets it with unownedAccess: 'abort' in vmm.ts"
        : undefined,
    explanation:
      'The guest used an address that belongs to nothing: a stray pointer, or a jump into nowhere.',
  }),
  'guest-hvc': diagnostic<Fixable & { vm: string; vcpu: VcpuId; pc: string }>({
    severity: 'error',
    message: ({ vm, vcpu, pc }) =>
      `vCPU ${vcpu} of ${vm} stopped at PC ${pc}: it ran HVC, which seL4 keeps to itself`,
    hint: (params) => withRequest('the psci node of the guest\'s tree must say method = "smc"', params),
    change: changeOf,
    explanation:
      'To seL4 an HVC of a guest is a system call that it does not know; libvmm does not handle it.',
  }),
  'guest-stopped': diagnostic<{ vm: string; vcpu: VcpuId; pc: string; fault: string }>({
    severity: 'error',
    message: ({ vm, vcpu, pc, fault }) =>
      `vCPU ${vcpu} of ${vm} stopped at PC ${pc}: its monitor did not answer a fault (${fault})`,
    explanation: 'The monitor said that it could not handle a fault, and the vCPU stays where it is.',
  }),
  'all-vcpus-off': diagnostic<{ vm: string }>({
    severity: 'error',
    message: ({ vm }) =>
      `every vCPU of ${vm} turned itself off (PSCI CPU_OFF), and none is left to start another`,
    explanation: 'A machine is turned off by SYSTEM_OFF; without a vCPU that runs it can only stand there.',
  }),
  'guest-panicked': diagnostic<{ name: string; reason: string }>({
    severity: 'error',
    message: ({ name, reason }) => `the kernel of ${name} panicked: ${reason}`,
    hint: ({ reason }) =>
      /unable to mount root/i.test(reason)
        ? 'it found no initial ramdisk where its tree says that one is, and no root= that it can mount'
        : undefined,
    explanation: 'Linux gave up and spins from then on. Without a person at the console the run ends there.',
  }),
  'never-started': diagnostic<{ vm: string; said?: string }>({
    severity: 'error',
    message: ({ vm, said }) =>
      `no vCPU of ${vm} was ever started${said === undefined ? '' : `; its monitor says: ${said}`}`,
    hint: ({ said }) => (said === undefined ? 'its monitor must call guestStart' : undefined),
    explanation: "The monitor's init came to its end without guestStart: usually an image failed its checks.",
  }),
  'domain-failed': diagnostic<{ pd: string; reason: string }>({
    severity: 'error',
    message: ({ pd, reason }) => `protection domain ${pd} failed: ${reason}`,
    explanation: 'A program threw, or called Microkit in a way that it refuses; the domain runs no more.',
  }),
  'interrupt-not-given': diagnostic<Fixable & { intid: Intid; path: string; trigger: string; pd: string }>({
    severity: 'warning',
    message: ({ intid, path }) =>
      `${path} raised its interrupt (INTID ${intid}), and no protection domain has it`,
    hint: ({ intid, trigger, pd, ...rest }) =>
      withRequest(
        `give it to ${pd}: <irq irq="${intid}" id="…" trigger="${trigger}" />, and register it with the monitor`,
        rest,
      ),
    change: changeOf,
    explanation: "A passed-through device's interrupt is in no irq element: its driver waits for ever.",
  }),
  'trigger-differs': diagnostic<Fixable & { intid: Intid; path: string; said: string; tree: string }>({
    severity: 'warning',
    message: ({ intid, path, said, tree }) =>
      `INTID ${intid} of ${path} is described as ${said}, and the board's tree says ${tree}`,
    hint: ({ tree, ...rest }) => withRequest(`write trigger="${tree}"`, rest),
    change: changeOf,
    explanation:
      'An edge described as level is lost when the pulse is over before anyone looks; a level described as edge comes once and never again.',
  }),
  'edge-lost': diagnostic<{ vm: string; intid: Intid; what: string; count: number }>({
    severity: 'warning',
    message: ({ vm, intid, what, count }) =>
      `${what} (INTID ${intid}) came while ${vm} had it disabled${count === 1 ? '' : `, ${count} times`}, and was lost: libvmm 0.2 drops it`,
    hint: () =>
      'let the device be quiet until its driver has asked for its interrupt; without --monitor libvmm it waits',
    explanation:
      'With `--monitor libvmm` an interrupt that is injected while the guest has it disabled comes to nothing, as on seL4. One that the description calls level comes again when it is enabled, if its line is still high; an edge does not.',
  }),
  starved: diagnostic<{ name: string; by: string }>({
    severity: 'warning',
    message: ({ name, by }) =>
      `${name} was ready and never got its turn: ${by} has a higher priority and idles in WFI, which seL4 traps and libvmm resumes at once`,
    hint: ({ by }) => `give ${by} a priority below every domain's, on its <virtual_machine>`,
    explanation:
      'With `--monitor libvmm` a guest that has nothing to do does not sleep: seL4 traps WFI unless it is built without, and libvmm resumes the guest at the same instruction. Whoever has a lower priority than the virtual machine then never runs.',
  }),
  'timer-storm': diagnostic<{ vm: string; vcpu: VcpuId; intid: Intid }>({
    severity: 'error',
    message: ({ vm, vcpu, intid }) =>
      `vCPU ${vcpu} of ${vm} runs no more: the interrupt of its virtual timer (INTID ${intid}) is due while it has it disabled, and libvmm 0.2 drops and acknowledges it, so that it comes again at once`,
    hint: () => 'the guest must enable the interrupt before its timer, or mask it in CNTV_CTL_EL0',
    explanation:
      "The virtual timer's line is a level: acknowledged without the guest having dealt with it, it is still high, and the kernel stops the guest again before its next instruction. On the board the monitor prints the same line for ever.",
  }),
  'stuck-poll': diagnostic<
    Fixable & { path: string; register: string; value: number; count: number; pc?: string }
  >({
    severity: 'warning',
    message: ({ path, register, value, count, pc }) =>
      `the guest polled ${path} ${register} without end${pc === undefined ? '' : ` at PC ${pc}`}: it read ${hex(value)} over and over` +
      (count > 1 ? `, ${count} times` : ''),
    hint: (params) => withRequest("disable its node in the guest's tree if it can do without", params),
    change: changeOf,
    explanation:
      'A driver waits for a status bit of a device that is not modelled. Drivers give up after a time-out, which costs the run that time.',
  }),
  'dma-missed': diagnostic<
    MissedDma & Fixable & { guest: string | undefined; elsewhere: number | undefined }
  >({
    severity: 'error',
    message: ({ path, kind, physAddr, sizeBytes, guest }) =>
      `${path} ${kind === 'read' ? 'read' : 'wrote'} ${sizeBytes} bytes at physical address ${hex(physAddr)} by DMA, where there is no RAM` +
      (guest === undefined ? '' : `; in ${guest} that is an address of its RAM`),
    hint: ({ guest, elsewhere, ...rest }) =>
      guest === undefined
        ? undefined
        : withRequest(
            `map the guest's RAM 1:1, by phys_addr on its memory region` +
              (elsewhere === undefined ? '' : `: what was meant lies at ${hex(elsewhere)} now`),
            rest,
          ),
    change: changeOf,
    explanation:
      'A device that masters the bus knows physical addresses only; its driver in the guest gives it those of the guest. Where the two differ, the data goes astray, on the board as here.',
  }),
  'disk-not-opened': diagnostic<{ owner: string; path: string; reason: string }>({
    severity: 'error',
    message: ({ owner, path, reason }) => `the disk of ${owner}, ${path || '""'}, can't be opened: ${reason}`,
    hint: ({ owner }) => `make the file first, or name another with --disk ${owner}=FILE`,
    explanation: 'A disk is a file of this machine, which must be there before the run.',
  }),
  'trace-needs-stops': diagnostic({
    severity: 'error',
    message: () =>
      'system calls, functions and instructions are traced by stopping vCPUs, which --gdb, --wait-gdb and --profile do already',
    hint: () =>
      'trace other things (irq, fault, mmio, virtqueue …), or leave the debugger or the profile away',
    explanation: 'A vCPU stops outside the guest for one who looks on at a time.',
  }),
  'share-not-opened': diagnostic<{ given: string; reason: string }>({
    severity: 'error',
    message: ({ given, reason }) => `--share ${given}: ${reason}`,
    hint: () => 'it is [VM:]NAME=DIR, or [VM:]NAME=DIR:ro; DIR is a directory of this machine',
    explanation:
      "A directory of this machine that a guest was to be given can't be opened, or has nobody to go to.",
  }),
  'share-not-mounted': diagnostic<{ vm: string; name: string; path: string }>({
    severity: 'note',
    message: ({ vm, name, path }) => `${vm} has not mounted ${path} (--share ${name})`,
    hint: ({ name }) =>
      `in the guest: mount -t 9p -o trans=virtio,version=9p2000.L ${name} /mnt/${name}; its kernel needs CONFIG_NET_9P_VIRTIO and CONFIG_9P_FS`,
    explanation:
      'A directory of this machine was there for a guest, whose user space never took it. The ramdisk of "payload debian" mounts it by itself; others do what their own init says.',
  }),
  'no-such-disk': diagnostic<{ owner: string; why: string; owners: readonly string[] }>({
    severity: 'error',
    message: ({ owner, why }) =>
      `--disk ${owner}=…: a disk is given to a block virtualiser or to a storage device of the board, and "${owner}" ${why}`,
    hint: ({ owners }) =>
      owners.length === 0
        ? 'this system has nobody who could have a disk'
        : `those who can have one here: ${owners.join(', ')}`,
    explanation:
      "The name before the file is neither a block virtualiser of the description nor, by path, &label, alias or node name, an enabled storage device of the board's tree that is simulated.",
  }),
  'no-images': diagnostic<{ vm: string }>({
    severity: 'error',
    message: ({ vm }) => `${vm} has no device tree or no kernel`,
    hint: ({ vm }) => `give --guest-dtb ${vm}=FILE and --kernel ${vm}=FILE`,
    explanation: 'Every virtual machine of the description needs a device tree and a kernel.',
  }),
  'unknown-machine': diagnostic<{ flag: string; vm: string; known: string }>({
    severity: 'error',
    message: ({ flag, vm }) => `${flag} ${vm}=…: the description has no virtual machine "${vm}"`,
    hint: ({ known }) => (known === '' ? undefined : `it has ${known}`),
    explanation: 'Flags of `run` name a virtual machine as the system description does.',
  }),
  'no-machine': diagnostic<object>({
    severity: 'error',
    message: () => 'the description has no virtual machine: there is no guest to run',
    explanation: '`run` boots the guests of a system description, and this one has none.',
  }),
  'not-an-image': diagnostic<{ found: string; hint?: string }>({
    severity: 'error',
    message: ({ found }) => `the kernel is ${found}, and libvmm starts nothing but an arm64 Image`,
    hint: ({ hint }) => hint,
    explanation:
      "The monitor copies the kernel as it is and jumps to it. What a distribution's boot loader unpacks first must be unpacked before.",
  }),
  'kernel-outside-ram': diagnostic<{ place: AddrRange; ram: AddrRange }>({
    severity: 'error',
    message: ({ place, ram }) =>
      `the kernel lies from ${hex(place.base)} to ${hex(rangeEnd(place))}, and the guest's RAM from ${hex(ram.base)} to ${hex(rangeEnd(ram))}`,
    hint: () => 'plan it: "kernel" in a request puts the RAM where an ELF file wants it',
    explanation:
      "An ELF file is no Image, but one is made of it, with its code at the file's own addresses. The guest's RAM must be there.",
  }),
  'kernel-page-size': diagnostic<{ pageSizeBytes: number; simulated: readonly number[] }>({
    severity: 'error',
    message: ({ pageSizeBytes, simulated }) =>
      `the kernel is built for pages of ${formatSize(pageSizeBytes)}, and the simulated CPU has ${simulated.map(formatSize).join(', ')} alone`,
    hint: () =>
      'it may boot on the board; for a run, give a kernel with pages of 4 KiB, with --kernel or in the plan',
    explanation:
      'A kernel whose size of pages the CPU lacks finds that out in its first instructions and sleeps for ever, on a board as here, without a word.',
  }),
  'not-a-ramdisk': diagnostic<{ found: string; hint?: string }>({
    severity: 'error',
    message: ({ found }) => `the initial ramdisk is ${found}, which Linux can't unpack`,
    hint: ({ hint }) => hint,
    explanation: 'The kernel would ignore it and panic for want of a root filesystem.',
  }),
  'initrd-beyond-window': diagnostic<{ vm: string; sizeBytes: number; windowBytes: number }>({
    severity: 'error',
    message: ({ vm, sizeBytes, windowBytes }) =>
      `the initial ramdisk has ${sizeBytes} bytes, and the tree of ${vm} tells the kernel of ${windowBytes}`,
    hint: () => "plan again with this ramdisk, or set linux,initrd-end in the guest's tree",
    explanation: 'The kernel believes its tree, and would unpack a ramdisk that is cut short.',
  }),
  'other-board': diagnostic<{ vm: string; guest: string; board: string }>({
    severity: 'warning',
    message: ({ vm, guest, board }) => `the tree of ${vm} is for ${guest}, and the board is ${board}`,
    hint: () => 'give the tree of the board that the project was planned for with --dtb',
    explanation: "The guest's tree and the board's have no compatible of their roots in common.",
  }),
  'no-symbols': diagnostic<object>({
    severity: 'error',
    message: () => 'there are no symbols of a kernel in it',
    hint: () =>
      "give the System.map or the vmlinux of the kernel's build, or the Image itself, which has them in it with CONFIG_KALLSYMS",
    explanation:
      "Debian's /boot/System.map is a line that says where the real one is; without --symbols, `run` reads the symbols that the Image carries.",
  }),
  'debug-not-read': diagnostic<{ reason: string }>({
    severity: 'error',
    message: ({ reason }) => `no symbols and no lines can be read from it: ${reason}`,
    hint: () => "give the vmlinux of the kernel's build, or leave it out",
    explanation:
      'A kernel with debug information is an ELF file for AArch64, with its symbols in .symtab and its lines in .debug_line (DWARF 2 to 5).',
  }),
  'debug-other-build': diagnostic<{ kernel: string }>({
    severity: 'error',
    message: ({ kernel }) => `it is not of the same build as ${kernel}: its build id is not in there`,
    hint: () =>
      "give the vmlinux that this kernel's Image was made from; Debian has it in a package, linux-image-VERSION-dbg, of exactly the same version",
    explanation:
      'What leads from addresses to lines is true for one build alone. A linker gives each an id (--build-id), which stands in the kernel and in what was split from it.',
  }),
  'lines-damaged': diagnostic<{ count: number; offset: number; reason: string }>({
    severity: 'warning',
    message: ({ count, offset, reason }) =>
      `${count === 1 ? 'one of its units of lines' : `${count} of its units of lines`} can't be read, at ${hex(offset)} of .debug_line: ${reason}`,
    hint: () => 'the lines of the other units are counted',
    explanation: 'Each compiled file has a line number program of its own; one that is damaged is left out.',
  }),
  'no-lines': diagnostic<{ vm: string; hasFunctions: boolean }>({
    severity: 'warning',
    message: ({ vm, hasFunctions }) =>
      hasFunctions
        ? `the coverage of ${vm} is of functions alone: nothing leads from its kernel's addresses to lines`
        : `there is no coverage of ${vm}: its kernel has no symbols and no lines`,
    hint: () =>
      "give the vmlinux of the kernel's build with --symbols; Debian has it in a package, linux-image-VERSION-dbg",
    explanation:
      'Lines come from debug information (DWARF), which an Image does not have. By the symbols that it has, its functions are known, which are numbered in the place of lines.',
  }),
  'no-registers': diagnostic<object>({
    severity: 'error',
    message: () => 'there are no register dumps below it',
    hint: () => 'give the directory live/ that "drivervm payload extract" writes from a collector\'s archive',
    explanation:
      'Dumps are regmap/NAME/registers, as debugfs has them; only those of memory-mapped devices can be used.',
  }),
  'too-many-vcpus': diagnostic<{ count: number; cpus: number }>({
    severity: 'error',
    message: ({ count, cpus }) => `--vcpus ${count}: the board has ${cpus} CPUs`,
    hint: ({ cpus }) => `--vcpus ${cpus}`,
    explanation:
      'As in a plan, a guest has no more vCPUs than the board has CPUs: more would only wait for each other.',
  }),
  'vcpus-not-derived': diagnostic<{ vm: string; count: number; reason: string }>({
    severity: 'error',
    message: ({ vm, count, reason }) => `${vm} can't have ${count} vCPUs for this run: ${reason}`,
    hint: () => 'plan again with "vcpus", or change the guest\'s tree',
    explanation:
      "`--vcpus` derives the description and the guest's tree anew, and there is something in the way.",
  }),
  'no-board-tree': diagnostic<object>({
    severity: 'error',
    message: () => "the board's device tree is not known",
    hint: () => 'give it with --dtb',
    explanation:
      "The board is made from its device tree, and neither the flags nor a project's neighbourhood has it.",
  }),
  'program-not-loaded': diagnostic<{ path: string; reason: string }>({
    severity: 'error',
    message: ({ path, reason }) => `${path} can't be run: ${reason}`,
    explanation: "A monitor's program must be a module that exports vmm(microkit, images).",
  }),
  'until-not-said': diagnostic<{ text: string; end: string }>({
    severity: 'error',
    message: ({ text, end }) => `the console never said "${text}"; ${RUN_ENDS[end] ?? end}`,
    explanation: 'The run was to go on until its console says a text, and ended before.',
  }),
  'snapshot-of-other': diagnostic<{ what: readonly string[]; now?: string }>({
    severity: 'error',
    message: ({ what, now }) =>
      now === undefined
        ? `this was saved of another run; what differs: ${what.join(', ')}`
        : `this was saved by ${what.join(', ')}, and this is ${now}`,
    hint: ({ now }) =>
      now === undefined ? 'take up a run with what it was saved with' : 'save it anew with this version',
    explanation:
      'A snapshot holds only what cannot be had from the inputs again, and the state of one version of the program. With others it would be another run.',
  }),
  'timed-out': diagnostic<{ seconds: number }>({
    severity: 'warning',
    message: ({ seconds }) =>
      `the run was ended after ${seconds} ${seconds === 1 ? 'second' : 'seconds'}, with the guest still on its way`,
    hint: () => 'a guest that is done turns itself off (poweroff -f), or --until TEXT ends the run',
    explanation: 'The time that --timeout gives was over. The exit status is 124, as of timeout(1).',
  }),
  'never-wakes': diagnostic({
    severity: 'warning',
    message: () => 'the guest waits, no timer or device of its will ever wake it, and no input is left',
    hint: () => 'a guest that is done turns itself off (poweroff -f), or --until TEXT ends the run',
    explanation:
      'Every vCPU sleeps without a timer, nothing on the board is on its way, and nobody can type. The exit status is 3.',
  }),
  'still-waits': diagnostic<{ seconds: number }>({
    severity: 'warning',
    message: ({ seconds }) =>
      `for ${seconds} seconds of its time the guest had nothing to do and nothing to say, and no input is left`,
    hint: () =>
      'a guest that is done turns itself off (poweroff -f), or --until TEXT ends the run; --idle-limit waits longer',
    explanation:
      'A guest at its prompt is like one that sleeps for long: what is left is to wait. Idle time costs little, so that much of it is let pass before the run ends. The exit status is 3.',
  }),
  silent: diagnostic<{ vm: string; instructions: string; logged?: string; bootargs?: string }>({
    severity: 'warning',
    message: ({ vm, instructions, logged }) =>
      `${vm} ran ${instructions} instructions and said nothing on its console` +
      (logged === undefined ? '' : `; its log, which lies in its RAM, ends with "${logged.slice(0, 200)}"`),
    hint: ({ bootargs = '' }) =>
      /\bearlycon\b/.test(bootargs)
        ? `its command line is "${bootargs}": is its console the UART that it has, and is nothing "quiet" there?`
        : 'with "earlycon" among its bootargs the kernel speaks before its drivers do',
    explanation: 'The guest runs, but its console never came up, or is kept quiet by its command line.',
  }),
});
