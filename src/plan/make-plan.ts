/**
 * Makes the plan: from a resolved board, a complete request and what is known of the images, every decision in turn.
 * Pure; the same input gives the same plan.
 */

import { type DiagnosticSink, LARGE_PAGE_BYTES, MIB, rangesOverlap } from '../base/index.ts';
import { type Board, isPciBus } from '../devicetree/index.ts';
import type { MicrokitBoard } from '../microkit/index.ts';
import { reportCycles } from './cycles.ts';
import { planCodes as codes } from './diagnostics.ts';
import { planDisks } from './disks.ts';
import { planDrivers, settleDrivers } from './drivers.ts';
import { reportFloatingRam } from './floating-ram.ts';
import { sharedDeviceCodes } from './guest/diagnostics.ts';
import { planGic } from './guest/gic.ts';
import { reportSharedMacs } from './guest/mac-addresses.ts';
import { reportPassedConsoles } from './guest/passed-consoles.ts';
import { reportBridges, reportPeers, reportSharedPartitions } from './guest/peers.ts';
import { reportServed } from './guest/served.ts';
import { likelyPlace } from './likely-ram.ts';
import { type GuestRam, planGuest } from './make-guest.ts';
import { reportSharedDevices, reportSharedInterrupts, reportSharedPages } from './owners.ts';
import type { PayloadFacts } from './payload-facts.ts';
import { type GicPlan, PLAN_FORMAT, type Plan } from './plan.ts';
import { avoidedRam, loaderOverlap, platformFor } from './platform.ts';
import { type Avoided, mostRam, placeBanks, placeRam } from './ram.ts';
import { referencesOf } from './references.ts';
import { DEFAULT_RAM_BYTES, type GuestRequest, type PlanRequest } from './request/index.ts';
import { type Scope, settleScope } from './scope.ts';
import { planSddf } from './sddf/plan-sddf.ts';
import { planSharing, servedDevices } from './sharing.ts';
import { unitsOf } from './units.ts';
import type { Owned, World } from './world.ts';

/** All that a plan is made of: the board resolved, Microkit's facts, the request, the images' measures. */
export interface PlanInput {
  readonly board: Board;
  /** The file that the tree came from, without its directory. */
  readonly dtbName: string;
  /** The same file as the project's directory sees it, where there is one. */
  readonly dtbPath?: string;
  readonly request: PlanRequest;
  /** Microkit's facts about the board, where it supports it. */
  readonly microkit?: MicrokitBoard;
  /** By the guest's name. */
  readonly payloads: ReadonlyMap<string, PayloadFacts>;
}

/** Room for images that were not measured: a distribution's kernel, and its initrd. */
const ASSUMED_IMAGE_BYTES = 64 * MIB;

/** The plan, or `undefined` where errors were reported that leave none. */
export function makePlan(input: PlanInput, sink: DiagnosticSink): Plan | undefined {
  const errorsBefore = sink.count('error');
  const { board, request } = input;
  const gic = gicOf(board, sink);
  if (gic === undefined) return undefined;
  const microkit = fittingFacts(input, board.gic?.gicd?.base ?? gic.distributor.base, sink);
  const world: World = { board, ...partsOf(board), platform: platformFor(board, microkit) };
  const drivers = settleDrivers(world, request.drivers, sink);
  const scopes = settleScopes(world, input, drivers.owned, sink);
  const holdings = [
    ...drivers.holdings,
    ...scopes.map(({ request: { name }, given }) => ({ owner: name, given })),
  ];
  reportSharedDevices(holdings, sink);
  for (const scope of scopes) reportCycles(world, scope, sink);
  const disks = planDisks(board, request.disks, sink);
  const rams = placeRams(world, input, sink);
  if (sink.count('error') > errorsBefore || rams === undefined) return undefined;

  const driverPlans = planDrivers(world, drivers, sink);
  const guests = scopes.map((scope, index) =>
    planGuest(
      {
        world,
        request,
        gic,
        scope,
        ram: rams.placed[index] as GuestRam,
        others: holdings.filter(({ owner }) => owner !== scope.request.name),
        drivers: driverPlans,
        alone: holdings.length === 1,
        guestCount: scopes.length,
        facts: input.payloads.get(scope.request.name) ?? {},
      },
      sink,
    ),
  );
  const held = [
    ...driverPlans.map((driver) => ({ ...driver, owner: driver.name })),
    ...guests.map((guest) => ({ ...guest, owner: guest.name })),
  ];
  reportSharedPages(held, sink);
  reportSharedInterrupts(held, sink);
  reportSharedMacs(guests, sink);
  reportPeers(guests, sink);
  reportBridges(guests, sink);
  reportSharedPartitions(guests, sink);
  reportServed(request, sink);
  reportPassedConsoles(request, sink);
  const others = { domains: driverPlans.length, imageBytes: rams.imageBytes };
  reportFloatingRam(world.platform, guests, others, sink);
  if (sink.count('error') > errorsBefore) return undefined;
  const sddf = planSddf(guests, driverPlans, (sizeBytes) => placeDma(world, sizeBytes, rams.avoided, sink));
  const sharing = planSharing(guests, driverPlans);
  const servedHere = new Set(
    servedDevices({ guests, sharing }).map(({ device: { path }, client }) => `${client.pd} ${path}`),
  );
  for (const { device, pd, reason } of sddf?.unserved ?? []) {
    if (!servedHere.has(`${pd} ${device}`)) continue;
    const owner = guests.find(({ monitor }) => monitor.pd === pd)?.name ?? pd;
    sink.report(sharedDeviceCodes['not-served-on-hardware'].at(undefined, { owner, device, reason }));
  }
  return {
    format: PLAN_FORMAT,
    name: request.name ?? input.microkit?.name ?? stemOf(input.dtbName),
    board: {
      model: board.model ?? 'a board without a model',
      compatible: board.compatible,
      dtb: input.dtbName,
      ...(input.dtbPath === undefined ? {} : { dtbPath: input.dtbPath }),
      ...(input.microkit === undefined ? {} : { microkit: input.microkit.name }),
      // As the board is in the SDK: one whose tree has the other GIC is built with addresses of the project's own.
      libvmm: input.microkit?.libvmm === true && input.microkit.gic?.version === gic.version,
      gic,
    },
    guests,
    drivers: driverPlans,
    sharing,
    disks,
    ...(sddf === undefined ? {} : { sddf }),
    unknown: whatIsUnknown(world, input, scopes),
  };
}

