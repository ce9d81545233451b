/** What a device's nodes name on the board, and is not there for the guest. */
import { type Board, type Device, type DtNode, nodesUnder, type ReferenceKind } from '../devicetree/index.ts';

/** A reference of the board's node that the guest's has no more, or that leads to what the guest is not given. */
export interface LostReference {
  readonly property: string;
  readonly provider: string;
  /** `cut`: the property is gone; `off`: its provider is disabled in the guest's tree; `failed`: it is there, and not driven. */
  readonly how: 'cut' | 'off' | 'failed';
}

/** Kinds of reference that no driver of a guest fails for. */
const DISPENSABLE: ReadonlySet<ReferenceKind> = new Set<ReferenceKind>([
  'iommu',
  'interconnect',
  'cooling',
  'trip',
  'thermal-sensor',
  'gpio-range',
  'graph',
  'opp',
  'idle-state',
  'cache',
  'cpu',
  'clock-setup',
  'pinctrl',
]);

/** A device's own node and what below it is part of it: nodes without a `compatible`. */
function* partsOf(node: DtNode): Iterable<DtNode> {
  yield node;
  for (const child of node.children.values()) if (!child.properties.has('compatible')) yield* partsOf(child);
}

/** What the device's nodes name on the board, and is not there for the guest. Each provider once for each property. */
export function lostReferences(
  board: Board,
  guest: Board,
  { path }: Pick<Device, 'path'>,
  stuck: ReadonlySet<string>,
): readonly LostReference[] {
  const node = board.devices.find((device) => device.path === path)?.node;
  if (node === undefined) return [];
  const guestNodes = new Map([...nodesUnder(guest.tree.root)].map((each) => [each.path, each]));
  const lost = new Map<string, LostReference>();
  for (const part of partsOf(node)) {
    for (const { property, target, problem, kind } of board.referencesOf(part)) {
      if (target === undefined || problem !== undefined || DISPENSABLE.has(kind)) continue;
      const provider = ownerOf(board, target);
      // What the board itself has disabled was never there.
      if (provider === undefined || !provider.status.enabled || provider.path === path) continue;
      const own = guestNodes.get(part.path);
      // A fixed clock stands in for one whose controller is not passed.
      if (
        kind === 'clock' &&
        own?.properties.has(property) === true &&
        !isNamed(guest, own, property, provider.path)
      )
        continue;
      const how = howLost(guest, own, { property, provider: provider.path, stuck });
      const key = `${property} ${provider.path}`;
      if (how !== undefined && !lost.has(key)) lost.set(key, { property, provider: provider.path, how });
    }
  }
  return [...lost.values()];
}

function howLost(
  guest: Board,
  part: DtNode | undefined,
  { property, provider, stuck }: { property: string; provider: string; stuck: ReadonlySet<string> },
): LostReference['how'] | undefined {
  if (part === undefined || !part.properties.has(property)) return 'cut';
  if (!isNamed(guest, part, property, provider)) return 'cut';
  const own = guest.devices.find(({ path }) => path === provider);
  if (own === undefined || !own.status.enabled) return 'off';
  return stuck.has(provider) ? 'failed' : undefined;
}

function isNamed(guest: Board, node: DtNode, property: string, provider: string): boolean {
  return guest.referencesOf(node).some((reference) => {
    return (
      reference.property === property &&
      reference.target !== undefined &&
      ownerOf(guest, reference.target)?.path === provider
    );
  });
}

/** The device that a node is, or is a part of. */
function ownerOf(board: Board, node: DtNode): Device | undefined {
  for (let at: DtNode | undefined = node; at !== undefined; at = at.parent) {
    const device = at.properties.has('compatible') ? board.deviceOf(at) : undefined;
    if (device !== undefined) return device;
  }
  return undefined;
}
