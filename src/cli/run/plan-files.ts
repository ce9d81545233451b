/**
 * What `run` wants to know of a written plan, read from its JSON without trust: the file may be of another version, or
 * edited by hand. Missing or odd parts make it no plan.
 */
import { parseMacAddress } from '../../base/index.ts';
import { PLAN_FORMAT } from '../../plan/index.ts';

/** The files that a plan names, as it names them, and where they lie in guest RAM. */
export interface PlanFiles {
  readonly name: string;
  readonly boardTree: string;
  readonly boardTreePath?: string;
  readonly guests: readonly {
    readonly name: string;
    readonly vm: string;
    readonly kernel: string;
    readonly dtbBase: number;
    readonly initrd?: { readonly path: string; readonly base: number };
    /** Devices that the plan left out, by path, and why. */
    readonly leftOut: ReadonlyMap<string, string>;
  }[];
  readonly disks: readonly {
    readonly owner: string;
    readonly image: string;
    readonly mode: string | undefined;
  }[];
  /** The addresses of a network virtualiser's clients, by its protection domain and the client's number. */
  readonly macAddresses: ReadonlyMap<string, ReadonlyMap<number, Uint8Array>>;
}

type JsonRecord = Readonly<Record<string, unknown>>;

/** Something in the JSON is not as a plan has it. */
class NoPlan extends Error {}

/** The plan in a text; `undefined` where it is none. */
export function readPlanFiles(text: string): PlanFiles | undefined {
  try {
    const plan = recordOf(JSON.parse(text));
    return plan['format'] === PLAN_FORMAT ? planFiles(plan) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof NoPlan) return undefined;
    throw error;
  }
}

function planFiles(plan: JsonRecord): PlanFiles {
  const board = recordOf(plan['board']);
  const sharing = recordOf(plan['sharing']);
  return {
    name: textOf(plan['name']),
    boardTree: textOf(board['dtb']),
    ...(board['dtbPath'] === undefined ? {} : { boardTreePath: textOf(board['dtbPath']) }),
    guests: listOf(plan['guests']).map(guestFiles),
    disks: [
      ...listOf(sharing['virtualisers']).map(recordOf).flatMap(diskOf),
      // Plans of before there were disks have none.
      ...listOf(plan['disks'] ?? [])
        .map(recordOf)
        .flatMap(({ device, ...disk }) => diskOf({ ...disk, name: device })),
    ],
    macAddresses: new Map(
      listOf(sharing['virtualisers'])
        .map(recordOf)
        .map(({ name, macs }) => [textOf(name), new Map(listOf(macs ?? []).map(macOf))]),
    ),
  };
}

function guestFiles(value: unknown): PlanFiles['guests'][number] {
  const guest = recordOf(value);
  const initrd = guest['initrd'] === undefined ? undefined : recordOf(guest['initrd']);
  return {
    name: textOf(guest['name']),
    vm: textOf(recordOf(guest['vm'])['name']),
    kernel: textOf(recordOf(guest['kernel'])['path']),
    dtbBase: numberOf(recordOf(guest['dtb'])['base']),
    leftOut: new Map(
      listOf(guest['leftOut'] ?? [])
        .map(recordOf)
        .map(({ path, reason }) => [textOf(path), textOf(reason)]),
    ),
    ...(initrd === undefined
      ? {}
      : { initrd: { path: textOf(initrd['path']), base: numberOf(initrd['base']) } }),
  };
}

function diskOf(virtualiser: JsonRecord): PlanFiles['disks'] {
  if (virtualiser['image'] === undefined) return [];
  const mode = virtualiser['mode'] === undefined ? undefined : textOf(virtualiser['mode']);
  return [{ owner: textOf(virtualiser['name']), image: textOf(virtualiser['image']), mode }];
}

function macOf(value: unknown): readonly [number, Uint8Array] {
  const { client, mac } = recordOf(value);
  const bytes = parseMacAddress(textOf(mac));
  if (bytes === undefined) throw new NoPlan();
  return [numberOf(client), bytes];
}

function recordOf(value: unknown): JsonRecord {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new NoPlan();
  return value as JsonRecord;
}

function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new NoPlan();
  return value;
}

function textOf(value: unknown): string {
  if (typeof value !== 'string') throw new NoPlan();
  return value;
}

function numberOf(value: unknown): number {
  if (!Number.isSafeInteger(value)) throw new NoPlan();
  return value as number;
}
