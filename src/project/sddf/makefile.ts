/**
 * The Makefile's part for sDDF: its own sections build drivers, virtualisers, switch and copiers; what is compiled of each configuration
 * is put into a copy of the program. For QEMU, the devices that the drivers drive.
 */
import type { Plan, SddfPlan } from '../../plan/index.ts';
import { CONFIGURED, SDDF_CLASSES, type SddfDriver, sddfDriverIn } from '../../sharing/index.ts';
import { configurationFile } from './configuration-c.ts';
import { configurationsOf } from './configurations.ts';
import { sddfImage } from './description.ts';

/** The programs with their configurations, as the description names them. */
export function sddfImages(sddf: SddfPlan | undefined): readonly string[] {
  return sddf === undefined ? [] : sddf.domains.map(({ name }) => sddfImage(name));
}

/** Sections of sDDF's that build its programs, and the rules that give each its configuration. */
export function sddfRules(sddf: SddfPlan | undefined): readonly string[] {
  if (sddf === undefined || sddf.domains.length === 0) return [];
  const drivers = [...new Set(sddf.drivers.map(({ directory }) => directory))].map(sddfDriverIn);
  const classes = Object.entries(SDDF_CLASSES).filter(([name]) =>
    sddf.domains.some(({ class: of }) => of === name),
  );
  const programs = [...new Set(sddf.domains.map(({ program }) => program))];
  const configurations = configurationsOf(sddf);
  return [
    `# sDDF's programs, by its own sections.
${drivers.map((driver) => `include $(SDDF)/drivers/${sectionOf(driver)}`).join('\n')}${drivers.length > 0 ? '\n' : ''}${classes.map(([, { makefile }]) => `include $(SDDF)/${makefile}`).join('\n')}
${programs.join(' ')}: libsddf_util_debug.a
`,
    `# Each program gets the configuration of its protection domain: the sections of NAME_config.c.
${CONFIGURED}:
	mkdir -p $@

%_config.o: $(PROJECT_DIR)/%_config.c $(CONFIGURATION)
	$(CC) $(CFLAGS) -c -o $@ $<

-include $(wildcard *_config.d)`,
    ...sddf.domains.map(({ name, program }) =>
      configureRule(
        name,
        program,
        (configurations.get(name) ?? []).map(({ section }) => section),
      ),
    ),
  ];
}

const sectionOf = ({ directory, makefile }: SddfDriver): string => `${directory}/${makefile}`;

function configureRule(pd: string, program: string, sections: readonly string[]): string {
  const data = (section: string) => `${CONFIGURED}/${pd}.${section}.data`;
  const object = configurationFile(pd).replace(/\.c$/, '.o');
  return `${sddfImage(pd)}: ${program} ${object} | ${CONFIGURED}
${sections.map((section) => `\t$(OBJCOPY) -O binary --only-section .${section} ${object} ${data(section)}\n`).join('')}	$(OBJCOPY) ${sections.map((section) => `--update-section .${section}=${data(section)}`).join(' ')} ${program} $@`;
}

/** QEMU's virt has 32 transports of virtio-mmio, 0x200 apart; the driver's registers say which is its own. */
const VIRTIO_MMIO = { base: 0x0a00_0000, size: 0x200 } as const;

function busOf({ guests, sddf }: Plan, driver: string): number {
  const registers = sddf?.drivers.find(({ pd }) => pd === driver)?.registers.physAddr;
  const server = sddf?.block.find((each) => each.driver === driver)?.server;
  const device = guests.flatMap(({ devices }) => devices).find(({ path }) => path === server?.device);
  return ((registers ?? device?.ranges[0]?.base ?? VIRTIO_MMIO.base) - VIRTIO_MMIO.base) / VIRTIO_MMIO.size;
}

/** What QEMU is given for them: disks and network cards, where the drivers look for them. */
export function qemuDevices(plan: Plan): readonly string[] {
  const { sddf } = plan;
  if (sddf === undefined) return [];
  const disks = sddf.block.flatMap(({ driver }) => [
    `-drive file=${diskFile(driver)},format=raw,if=none,id=${driver}`,
    `-device virtio-blk-device,drive=${driver},bus=virtio-mmio-bus.${busOf(plan, driver)}`,
  ]);
  const cards = sddf.net.flatMap(({ outside }) =>
    outside === undefined
      ? []
      : [
          `-netdev user,id=${outside.driver}`,
          `-device virtio-net-device,netdev=${outside.driver},bus=virtio-mmio-bus.${busOf(plan, outside.driver)}`,
        ],
  );
  const all = [...disks, ...cards, ...sddf.net.flatMap(({ bridge }) => bridgedCard(plan, bridge))];
  // sDDF's drivers know virtio since version 1.0 alone.
  return all.length === 0 ? [] : ['-global virtio-mmio.force-legacy=false', ...all];
}

