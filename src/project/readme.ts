/** The project's README: what the system is, how to build it, how to put it on the board, what it cannot do. */
import { formatSize, hex } from '../base/index.ts';
import { MICROKIT_BOARDS } from '../microkit/index.ts';
import { type GuestPlan, type Plan, ramBanks } from '../plan/index.ts';
import { PLAN_FILE } from './file-names.ts';
import { hasQemu } from './makefile.ts';
import { driversInCAlone } from './makefile-typescript.ts';
import { configurationFile } from './sddf/configuration-c.ts';
import { sharingSection, unservedNote } from './sddf/readme.ts';
import { VGIC_HEADER } from './vgic-header.ts';

/** The README: what is in the directory, how it is built and run. */
export function readmeText(plan: Plan): string {
  const parts = [
    `# ${plan.name}`,
    intro(plan),
    files(plan),
    build(plan),
    boot(plan),
    ...plan.guests.map((guest) => guestSection(plan, guest)),
    ...sharingSection(plan),
    ...driverSection(plan),
    ...limits(plan),
    `Written by \`drivervm plan\`. \`plan.json\` holds every decision with its reason; the other files follow from it.`,
  ];
  return `${parts.join('\n\n')}\n`;
}

function intro(plan: Plan): string {
  const guests = plan.guests.map(({ name }) => `\`${name}\``).join(', ');
  const what = plan.guests.length === 1 ? 'one Linux driver VM' : `${plan.guests.length} Linux driver VMs`;
  return `A Microkit system for ${plan.board.model} (\`${plan.board.microkit ?? 'a board that Microkit 2.3 does not list'}\`) with ${what}: ${guests}.`;
}

function files(plan: Plan): string {
  const rows = [
    [`${plan.name}.system`, 'the system description: who may touch what'],
    ...(plan.sddf === undefined
      ? []
      : [
          [
            `${plan.name}.run.system`,
            "the same for `drivervm run` and `make VMM=ts`, with drivervm's own virtualisers in place of sDDF's",
          ],
        ]),
    ...plan.guests.flatMap(({ name, monitor }) => [
      [
        `${monitor.program}.ts`,
        `the monitor of ${name}, which \`drivervm run\` runs and \`make VMM=ts\` builds for seL4`,
      ],
      [
        `${monitor.program}.c`,
        'the same in C, on libvmm 0.2, which `make` builds unless it is told otherwise',
      ],
      [`${name}.dts`, `the device tree that ${name} is given; the Makefile compiles it`],
      [`${name}.dtb`, 'the same, compiled, for `drivervm run`'],
      [`${name}.overlay.dts`, "the same as a change to the board's own source"],
    ]),
    ...(plan.sddf?.domains ?? []).map(({ name, program }) => [
      configurationFile(name),
      `what sDDF's \`${program}\` finds as the protection domain ${name}`,
    ]),
    ['Makefile', 'builds the image'],
    ...(plan.board.libvmm
      ? []
      : [[VGIC_HEADER, 'where the interrupt controller is, which libvmm 0.2 does not know of this board']]),
    [PLAN_FILE, 'the plan, for programs'],
  ];
  return `| file | what it is |\n| --- | --- |\n${rows.map(([file, what]) => `| \`${file}\` | ${what} |`).join('\n')}`;
}

function build(plan: Plan): string {
  const images = plan.guests.flatMap(({ kernel, initrd }) => [
    kernel.madeFrom ?? kernel.path,
    ...(initrd === undefined ? [] : [initrd.path]),
  ]);
  const made = plan.guests.flatMap(({ kernel: { path, madeFrom } }) =>
    madeFrom === undefined
      ? []
      : [`\n\`${path}\` is an Image made of \`${madeFrom}\`: plan again when that has changed.`],
  );
  const place = images.map((path) => `\`${path}\``).join(', ');
  return `## Build

Needs the Microkit SDK 2.3, clang, lld, llvm and dtc, and libvmm 0.2 with its submodule \`dep/sddf\`. The images
(${place}) are taken from where the request said, relative to this directory;
\`make LINUX=… INITRD=…\` names others.${made.join('')}

    make MICROKIT_SDK=/path/to/microkit-sdk-2.3.0 LIBVMM=/path/to/libvmm

The image is \`build/loader.img\`.

${inTypescript(plan)}`;
}

/** The other way to build it, or why there is none. */
function inTypescript(plan: Plan): string {
  const without = driversInCAlone(plan);
  if (without.length > 0)
    return `The monitors in TypeScript are for \`drivervm run\` alone here: no driver in TypeScript has the device of ${without.join(', of ')}.`;
  const others =
    plan.drivers.length + plan.sharing.virtualisers.length > 0 ? ', with every program around it' : '';
  return `With the monitor in TypeScript, the one that \`drivervm run\` runs${others}, libvmm is not needed; QuickJS-ng's sources, picolibc and GCC's
library for aarch64 are (\`apt install picolibc-aarch64-linux-gnu gcc-aarch64-linux-gnu\`), and drivervm:

    make VMM=ts MICROKIT_SDK=/path/to/microkit-sdk-2.3.0 QUICKJS=/path/to/quickjs`;
}

