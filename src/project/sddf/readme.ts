/** What a project's README says of shared devices. */
import { hex } from '../../base/index.ts';
import type { GuestPlan, Plan, SddfConsole, SddfPlan } from '../../plan/index.ts';
import { keyName } from './configurations.ts';

/** Who serves what by which programs, and what a person does with it. */
export function sharingSection(plan: Plan): readonly string[] {
  const { sddf } = plan;
  const consoles = (sddf?.consoles ?? []).map((each) => consoleText(plan, each)).join('\n\n');
  if (sddf === undefined || sddf.domains.length === 0)
    return consoles === '' ? [] : [`## Shared devices\n\n${consoles}`];
  const domains = sddf.domains.map(
    ({ name, program, role, priority, budgetUs, periodUs }) =>
      `| ${name} | \`${program}\` | ${role} | ${priority}${budgetUs === undefined ? '' : `, ${budgetUs} µs${periodUs === undefined ? '' : ` of ${periodUs}`}`} |`,
  );
  const parts = [
    `## Shared devices

sDDF's own programs (those that libvmm 0.2.0 has in \`dep/sddf\`) serve the guests' virtio devices. The Makefile builds them, and puts into
a copy of each what \`NAME_config.c\` says: where its queues and data lie and which channel leads to whom.

| domain | program | role | priority |
| --- | --- | --- | --- |
${domains.join('\n')}`,
    ...sddf.serial.map(serialText),
    consoles,
    ...sddf.block.map((block) => blockText(plan, block)),
    ...sddf.net.map(netText),
    dmaText(sddf),
  ];
  return [parts.filter((part) => part !== '').join('\n\n')];
}

/** The devices of a guest that nobody serves on hardware. */
export function unservedNote({ sddf }: Plan, guest: GuestPlan): string {
  const own = (sddf?.unserved ?? []).filter(({ pd }) => pd === guest.monitor.pd);
  if (own.length === 0) return '';
  const lines = own.map(({ device, reason }) => `- \`${device}\`: ${reason}`);
  return `

**Not served on hardware**, so that Linux finds nothing there; \`drivervm run\` serves them:

${lines.join('\n')}`;
}

function serialText({ driver, colours, switchByte, clients }: SddfPlan['serial'][number]): string {
  const several = clients.length > 1;
  const which = clients.map(({ pd }, index) => `${index} for ${pd}`).join(', ');
  return `Console: \`${driver}\` has the UART.${
    several
      ? ` ${keyName(switchByte)}, a number and Enter choose who is typed to: ${which}.${colours ? ' Each has a colour.' : ''}`
      : ''
  } What is typed before a guest's console is open is lost.`;
}

function consoleText({ guests }: Plan, { ends: [own, other] }: SddfConsole): string {
  const nameOf = (pd: string) => guests.find(({ monitor }) => monitor.pd === pd)?.name ?? pd;
  const [guest, by] = [nameOf(own.pd), nameOf(other.pd)];
  return `Console of ${guest}: ${by} passes it on. It is \`${other.device}\` in the tree of ${by}, whose Linux has it as \`/dev/hvcN\`; in the ramdisk of \`payload debian\` \`console ${guest}\` is it, and what it says comes behind its name. What it says before ${by} is up is lost. ${by} sees and may change all that is said and typed there; RAM of ${guest} it does not have.`;
}

function blockText({ guests }: Plan, { driver, clients, server }: SddfPlan['block'][number]): string {
  const rows = clients.map(({ pd, device, partition }) => {
    const guest = guests.find(({ monitor }) => monitor.pd === pd);
    const disk = guest?.virtio.find(({ path }) => path === device);
    const image = disk?.image;
    const content = image === undefined ? '' : `, for \`make qemu\` with what is in \`${image}\``;
    return `- partition ${partition + 1} for ${guest?.name ?? pd}${disk?.mode === 'read-only' ? ', read-only' : ''}${content}`;
  });
  const owner = guests.find(({ monitor }) => monitor.pd === server?.pd)?.name ?? driver;
  const last =
    server === undefined
      ? "A monitor waits for its disk before it starts its guest. That a disk is read-only is its monitor's doing: sDDF's virtualiser passes writes on."
      : `The Linux of ${owner} drives it and lends it by its program disk-server, which is in the ramdisk by \`payload debian --server\`. A guest that is served starts when the disk is there. What ${owner} may do to those that it serves: read and write their partitions, and stop answering; that its answers are lies stops the virtualiser, and with it their disks. Their RAM it does not have. That a part is read-only is the doing of the monitor whose guest has it: the virtualiser passes writes on.`;
  return `Disk: \`${owner}\` has it. Its partition table is MBR or GPT, each partition at a multiple of 4 KiB, and a guest sees one partition as a whole disk:

${rows.join('\n')}

${last}`;
}

function netText({ vswitch, ports, outside, bridge }: SddfPlan['net'][number]): string {
  const rows = ports.map(({ pd, mac, reaches }) => {
    const names = reaches.map((port) => ports[port]?.pd ?? 'outside');
    return `- ${pd}: \`${mac}\`, sends to ${names.length === 0 ? 'nobody' : names.join(', ')}`;
  });
  const beyond =
    outside === undefined
      ? bridge === undefined
        ? 'There is nothing beyond it.'
        : `What is for nobody that it knows goes to ${bridge}, whose guest bridges it to elsewhere.`
      : `\`${outside.driver}\` has the Ethernet device behind it.`;
  return `Network: \`${vswitch}\` is a switch among the guests. ${beyond} It knows stations and broadcasts, not groups: what is for a group goes outside alone.

${rows.join('\n')}`;
}

function dmaText({ regions }: SddfPlan): string {
  const rows = regions.flatMap(({ name, physAddr, sizeBytes, why }) =>
    physAddr === undefined ? [] : [`| \`${hex(physAddr)}\` | ${hex(sizeBytes)} | ${name}: ${why} |`],
  );
  if (rows.length === 0) return '';
  return `What devices reach by DMA, at these physical addresses:

| address | size | what |
| --- | --- | --- |
${rows.join('\n')}`;
}
