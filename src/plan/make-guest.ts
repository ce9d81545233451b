/** One guest's part of the plan, once it is settled what it is given and where its RAM lies. */
import {
  type AddrRange,
  alignUp,
  DiagnosticSink,
  isAligned,
  LARGE_PAGE_BYTES,
  MIB,
  SMALL_PAGE_BYTES,
} from '../base/index.ts';
import { writeDtb } from '../devicetree/index.ts';
import {
  classOfKind,
  connectionsOf,
  type DeviceClass,
  sddfClientChannels,
  sharedClass,
} from '../sharing/index.ts';
import { planStdout, reportConsole, type Stdout } from './console.ts';
import { planCodes as codes } from './diagnostics.ts';
import { devicePlans } from './drivers.ts';
import type { TreeEdit } from './edits.ts';
import { chosenEdits } from './guest/chosen.ts';
import { cpuCount, cpuEdits, psciEdits } from './guest/cpus.ts';
import { dependencyEdits, disableEdits, firstFreePhandle, looseEdits, pciEdits } from './guest/devices.ts';
import { sharedDeviceCodes } from './guest/diagnostics.ts';
import { freePlacesOf } from './guest/free-places.ts';
import { gicEdits, REDISTRIBUTOR_BYTES } from './guest/gic.ts';
import { macEdits } from './guest/mac-addresses.ts';
import { droppedReservations, memoryEdits, reservedMemoryEdits } from './guest/memory.ts';
import { consolesPassedOn, isPassedOn } from './guest/passed-consoles.ts';
import { placeServed, servedEdits } from './guest/served.ts';
import { placeVirtio, reportVirtioRequests, virtioEdits } from './guest/virtio.ts';
import { layOutImages } from './image-places.ts';
import { planInterrupts } from './interrupts.ts';
import { isCut, needOfCut, rateOf, ruleOf } from './outcome.ts';
import type { Holding } from './owners.ts';
import type { PayloadFacts } from './payload-facts.ts';
import type { DriverPlan, GicPlan, GuestPlan, InitrdPlan, KernelPlan, RamPlan, VirtioPlan } from './plan.ts';
import type { Reference } from './references.ts';
import { gicRegion, NOT_ENABLED, planRegions } from './regions.ts';
import { GUEST_PRIORITY, type GuestRequest, type PlanRequest } from './request/index.ts';
import type { Scope } from './scope.ts';
import { unconditionalInitcalls } from './unconditional-access.ts';
import { reportDriverless } from './undriven.ts';
import type { Unit } from './units.ts';
import { reportUnpowered } from './unpowered.ts';
import { reportUnswitchedRoles } from './usb-roles.ts';
import { reportUnusedClocks, reportWants } from './wants.ts';
import { selectUnits, type World } from './world.ts';

export interface GuestRam extends AddrRange {
  /** Where its kernel alone can run, and the board has no RAM for it: guest addresses are not physical ones. */
  readonly isKernels?: boolean;
  /** Further banks, where it is not in one piece. */
  readonly more?: readonly AddrRange[];
}

export interface GuestInput {
  readonly world: World;
  /** The whole request, of which this guest is one. */
  readonly request: PlanRequest;
  readonly gic: GicPlan;
  readonly scope: Scope;
  readonly ram: GuestRam;
  /** Everybody else's devices. */
  readonly others: readonly Holding[];
  readonly drivers: readonly DriverPlan[];
  /** Whether nobody else runs on the board. */
  readonly alone: boolean;
  readonly guestCount: number;
  readonly facts: PayloadFacts;
}

const ASSUMED_IMAGE_BYTES = 64 * MIB;
/** Where PDs' programs are linked (Microkit's microkit.ld), and how far a monitor with its images may reach. */
const PROGRAM_BASE = 0x20_0000;

