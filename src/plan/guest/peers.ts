/** What requests say of guests' disks and networks, held against each other. */
import { type DiagnosticSink, nearest } from '../../base/index.ts';
import type { GuestPlan } from '../plan.ts';
import { OUTSIDE } from '../request/index.ts';
import { sharedDeviceCodes } from './diagnostics.ts';

type Sharing = Pick<GuestPlan, 'name' | 'virtio'>;

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
