/** What requests say of guests' disks and networks, held against each other. */
import { type DiagnosticSink, nearest } from '../../base/index.ts';
import type { GuestPlan } from '../plan.ts';
import { OUTSIDE } from '../request/index.ts';
import { sharedDeviceCodes } from './diagnostics.ts';

type Sharing = Pick<GuestPlan, 'name' | 'virtio'>;

/** On a guest's command line: the ramdisk's `/init` bridges all that is Ethernet. */
const BRIDGE_WORD = 'drivervm.bridge';

/** Whether a guest bridges what it has. */
export function isBridge({ bootargs }: Pick<GuestPlan, 'bootargs'>): boolean {
  return bootargs.split(/\s+/).includes(BRIDGE_WORD);
}

/** A network that a guest bridges has no other way out: a frame that left by the one would come back by the other. */
export function reportBridges(
  guests: readonly (Sharing & Pick<GuestPlan, 'bootargs'>)[],
  sink: DiagnosticSink,
): void {
  const devices = guests.flatMap(({ name, virtio }) =>
    virtio.flatMap(({ kind, driver, reaches }) => (kind === 'net' ? [{ name, driver, reaches }] : [])),
  );
  for (const { name: bridge } of guests.filter(isBridge)) {
    const networks = new Set(devices.flatMap(({ name, driver }) => (name === bridge ? [driver] : [])));
    const outside = devices.filter(
      ({ driver, reaches }) => networks.has(driver) && (reaches?.includes(OUTSIDE) ?? true),
    );
    if (outside.length === 0) continue;
    const owners = [...new Set(outside.map(({ name }) => name))];
    sink.report(sharedDeviceCodes['two-ways-out'].at(undefined, { bridge, owners }));
  }
}

/** Whom a network device may send to is a guest, or the outside. */
export function reportPeers(guests: readonly Sharing[], sink: DiagnosticSink): void {
  const known = [...guests.map(({ name }) => name), OUTSIDE];
  for (const { name: owner, virtio } of guests) {
    for (const peer of virtio.flatMap(({ reaches }) => reaches ?? [])) {
      if (!known.includes(peer))
        sink.report(
          sharedDeviceCodes['no-such-peer'].at(undefined, { owner, peer, meant: nearest(peer, known) }),
        );
    }
  }
}

/** A partition is one guest's: two that write to it know nothing of each other. */
export function reportSharedPartitions(guests: readonly Sharing[], sink: DiagnosticSink): void {
  const owners = new Map<string, string>();
  for (const { name, virtio } of guests) {
    for (const { driver, partition } of virtio) {
      if (driver === undefined || partition === undefined) continue;
      const key = `${driver} ${partition}`;
      const other = owners.get(key);
      if (other === undefined) owners.set(key, name);
      else
        sink.report(
          sharedDeviceCodes['partition-twice'].at(undefined, { driver, partition, owners: [other, name] }),
        );
    }
  }
}