export function planGuest(input: GuestInput, sink: DiagnosticSink): GuestPlan {
  const { world, gic, scope, facts } = input;
  const { request } = scope;
  const owner = request.name;
  checkCpus(input, sink);
  const reasonOf = reasonFinder(input);
  const images = planImages(input, sink);
  const ram = planRam(input, images);
  const given = new Set(scope.given.keys());
  const prefix = input.guestCount > 1 ? `${owner}_` : '';
  const excepted = new Set(selectUnits(world, request.except, request, new DiagnosticSink()).keys());
  const regions = [
    ...gicRegion(gic),
    ...planRegions(
      world,
      {
        owner,
        given,
        mergeAllowed: request.pass === 'all',
        forbidden: [
          ...input.others.flatMap((other) => [...other.given.keys()].flatMap(({ ranges }) => ranges)),
          ...[...excepted].flatMap(({ ranges }) => ranges),
          ram,
        ],
        reasonOf,
        keptOut: (unit) => excepted.has(unit),
        prefix,
      },
      sink,
    ),
  ];
  const free = freePlacesOf(world, gic, [
    ...regions.map(({ guestAddr, size }) => ({ base: guestAddr, size })),
    ...emulatedRanges(gic, request.vcpus),
    ram,
  ]);
  const wanted = [...request.virtio, ...consolesPassedOn(input.request, owner)];
  const virtio = placeVirtio(wanted, free).map((device) => withDriver(device, input, sink));
  const serves = placeServed(world, scope, input.request, free, sink);
  reportVirtioRequests(request, sink);
  // Here and on seL4 a device may have other channels: as many are kept as either needs.
  const channels = Math.max(
    ...[(name: DeviceClass) => connectionsOf(name, 'client').length, sddfClientChannels].map((count) =>
      virtio.reduce((sum, { kind }) => sum + count(classOfKind(kind)), 0),
    ),
  );
  const listed = request.pass !== 'all';
  const reservedChannels = channels + serves.length;
  const interrupts = planInterrupts(world, { owner, given, listed, reservedChannels }, sink);
  const explain = (reference: Reference) => explainReference(world, request, reference, reasonOf);
  const depended = dependencyEdits(world, scope, firstFreePhandle(world.board), explain);
  reportWants(world, scope, reasonOf, input.others, sink);
  reportUnpowered(world, scope, reasonOf, sink);
  reportUnswitchedRoles(world, scope, reasonOf, sink);
  reportUnusedClocks(world, request, depended.clocked, sink);
  const stdout = planStdout(world, scope, { virtio, reasonOf }, sink);
  reportConsole(world, scope, facts.compatibles, sink);
  reportDriverless(world, scope, facts.compatibles, sink);
  const bootargs = planBootargs(input, stdout);
  const deleted = ['/cpus', ...droppedReservations(world.board), ...messageFrames(world)];
  const edits: readonly TreeEdit[] = [
    ...memoryEdits(world.board, ram),
    ...reservedMemoryEdits(world.board, ram),
    ...cpuEdits(world.board, request.vcpus),
    ...psciEdits(world.board),
    ...gicEdits(world.board, gic, request.vcpus),
    ...looseEdits(world, deleted),
    ...disableEdits(world, scope, reasonOf),
    ...depended.edits,
    ...pciEdits(world, scope),
    ...macEdits(world, scope, sink),
    ...virtioEdits(world.board, virtio),
    ...servedEdits(world.board, serves),
    ...chosenEdits(world.board, {
      bootargs,
      ...(stdout?.value === undefined ? {} : { stdout: stdout.value }),
      ...(images.initrd === undefined ? {} : { initrd: images.initrd }),
    }),
  ];
  return {
    name: owner,
    monitor: {
      pd: input.guestCount > 1 ? `${owner}_vmm` : 'VMM',
      priority: request.priority,
      program: input.guestCount > 1 ? `${owner}_vmm` : 'vmm',
      forwardsSmc: scope.forwardsSmc,
    },
    vm: { name: owner, priority: GUEST_PRIORITY, vcpus: request.vcpus },
    ram,
    ...images,
    ...(serves.length === 0 ? {} : { serves }),
    bootargs,
    ...(stdout === undefined ? {} : { stdout: stdout.path }),
    devices: devicePlans(scope.given),
    leftOut: world.units.all
      .filter((unit) => unit.enabled && !scope.given.has(unit))
      .filter((unit) => hasHardware(unit) || (scope.leftOut.has(unit) && unit.never === undefined))
      .map((unit) => ({ path: unit.path, reason: reasonOf(unit) })),
    regions,
    interrupts,
    dependencies: depended.dependencies,
    virtio,
    edits,
  };
}

/** What stands below the interrupt controller: frames for message interrupts, which go. */
function messageFrames({ board }: World): readonly string[] {
  return [...(board.gic?.node.children.keys() ?? [])].map((name) => `${board.gic?.path}/${name}`);
}

function withDriver(device: VirtioPlan, input: GuestInput, sink: DiagnosticSink): VirtioPlan {
  const { kind } = device;
  if (device.consoleOf !== undefined || isPassedOn(device, input.request, input.scope.request.name))
    return device;
  const name = classOfKind(kind);
  // What the host has behind it under "drivervm run", a disk's file and the wire, needs nobody's device there.
  const needsDriver = sharedClass(name).behind === 'driver';
  const first = input.drivers.find((driver) => driver.class === name);
  const served = device.driver ?? first?.name;
  const isLent =
    name === 'block' &&
    input.request.guests.some(({ serves }) => serves.some((each) => each.name === served));
  const missing =
    served === undefined ? needsDriver : !isLent && !input.drivers.some((driver) => driver.name === served);
  if (missing) {
    const owner = input.scope.request.name;
    sink.report(sharedDeviceCodes['virtio-without-driver'].at(undefined, { owner, kind, driver: served }));
  }
  return served === undefined ? device : { ...device, driver: served };
}

