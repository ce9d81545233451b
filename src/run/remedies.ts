/** The line of a request that fixes what was found: what `drivervm plan` has to be asked for, in words and as a change. */
import { formatSize, hex, type RequestChange } from '../base/index.ts';
import type { Board, Device } from '../devicetree/index.ts';

/** What a plan said of a guest, by the name of its virtual machine. */
export interface PlannedGuest {
  readonly name: string;
  /** Devices that the plan left out, by path, and why. */
  readonly leftOut: ReadonlyMap<string, string>;
}

/** What fixes a finding. */
export interface Remedy {
  /** In words. */
  readonly text: string;
  /** The same for a program, where a request was planned. */
  readonly change?: RequestChange;
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
function inRequest(
  { planned }: RequestFacts,
  vm: string | undefined,
  line: string,
  change?: Omit<RequestChange, 'guest'>,
): Remedy {
  const guest = vm === undefined ? undefined : planned?.get(vm);
  if (planned === undefined) return { text: `in a request for "drivervm plan": ${line}` };
  const several = planned.size > 1 && guest !== undefined;
  return {
    text: several ? `in the request, for ${guest.name}: ${line}` : `in the request: ${line}`,
    ...(change === undefined ? {} : { change: several ? { guest: guest.name, ...change } : change }),
  };
}

/** The same with why the plan has it otherwise. */
function because({ text, ...rest }: Remedy, reason: string): Remedy {
  return { text: `${text} (the plan left it out: ${reason})`, ...rest };
}

/** Gives a device to a guest, with its registers and interrupts. */
export function passing(facts: RequestFacts, vm: string | undefined, device: Device): Remedy {
  const selector = selectorOf(facts.board, device);
  const remedy = inRequest(facts, vm, `pass: [${selector}]`, { key: 'pass', add: [selector] });
  const reason = vm === undefined ? undefined : facts.planned?.get(vm)?.leftOut.get(device.path);
  return reason === undefined ? remedy : because(remedy, reason);
}

/** Keeps a device from a guest. */
export function leavingOut(facts: RequestFacts, vm: string | undefined, device: Device): Remedy {
  const selector = selectorOf(facts.board, device);
  return inRequest(facts, vm, `except: [${selector}]`, { key: 'except', add: [selector] });
}

/** Gives a guest the RAM that its tree promises. */
export function ramOf(facts: RequestFacts, vm: string, base: number, sizeBytes: number): Remedy {
  const value = { base: hex(base), size: formatSize(sizeBytes) };
  return inRequest(facts, vm, `ram: { base: ${value.base}, size: ${value.size} }`, { key: 'ram', value });
}

/** RAM where devices with DMA find it. */
export function oneToOneRam(facts: RequestFacts, vm: string | undefined, sizeBytes: number): Remedy {
  const value = { size: formatSize(sizeBytes), 'one-to-one': true };
  return inRequest(facts, vm, `ram: { size: ${value.size}, one-to-one: true }`, { key: 'ram', value });
}

/** What a plan makes of itself, whatever is asked for. */
export function byPlan({ planned }: RequestFacts, what: string): Remedy {
  return {
    text:
      planned === undefined
        ? `"drivervm plan" writes ${what} by itself`
        : `"drivervm plan" wrote ${what}, and it was changed since`,
  };
}

/** Why the plan left out what the request names in `except`. */
const KEPT_OUT = 'the request keeps it out';

/** Gives back to a device what it lost on the way to the guest. */
export function givingBack(
  facts: RequestFacts,
  vm: string,
  device: Pick<Device, 'path'>,
  { property, provider, how }: { readonly property: string; readonly provider: string; readonly how: string },
): Remedy {
  const guest = facts.planned?.get(vm);
  const reason = guest?.leftOut.get(provider);
  const selector = selectorAt(facts, provider);
  if (reason?.endsWith(KEPT_OUT) === true) {
    const remove = namesAt(facts, provider);
    return inRequest(facts, vm, `take ${selector} out of "except"`, { key: 'except', remove });
  }
  // What the plan passes, or has no reason to leave out, the request itself has cut.
  if (guest !== undefined && reason === undefined && how === 'cut') {
    return inRequest(
      facts,
      vm,
      `take what names ${property} of ${selectorAt(facts, device.path)} out of "cut"`,
    );
  }
  const remedy = inRequest(facts, vm, `pass: [${selector}]`, { key: 'pass', add: [selector] });
  return reason === undefined || reason === 'not asked for' ? remedy : because(remedy, reason);
}

function selectorAt({ board }: RequestFacts, path: string): string {
  const device = board.devices.find((other) => other.path === path);
  return device === undefined ? path : selectorOf(board, device);
}

/** Everything by which a request may have named the device at a path alone. */
function namesAt({ board }: RequestFacts, path: string): readonly string[] {
  const device = board.devices.find((other) => other.path === path);
  if (device === undefined) return [path];
  const namesIn = (names: ReadonlyMap<string, unknown>, mark: string) =>
    [...names].flatMap(([name, node]) => (node === device.node ? [`${mark}${name}`] : []));
  return [path, device.node.name, ...namesIn(board.aliases, ''), ...namesIn(board.labels, '&')];
}
