/** `examples/BOARD/README.md` for the boards whose example says no more than its plans do. */
import { formatSize, hex } from '../../src/base/index.ts';
import { MICROKIT_BOARDS } from '../../src/microkit/index.ts';
import type { GuestPlan } from '../../src/plan/index.ts';
import type { PlannedExample } from './example-projects.ts';

/** How the tree of a board is had, where Debian's kernel package has none. */
const OWN_TREES: Readonly<Record<string, string>> = {
  qemu_virt_aarch64: `The tree is QEMU's own, for the machine that seL4 is built for:

    qemu-system-aarch64 -machine virt,virtualization=on,dumpdtb=virt.dtb -cpu cortex-a53 -m 2G -display none -net none`,
  maaxboard: `Debian's kernel has no tree for this board; it has one for the evaluation kit with the same chip, console and
Ethernet. [\`maaxboard.overlay.dts\`](maaxboard.overlay.dts) makes that one do:

    npx drivervm dt merge ../payload/dtbs/freescale/imx8mq-evk.dtb maaxboard.overlay.dts -o maaxboard.dtb`,
};

export function examplePage(board: string, planned: readonly PlannedExample[]): string {
  const [first] = planned;
  const model = first?.plan.board.model ?? board;
  const { libvmm, gic } = first?.plan.board ?? { libvmm: false, gic: undefined };
  const address = MICROKIT_BOARDS.get(board)?.loaderAddr;
  const facts = [
    `GICv${gic?.version}`,
    address === undefined ? undefined : `Microkit's image is started at \`${hex(address)}\``,
    libvmm
      ? 'libvmm 0.2 has the board'
      : 'libvmm 0.2 does not have the board: the written project brings a `vgic.h` of its own',
  ].filter((fact) => fact !== undefined);
  const tree = OWN_TREES[board];
  return `# ${board}

${model}: ${facts.join('; ')}.
${tree === undefined ? '' : `\n${tree}\n`}
In this directory, after \`npx drivervm payload debian -o ../payload\`:

${planned.map(({ request }) => `    npx drivervm plan ${request}.yaml -o project`).join('\n')}

The directories show what is ours of each project: the system description, the monitor, and the guest's tree as an overlay.
They were planned without images, so 64 MiB are kept for each; with the payload the numbers are the images' own.

| | ${planned.map(({ request }) => `[${request}](${request}/)`).join(' | ')} |
| --- | ${planned.map(() => '---').join(' | ')} |
${rows(planned)}

Every node, region and interrupt with its reason: \`npx drivervm plan REQUEST -v\`. Renewed and checked by \`npm run examples\`.
`;
}

function rows(planned: readonly PlannedExample[]): string {
  const guests = planned.map(({ plan }) => plan.guests[0]).filter((guest) => guest !== undefined);
  const row = (title: string, cell: (guest: GuestPlan) => string | number) =>
    `| ${title} | ${guests.map(cell).join(' | ')} |`;
  return [
    row('nodes of the tree passed', ({ devices }) => devices.length),
    row('regions', ({ regions }) =>
      regions.map(({ name, size }) => `\`${name}\` ${formatSize(size)}`).join('<br>'),
    ),
    row('nodes that share their pages', ({ regions }) =>
      regions.reduce((sum, { coTenants }) => sum + coTenants.length, 0),
    ),
    row('interrupts', ({ interrupts }) => interrupts.length),
    row('RAM', ({ ram }) => `${formatSize(ram.size)} at \`${hex(ram.base)}\``),
    row('console', ({ stdout }) => (stdout === undefined ? 'none' : `\`${stdout}\``)),
    row('SMC calls forwarded', ({ monitor }) => (monitor.forwardsSmc ? 'yes' : 'no')),
    `| \`drivervm check\` | ${planned.map(({ checked }) => checked).join(' | ')} |`,
  ].join('\n');
}