function hasHardware(unit: Unit): boolean {
  return unit.ranges.length > 0 || unit.lines.length > 0;
}

/** CPU interfaces of GICv2 (IHI 0048B §4.3.12, GICD_ITARGETSR's eight bits). */
const GICV2_CPUS = 8;

function checkCpus({ world, gic, scope }: GuestInput, sink: DiagnosticSink): void {
  const { vcpus, name: owner } = scope.request;
  const cpus = cpuCount(world.board);
  const report = (most: number, of: 'board' | 'gic') =>
    sink.report(codes['too-many-vcpus'].at(undefined, { owner, vcpus, most, of }));
  if (cpus > 0 && vcpus > cpus) report(cpus, 'board');
  else if (gic.version === 2 && vcpus > GICV2_CPUS) report(GICV2_CPUS, 'gic');
}

function reasonFinder({ scope, others }: GuestInput): (unit: Unit) => string {
  return (unit) => {
    const other = others.find(({ given }) => given.has(unit));
    const known = scope.leftOut.get(unit) ?? unit.never;
    if (known !== undefined) return known;
    if (other !== undefined) return `it belongs to ${other.owner}`;
    return unit.enabled ? 'not asked for' : NOT_ENABLED;
  };
}

interface Images {
  readonly kernel: KernelPlan;
  readonly initrd?: InitrdPlan;
  readonly dtb: AddrRange;
}

function planImages(input: GuestInput, sink: DiagnosticSink): Images {
  const { facts, ram } = input;
  const { request } = input.scope;
  const { kernel, initrdBytes } = facts;
  const hasInitrd = request.initrd !== undefined;
  const sizes = {
    textOffset: kernel?.textOffsetBytes ?? 0,
    imageSizeBytes: kernel?.imageSizeBytes ?? ASSUMED_IMAGE_BYTES,
    ...(hasInitrd ? { initrdBytes: initrdBytes ?? ASSUMED_IMAGE_BYTES } : {}),
    dtbBytes: dtbRoom(input),
  };
  const layout = layOutImages(ram, sizes, request.loadAt);
  for (const fault of layout.faults)
    sink.report(codes['image-place'].at(undefined, { owner: request.name, ...fault }));
  if (layout.endOffset > ram.size && layout.faults.length === 0) {
    sink.report(
      codes['images-do-not-fit'].at(undefined, {
        owner: request.name,
        neededBytes: layout.endOffset,
        ramBytes: ram.size,
      }),
    );
  }
  return {
    kernel: {
      path: request.kernel,
      ...layout.kernel,
      ...(kernel === undefined ? {} : { fileBytes: kernel.fileBytes }),
      ...(kernel?.madeFrom === undefined ? {} : { madeFrom: kernel.madeFrom }),
      why: whyThere(kernel),
    },
    ...(layout.initrd === undefined
      ? {}
      : {
          initrd: {
            path: request.initrd ?? '',
            ...layout.initrd,
            ...(initrdBytes === undefined ? {} : { fileBytes: initrdBytes }),
            why: whyInitrdThere(request.loadAt?.initrd, initrdBytes),
          },
        }),
    dtb: layout.dtb,
  };
}

function whyThere(kernel: PayloadFacts['kernel']): string {
  if (kernel === undefined) return "no kernel was measured: room for a distribution's";
  const place = 'text_offset and image_size of its header, from the start of RAM';
  return kernel.madeFrom === undefined ? place : `made of ${kernel.madeFrom}; ${place}`;
}

function whyInitrdThere(chosen: number | undefined, initrdBytes: number | undefined): string {
  if (initrdBytes === undefined) return 'not measured: room for 64 MiB';
  return chosen === undefined ? 'after the kernel, at 2 MiB' : 'as asked for';
}

/** The guest's tree is the board's with some nodes of its own, and most devices disabled. */
const dtbRoom = ({ world }: GuestInput): number =>
  alignUp(writeDtb(world.board.tree).length + OWN_NODES_BYTES, SMALL_PAGE_BYTES);
const OWN_NODES_BYTES = 0x4000;

