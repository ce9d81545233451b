/** The line of a request that fixes what was found: what `drivervm plan` has to be asked for. */
import { formatSize, hex } from '../base/index.ts';
import type { Board, Device } from '../devicetree/index.ts';

/** What a plan said of a guest, by the name of its virtual machine. */
export interface PlannedGuest {
  readonly name: string;
  /** Devices that the plan left out, by path, and why. */
  readonly leftOut: ReadonlyMap<string, string>;
}

export interface RequestFacts {
  readonly board: Board;
  /** The plan's guests, where the run is of a planned project. */
  readonly planned?: ReadonlyMap<string, PlannedGuest>;
}

/** A device as a request names it: its node's name, or its path where others have that name too. */
export function selectorOf({ devices }: Board, { node, path }: Pick<Device, 'node' | 'path'>): string {
  return devices.filter((other) => other.node.name === node.name).length === 1 ? node.name : path;
}

/** `in the request: LINE`, with the guest's name where there are several. */
function inRequest({ planned }: RequestFacts, vm: string | undefined, line: string): string {
  const guest = vm === undefined ? undefined : planned?.get(vm);
  if (planned === undefined) return `in a request for "drivervm plan": ${line}`;
  return planned.size > 1 && guest !== undefined
    ? `in the request, for ${guest.name}: ${line}`
    : `in the request: ${line}`;
}

/** Gives a device to a guest, with its registers and interrupts. */
export function passing(facts: RequestFacts, vm: string | undefined, device: Device): string {
  const line = inRequest(facts, vm, `pass: [${selectorOf(facts.board, device)}]`);
  const reason = vm === undefined ? undefined : facts.planned?.get(vm)?.leftOut.get(device.path);
  return reason === undefined ? line : `${line} (the plan left it out: ${reason})`;
}

/** Keeps a device from a guest. */
export function leavingOut(facts: RequestFacts, vm: string | undefined, device: Device): string {
  return inRequest(facts, vm, `except: [${selectorOf(facts.board, device)}]`);
}

/** Gives a guest the RAM that its tree promises. */
export function ramOf(facts: RequestFacts, vm: string, base: number, sizeBytes: number): string {
  return inRequest(facts, vm, `ram: { base: ${hex(base)}, size: ${formatSize(sizeBytes)} }`);
}

/** RAM where devices with DMA find it. */
export function oneToOneRam(facts: RequestFacts, vm: string | undefined, sizeBytes: number): string {
  return inRequest(facts, vm, `ram: { size: ${formatSize(sizeBytes)}, one-to-one: true }`);
}

/** What a plan makes of itself, whatever is asked for. */
export function byPlan({ planned }: RequestFacts, what: string): string {
  return planned === undefined
    ? `"drivervm plan" writes ${what} by itself`
    : `"drivervm plan" wrote ${what}, and it was changed since`;
}

/** Why the plan left out what the request names in `except`. */
const KEPT_OUT = 'the request keeps it out';

/** Gives back to a device what it lost on the way to the guest. */
export function givingBack(
  facts: RequestFacts,
  vm: string,
  device: Pick<Device, 'path'>,
  { property, provider, how }: { readonly property: string; readonly provider: string; readonly how: string },
): string {
  const guest = facts.planned?.get(vm);
  const reason = guest?.leftOut.get(provider);
  if (reason?.endsWith(KEPT_OUT) === true) {
    return inRequest(facts, vm, `take ${selectorAt(facts, provider)} out of "except"`);
  }
  // What the plan passes, or has no reason to leave out, the request itself has cut.
  if (guest !== undefined && reason === undefined && how === 'cut') {
    return inRequest(
      facts,
      vm,
      `take what names ${property} of ${selectorAt(facts, device.path)} out of "cut"`,
    );
  }
  const line = inRequest(facts, vm, `pass: [${selectorAt(facts, provider)}]`);
  return reason === undefined || reason === 'not asked for'
    ? line
    : `${line} (the plan left it out: ${reason})`;
}

function selectorAt({ board }: RequestFacts, path: string): string {
  const device = board.devices.find((other) => other.path === path);
  return device === undefined ? path : selectorOf(board, device);
}