/** Microkit's facts where the tree is of its board: where its interrupt controller is elsewhere, RAM and devices are too. */
function fittingFacts(
  { board, microkit }: PlanInput,
  inTree: number,
  sink: DiagnosticSink,
): MicrokitBoard | undefined {
  const known = microkit?.gic?.distributor.base;
  if (microkit === undefined || known === undefined || known === inTree) return microkit;
  const compatible = board.compatible[0] ?? '';
  sink.report(codes['other-board'].at(undefined, { board: microkit.name, compatible, known, inTree }));
  return undefined;
}

const partsByBoard = new WeakMap<Board, Pick<World, 'units' | 'references'>>();

/** A board's units and their references, the same for every request. */
function partsOf(board: Board): Pick<World, 'units' | 'references'> {
  const known = partsByBoard.get(board);
  if (known !== undefined) return known;
  const units = unitsOf(board);
  const parts = { units, references: referencesOf(board, units) };
  partsByBoard.set(board, parts);
  return parts;
}

function gicOf(board: Board, sink: DiagnosticSink): GicPlan | undefined {
  if (board.gic === undefined) {
    sink.report(codes['no-gic'].at(undefined, undefined));
    return undefined;
  }
  const plan = planGic(board.gic);
  if (plan === undefined) {
    sink.report(codes['no-virtual-cpu-interface'].at(undefined, { path: board.gic.path }));
  }
  return plan;
}

/**
 * Guests with a list are settled first, each for itself. A guest that passes everything is not given what the others
 * named; what the others only need, it wants too, and that is a conflict.
 */
function settleScopes(
  world: World,
  { request, payloads }: PlanInput,
  drivers: Owned,
  sink: DiagnosticSink,
): readonly Scope[] {
  const settled = new Map<GuestRequest, Scope>();
  const settle = (guest: GuestRequest, owned: Owned) =>
    settleScope(world, guest, { owned, compatibles: payloads.get(guest.name)?.compatibles }, sink);
  const listed = request.guests.filter(({ pass }) => pass !== 'all');
  for (const guest of listed) settled.set(guest, settle(guest, drivers));
  const owned = new Map(drivers);
  for (const [{ name }, { given }] of settled) {
    for (const [unit, { selector, via }] of given) {
      if ((selector !== undefined || via?.property === 'child') && !owned.has(unit)) owned.set(unit, name);
    }
  }
  for (const guest of request.guests) {
    if (guest.pass === 'all') settled.set(guest, settle(guest, owned));
  }
  return request.guests.map((guest) => settled.get(guest) as Scope);
}

/** Guests' RAM, and what of the board's is taken when they have theirs. */
interface PlacedRams {
  readonly placed: readonly GuestRam[];
  /** Of all images, those that were not measured as large as they are assumed to be. */
  readonly imageBytes: number;
  readonly avoided: readonly Avoided[];
}