function planRam(input: GuestInput, images: Images): RamPlan {
  const { scope, ram } = input;
  const dma = [...scope.given.keys()].some(hasHardware);
  const oneToOne = ram.isKernels !== true && (scope.request.oneToOne ?? dma);
  const chosen = chosenHow(input);
  const mapping = oneToOne
    ? 'physical addresses are guest addresses, as devices with DMA need'
    : `Microkit chooses the physical pages: no device of the guest ${dma ? 'may read or write' : 'reads or writes'} RAM`;
  const programEnd =
    PROGRAM_BASE + (images.kernel.fileBytes ?? images.kernel.size) + (images.initrd?.size ?? 0);
  const { more = [] } = ram;
  const [monitorVaddr = HIGH_VADDR, ...vaddrs] = monitorVaddrs([ram, ...more], programEnd);
  return {
    base: ram.base,
    size: ram.size,
    oneToOne,
    monitorVaddr,
    pageSizeBytes: LARGE_PAGE_BYTES,
    why: `${more.length === 0 ? chosen : BANKS}; ${mapping}`,
    ...(more.length === 0
      ? {}
      : {
          more: more.map(({ base, size }, index) => ({
            base,
            size,
            monitorVaddr: vaddrs[index] ?? HIGH_VADDR,
          })),
        }),
  };
}

const BANKS = 'in banks, for no place is large enough';

function chosenHow({ facts, scope }: GuestInput): string {
  const { ramBase } = scope.request;
  if (ramBase === undefined) return 'the first place that fits';
  return ramBase === facts.kernel?.ramBase ? 'where its kernel runs' : 'as asked for';
}

/** The guest's own addresses where they are free in the monitor, else above 4 GiB. */
function monitorVaddrs(banks: readonly AddrRange[], programEnd: number): readonly number[] {
  const isClear = ({ base, size }: AddrRange): boolean =>
    base >= programEnd + 16 * MIB &&
    isAligned(base, LARGE_PAGE_BYTES) &&
    base + size <= MONITOR_ADDRESS_LIMIT;
  if (banks.every(isClear)) return banks.map(({ base }) => base);
  let next = HIGH_VADDR;
  return banks.map(({ size }) => {
    const vaddr = next;
    next += size;
    return vaddr;
  });
}

/** Below a PD's stack with room to spare (Microkit 2.3 on AArch64 with 40 bits of physical addresses). */
const MONITOR_ADDRESS_LIMIT = 2 ** 39;
const HIGH_VADDR = 2 ** 32;

function emulatedRanges(gic: GicPlan, vcpus: number): readonly AddrRange[] {
  const { distributor, redistributors } = gic;
  if (redistributors === undefined) return [distributor];
  return [distributor, { base: redistributors, size: REDISTRIBUTOR_BYTES * Math.max(vcpus, 4) }];
}

function explainReference(
  world: World,
  request: GuestRequest,
  reference: Reference,
  reasonOf: (unit: Unit) => string,
): string {
  const rule = ruleOf(world, reference);
  const rate = rule.without === 'fixed-clock' ? rateOf(world, request, reference) : undefined;
  const because =
    rate === undefined
      ? rule.because
      : `a fixed clock of ${rate.rateHz} Hz stands in for it, as ${rate.source}`;
  const { to } = reference;
  if (isCut(world, request, reference)) return explainCut(world, reference);
  if (to === undefined) return because;
  return `${to.path} is not passed (${reasonOf(to)}): ${because}`;
}

/** What comes of a reference that the request cuts, as far as that is known. */
function explainCut(world: World, reference: Reference): string {
  const need = needOfCut(world, reference);
  const path = reference.to?.path ?? reference.target.path;
  switch (need?.kind) {
    case 'required':
      return `the request cuts ${path}: without it the driver ${need.consequence ?? 'fails to probe'} (${need.source})`;
    case 'optional':
      return `the request cuts ${path}: its driver can do without (${need.source})`;
    case 'unknown':
      return `the request cuts ${path}: whether its driver can do without is not known`;
    default:
      return `the request cuts ${path}`;
  }
}

/** The request's words, or early output on the console; then what this board and this company need. */
function planBootargs(input: GuestInput, stdout: Stdout | undefined): string {
  const { world, scope, alone } = input;
  const words: string[] = [];
  const given = scope.request.bootargs;
  if (given !== undefined) words.push(given);
  else if (stdout?.value !== undefined) words.push('earlycon');
  else if (stdout !== undefined) words.push('console=hvc0');
  const initcalls = unconditionalInitcalls(world.board.compatible).map(({ initcall }) => initcall);
  if (initcalls.length > 0 && given?.includes('initcall_blacklist=') !== true) {
    words.push(`initcall_blacklist=${initcalls.join(',')}`);
  }
  const controlsClocks = [...scope.given.keys()].some(({ node }) => node.properties.has('#clock-cells'));
  if (!alone && controlsClocks && given?.includes('clk_ignore_unused') !== true) {
    words.push('clk_ignore_unused', 'pd_ignore_unused');
  }
  return words.join(' ');
}