/** A card for a guest that is a bridge, in the first of the transports that it has and does not serve. */
function bridgedCard({ guests }: Plan, bridge: string | undefined): readonly string[] {
  const guest = guests.find(({ monitor }) => monitor.pd === bridge);
  const isServed = (path: string) => guest?.serves?.some(({ device }) => device === path) === true;
  const base = guest?.devices.find(
    ({ path, compatible }) => compatible.includes('virtio,mmio') && !isServed(path),
  )?.ranges[0]?.base;
  if (guest === undefined || base === undefined) return [];
  const bus = (base - VIRTIO_MMIO.base) / VIRTIO_MMIO.size;
  return [
    `-netdev user,id=${guest.name}`,
    `-device virtio-net-device,netdev=${guest.name},bus=virtio-mmio-bus.${bus}`,
  ];
}

const diskFile = (driver: string): string => `${driver}.img`;

/** The images of disks that `make qemu` gives QEMU. */
export const diskFiles = (sddf: SddfPlan | undefined): readonly string[] =>
  (sddf?.block ?? []).map(({ driver }) => diskFile(driver));

const SECTOR_BYTES = 512;
/** Partitions begin at whole MiB, as disks have it today. */
const FIRST_SECTOR = 2048;
/** A master boot record has no more. */
const MBR_PARTITIONS = 4;
/** Of a partition for a guest for which the request names no image. */
const EMPTY_MIB = 64;

/** A disk that a guest serves has what the request puts into its device; it stays as the guests leave it, until that is newer. */
function servedDiskRule({ disks }: Plan, name: string, device: string): string {
  const image = disks.find((disk) => disk.device === device)?.image;
  const file = diskFile(name);
  if (image === undefined)
    return `# The request puts nothing into ${device}: give a disk with a partition table.\n${file}:\n\t$(error ${file}: put the disk that is served into the build directory)`;
  const source = `$(PROJECT_DIR)/${image}`.replace('$(PROJECT_DIR)//', '/');
  return `# What is in ${device}, as the request has it. It stays as the guests leave it, until that is newer.
${file}: ${source}
\tcp --sparse=always $< $@`;
}

/** How a disk is made of what its clients are to find: a partition for each, in a table as the virtualiser reads it. */
export function diskRules(plan: Plan): readonly string[] {
  const { sddf } = plan;
  if (sddf === undefined) return [];
  return sddf.block.map(({ driver, virt, clients, server }) => {
    if (server !== undefined) return servedDiskRule(plan, driver, server.device);
    const count = Math.max(...clients.map(({ partition }) => partition)) + 1;
    const images = Array.from({ length: count }, (_, index) => {
      const client = clients.find(({ partition }) => partition === index);
      const guest = plan.guests.find(({ monitor }) => monitor.pd === client?.pd);
      const image = guest?.virtio.find(({ path }) => path === client?.device)?.image;
      if (image === undefined) return { emptyMib: client === undefined ? 1 : EMPTY_MIB };
      return { path: `$(PROJECT_DIR)/${image}`.replace('$(PROJECT_DIR)//', '/') };
    });
    const parts = images.map(({ emptyMib, path }) =>
      path === undefined ? `truncate -s ${emptyMib}M partition && put partition` : `put '${path}'`,
    );
    const file = diskFile(driver);
    // The virtualiser's configuration says who has which partition.
    const sources = [
      ...images.flatMap(({ path }) => path ?? []),
      `$(PROJECT_DIR)/${configurationFile(virt)}`,
    ];
    // A GPT has its copy at the end.
    const [label, tail] = count > MBR_PARTITIONS ? ['gpt', FIRST_SECTOR] : ['dos', 0];
    return `# A partition of ${driver}'s disk for each guest that has one, with what the request names in it. It stays as the guests leave it,
# until one of these files is newer.
${file}: ${sources.join(' ')}
	rm -f $@ $@.table
	start=${FIRST_SECTOR}; put() { \\
		sectors=$$(( ($$(wc -c < "$$1") + ${FIRST_SECTOR * SECTOR_BYTES - 1}) / ${FIRST_SECTOR * SECTOR_BYTES} * ${FIRST_SECTOR} )); \\
		dd if="$$1" of=$@ bs=${SECTOR_BYTES * FIRST_SECTOR} seek=$$((start / ${FIRST_SECTOR})) conv=notrunc,sparse status=none; \\
		echo "start=$$start,size=$$sectors,type=L" >> $@.table; \\
		start=$$((start + sectors)); }; \\
	set -e; ${parts.join('; ')}; \\
	truncate -s $$(((start + ${tail}) * ${SECTOR_BYTES})) $@
	{ echo "label: ${label}"; cat $@.table; } | sfdisk --quiet $@`;
  });
}