function placeRams(world: World, input: PlanInput, sink: DiagnosticSink): PlacedRams | undefined {
  const { board, platform } = world;
  const imageBytes = input.request.guests.reduce((sum, { name, initrd }) => {
    const facts = input.payloads.get(name);
    const initrdBytes = facts?.initrdBytes ?? (initrd === undefined ? 0 : ASSUMED_IMAGE_BYTES);
    return sum + (facts?.kernel?.fileBytes ?? ASSUMED_IMAGE_BYTES) + initrdBytes;
  }, 0);
  const measured = [...input.payloads.values()];
  const measuredBytes = measured.reduce(
    (sum, { kernel, initrdBytes }) => sum + (kernel?.fileBytes ?? 0) + (initrdBytes ?? 0),
    0,
  );
  const overlap = loaderOverlap(platform, measuredBytes);
  if (overlap !== undefined)
    sink.report(codes['loader-overlap'].at(undefined, { ...overlap, imageBytes: measuredBytes }));
  const avoided: Avoided[] = [...avoidedRam(board, platform, imageBytes)];
  const placed: GuestRam[] = [];
  for (const guest of input.request.guests) {
    const kernelBase = input.payloads.get(guest.name)?.kernel?.ramBase;
    const ram = placeOne(world, guest, { kernelBase, avoided }, sink);
    if (ram === undefined) continue;
    placed.push(ram);
    if (isAnywhere(guest) || ram.isKernels) continue;
    for (const { base, size } of [ram, ...(ram.more ?? [])])
      avoided.push({ base, size, why: `it is ${guest.name}'s RAM` });
  }
  return placed.length === input.request.guests.length ? { placed, imageBytes, avoided } : undefined;
}

/** Where devices that are shared reach memory by DMA: RAM that nobody has. */
function placeDma(
  { platform: { ram: windows } }: World,
  sizeBytes: number,
  avoided: readonly Avoided[],
  sink: DiagnosticSink,
): number | undefined {
  const placement = placeRam({ sizeBytes }, { windows, avoided });
  if ('base' in placement) return placement.base;
  sink.report(sharedDeviceCodes['no-room-for-dma'].at(undefined, { sizeBytes }));
  return undefined;
}

/** Whether the guest's addresses of RAM are its own alone: Microkit chooses the physical pages. */
const isAnywhere = ({ oneToOne, ramBase }: GuestRequest): boolean =>
  oneToOne === false && ramBase !== undefined;

function placeOne(
  world: World,
  guest: GuestRequest,
  { kernelBase, avoided }: { readonly kernelBase: number | undefined; readonly avoided: readonly Avoided[] },
  sink: DiagnosticSink,
): GuestRam | undefined {
  const { name: owner, ramBase: base } = guest;
  if (kernelBase !== undefined && base !== undefined && base !== kernelBase)
    sink.report(codes['kernel-elsewhere'].at(undefined, { owner, base, kernelBase }));
  const sizeBytes = guest.ramSizeBytes ?? defaultRamBytes(world, guest, avoided);
  const unaligned = (what: string, value: number): undefined =>
    void sink.report(codes['ram-unaligned'].at(undefined, { owner, what, value }));
  if (sizeBytes % LARGE_PAGE_BYTES !== 0) return unaligned('a RAM size of', sizeBytes);
  if (base !== undefined && base % LARGE_PAGE_BYTES !== 0) return unaligned('a RAM base of', base);
  if (base !== undefined && isAnywhere(guest)) return { base, size: sizeBytes };
  const { ram: windows } = world.platform;
  if (windows.length === 0) return placeUnknown(world, guest, sizeBytes, avoided, sink);
  const placement = placeRam({ sizeBytes, ...(base === undefined ? {} : { base }) }, { windows, avoided });
  if ('base' in placement) return { base: placement.base, size: sizeBytes };
  const [bank, ...more] =
    (base === undefined ? placeBanks(sizeBytes, { windows, avoided }) : undefined) ?? [];
  if (bank !== undefined) return { ...bank, more };
  if (base !== undefined && base === kernelBase && guest.oneToOne !== true) {
    if (guest.pass === 'all' || guest.pass.length > 0)
      sink.report(codes['ram-at-kernel'].at(undefined, { owner, base, sizeBytes }));
    return { base, size: sizeBytes, isKernels: true };
  }
  if ('conflict' in placement) {
    const { why, base: at } = placement.conflict;
    sink.report(codes['ram-conflict'].at(undefined, { owner, base: base ?? 0, sizeBytes, why, at }));
  } else {
    const { largest } = placement;
    const most = mostRam({ windows, avoided });
    sink.report(codes['ram-does-not-fit'].at(undefined, { owner, sizeBytes, base, largest, ...most }));
  }
  return undefined;
}