function boot(plan: Plan): string {
  const { microkit } = plan.board;
  if (hasQemu(plan)) {
    const typescript =
      driversInCAlone(plan).length > 0 ? '' : '\n    make qemu VMM=ts MICROKIT_SDK=… QUICKJS=…';
    return `## Run\n\n    make qemu MICROKIT_SDK=… LIBVMM=…${typescript}\n\nCtrl-A x leaves QEMU.`;
  }
  const { loaderAddr: address, bootNote } = MICROKIT_BOARDS.get(microkit ?? '') ?? {};
  if (address === undefined) {
    return '## Boot\n\nMicrokit 2.3 has no board of this kind, so there is no SDK to build this with. `drivervm run` boots it simulated.';
  }
  return `## Boot

Microkit's image is started at its link address, ${hex(address)}. In U-Boot, from a TFTP server:

    tftpboot ${hex(address)} loader.img
    go ${hex(address)}

or from a FAT partition of the first card:

    fatload mmc 0 ${hex(address)} loader.img
    go ${hex(address)}${bootNote === undefined ? '' : `\n\n${bootNote}`}`;
}

function guestSection(plan: Plan, guest: GuestPlan): string {
  const { ram, kernel, initrd, dtb, interrupts, regions, devices } = guest;
  const rows = [
    ...ramBanks(ram).map(({ base, size }) => ['RAM', base, size] as const),
    ['kernel', kernel.base, kernel.size],
    ...(initrd === undefined ? [] : [['initrd', initrd.base, initrd.size] as const]),
    ['device tree', dtb.base, dtb.size],
  ] as const;
  const memory = rows
    .map(([what, base, size]) => `| ${what} | \`${hex(base)}\` | ${formatSize(size)} |`)
    .join('\n');
  const shared = regions.reduce((sum, { coTenants }) => sum + coTenants.length, 0);
  return `## ${guest.name}

${devices.length} nodes of the board's tree are passed, in ${regions.length} memory regions with ${interrupts.length} interrupts; ${shared} more nodes
share their pages.

- Command line: \`${guest.bootargs}\`
- Console: ${guest.stdout === undefined ? 'none' : `\`${guest.stdout}\``}
- RAM: ${ram.why}

| what | guest physical address | size |
| --- | --- | --- |
${memory}${clockNote(guest)}${virtioNote(plan, guest)}`;
}

/** Rates that the guest believes and nobody checks: on hardware a wrong one shows as a garbled console. */
function clockNote(guest: GuestPlan): string {
  const fixed = guest.dependencies.filter(({ outcome }) => outcome === 'fixed-clock');
  if (fixed.length === 0) return '';
  const lines = fixed.map(({ consumer, provider, reason }) => {
    const rate = reason.slice(reason.lastIndexOf('a fixed clock of '));
    return `- \`${consumer}\`, for \`${provider}\`: ${rate}`;
  });
  return `

Clocks that have a fixed one in their place. The device works at its right speed if the firmware leaves this rate; where it
does not, give the right one in the request (\`clocks\`) and plan again.

${[...new Set(lines)].join('\n')}`;
}

function virtioNote(plan: Plan, guest: GuestPlan): string {
  if (guest.virtio.length === 0) return '';
  const devices = guest.virtio
    .map(({ kind, guestAddr, intid }) => `${kind} at \`${hex(guestAddr)}\` (INTID ${intid})`)
    .join(', ');
  return `\n\nVirtio devices: ${devices}.${unservedNote(plan, guest)}`;
}

function driverSection(plan: Plan): readonly string[] {
  const own = plan.drivers.filter(({ name }) => plan.sddf?.drivers.every(({ pd }) => pd !== name) ?? true);
  if (own.length === 0) return [];
  const rows = own.map(({ name, program, devices, regions, interrupts }) => {
    const at = regions.map((region) => `\`${hex(region.vaddr)}\` → \`${hex(region.base)}\``).join(', ');
    const irqs = interrupts.map(({ intid, channel }) => `${intid} on channel ${channel}`).join(', ');
    return `| ${name} | \`${program}\` | ${devices.map(({ path }) => path).join(', ')} | ${at} | ${irqs} |`;
  });
  return [
    `## Native drivers

Their programs are yours to bring into the build directory; the system description gives them this:

| driver | program | devices | registers mapped at | interrupts |
| --- | --- | --- | --- | --- |
${rows.join('\n')}`,
  ];
}

function limits(plan: Plan): readonly string[] {
  if (plan.unknown.length === 0) return [];
  return [`## What the plan could not know\n\n${plan.unknown.map((sentence) => `- ${sentence}`).join('\n')}`];
}
