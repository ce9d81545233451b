/** MAC addresses that a request gives to passed Ethernet controllers, as their drivers find them (ethernet-controller.yaml). */
import type { DiagnosticSink } from '../../base/index.ts';
import type { TreeEdit } from '../edits.ts';
import type { GuestPlan } from '../plan.ts';
import type { Scope } from '../scope.ts';
import { selectUnits, type World } from '../world.ts';
import { sharedDeviceCodes } from './diagnostics.ts';

/** What Linux looks at before `local-mac-address`. */
const PREFERRED = 'mac-address';

export function macEdits(world: World, { request, given }: Scope, sink: DiagnosticSink): readonly TreeEdit[] {
  return [...request.macs].flatMap(([selector, mac]): readonly TreeEdit[] => {
    const selected = [...selectUnits(world, [selector], request, sink).keys()];
    const [unit, ...others] = selected.filter((each) => given.has(each));
    if (unit === undefined || others.length > 0) {
      const devices = unit === undefined ? 0 : 1 + others.length;
      // What names nothing at all has been reported as that.
      if (selected.length > 0)
        sink.report(
          sharedDeviceCodes['unused-mac'].at(undefined, { owner: request.name, selector, devices }),
        );
      return [];
    }
    const { path, node } = unit;
    const hex = mac.replaceAll(':', '');
    const why = 'the address that the request gives it';
    return [
      ...(node.properties.has(PREFERRED)
        ? [{ kind: 'delete-property', path, property: PREFERRED, why } as const]
        : []),
      { kind: 'set', path, property: 'local-mac-address', value: { type: 'bytes', hex }, why },
    ];
  });
}

/** All stations are on one wire: no two may have one address. */
export function reportSharedMacs(
  guests: readonly Pick<GuestPlan, 'name' | 'virtio' | 'edits'>[],
  sink: DiagnosticSink,
): void {
  const owners = new Map<string, string>();
  for (const { name, virtio, edits } of guests) {
    const set = edits.flatMap((edit) =>
      edit.kind === 'set' && edit.property === 'local-mac-address' && edit.value.type === 'bytes'
        ? [edit.value.hex.replaceAll(/(..)(?=.)/g, '$1:')]
        : [],
    );
    for (const mac of [...set, ...virtio.flatMap((device) => device.mac ?? [])]) {
      const other = owners.get(mac);
      if (other === undefined) owners.set(mac, name);
      else sink.report(sharedDeviceCodes['mac-twice'].at(undefined, { mac, owners: [other, name] }));
    }
  }
}