/** Half a GiB, or the largest power of two that there is a place for, down to what Linux can run in. */
function defaultRamBytes(world: World, guest: GuestRequest, avoided: readonly Avoided[]): number {
  const { ram: windows } = world.platform;
  if (windows.length === 0) return DEFAULT_RAM_BYTES;
  const request = guest.ramBase === undefined ? {} : { base: guest.ramBase };
  for (let sizeBytes = DEFAULT_RAM_BYTES; sizeBytes >= LEAST_RAM_BYTES; sizeBytes /= 2) {
    if ('base' in placeRam({ sizeBytes, ...request }, { windows, avoided })) return sizeBytes;
  }
  return DEFAULT_RAM_BYTES;
}

const LEAST_RAM_BYTES = 128 * MIB;

/** Where nobody knows where RAM is, the request's word is taken, as long as no device lies there. */
function placeUnknown(
  world: World,
  guest: GuestRequest,
  sizeBytes: number,
  avoided: readonly Avoided[],
  sink: DiagnosticSink,
): GuestRam | undefined {
  const { name: owner, ramBase: base } = guest;
  const used = [
    ...avoided,
    ...world.units.all.flatMap(({ ranges, busWindow, path }) =>
      [...ranges, ...busWindow].map((each) => ({ ...each, why: `${path} is there` })),
    ),
  ];
  const likely = likelyPlace(world.board, sizeBytes, used);
  if (base === undefined) {
    sink.report(codes['ram-unknown'].at(undefined, { owner, sizeBytes, likely }));
    return undefined;
  }
  const range = { base, size: sizeBytes };
  const taken = used.find((other) => rangesOverlap(other, range));
  if (taken === undefined) return range;
  sink.report(
    codes['ram-conflict'].at(undefined, {
      owner,
      base,
      sizeBytes,
      why: taken.why,
      at: taken.base,
      elsewhere: likely?.base,
    }),
  );
  return undefined;
}

function stemOf(dtbName: string): string {
  return dtbName.replace(/\.[a-z]+$/, '') || 'board';
}

/** What the tree does not tell, in sentences. */
function whatIsUnknown(world: World, input: PlanInput, scopes: readonly Scope[]): readonly string[] {
  const { platform } = world;
  const unknown: string[] = [];
  if (input.microkit === undefined) {
    unknown.push(
      'Microkit has no board of this kind, or none was named: what seL4 keeps for itself is taken from the tree alone ' +
        '(its interrupt controller), and how high interrupt numbers go is not known.',
    );
  } else if (platform.microkit === undefined) {
    unknown.push(
      `The tree is not that of Microkit's ${input.microkit.name}: RAM, devices and interrupt numbers are taken from it alone.`,
    );
  } else if (platform.microkit.ram === undefined) {
    unknown.push('Which RAM seL4 hands out on this board is not known: what the tree says is taken.');
  }
  if (platform.ram.length === 0) {
    unknown.push(
      'The tree leaves RAM to the firmware: that there is RAM where the request puts the guest is not checked.',
    );
  }
  unknown.push(...unknownReferences(world, scopes));
  for (const scope of scopes) {
    for (const unit of scope.given.keys()) {
      if (isPciBus(unit.node) && unit.parent !== undefined && !isPciBus(unit.parent.node)) {
        unknown.push(
          `${unit.path}: devices behind a PCI host are found at run time; those that are there are passed with it.`,
        );
      }
    }
  }
  for (const { name } of input.request.guests) {
    const facts = input.payloads.get(name);
    if (facts?.kernel === undefined) {
      unknown.push(`${name}: the kernel was not measured; ${ASSUMED_IMAGE_BYTES / MIB} MiB are kept for it.`);
    }
  }
  return unknown;
}

/** Properties of what is given that may hold references: a sentence for each, with its first place. */
function unknownReferences({ board, units }: World, scopes: readonly Scope[]): readonly string[] {
  const byProperty = new Map<string, { readonly first: string; others: number }>();
  for (const { node, property, target } of board.suspects) {
    const unit = units.of(node);
    if (unit === undefined || !scopes.some(({ given }) => given.has(unit))) continue;
    const known = byProperty.get(property);
    if (known !== undefined) {
      known.others += 1;
      continue;
    }
    const first = `${node.path}: "${property}" holds a number that is the phandle of ${target.path}`;
    byProperty.set(property, { first, others: 0 });
  }
  return [...byProperty.values()].map(({ first, others }) => {
    const more = others === 0 ? '' : ` (and so in ${others} more ${others === 1 ? 'place' : 'places'})`;
    return `${first}${more}, and what the property means is not known: if it is a reference, pass that node too.`;
  });
}
