/** Which guests are on one network, as far as a system description tells: behind `run`'s network virtualiser, or sDDF's switch. */
import {
  type GuestNetwork,
  type ProtectionDomain,
  protectionDomainsOf,
  type SystemDescription,
} from '../microkit/index.ts';
import { componentOf, imageName } from './links.ts';
import { sddfComponentOf } from './sddf-components.ts';

/** The networks of two guests and more, in the order of their domains. */
export function guestNetworks(description: SystemDescription): readonly GuestNetwork[] {
  const domains = [...protectionDomainsOf(description)];
  const monitors = new Set(domains.flatMap((pd) => (pd.virtualMachine === undefined ? [] : [pd.name])));
  return domains.filter(isSwitch).flatMap(({ name }) => {
    const peers = description.channels.flatMap(({ ends: [one, other] }) =>
      one.pd === name ? [other.pd] : other.pd === name ? [one.pd] : [],
    );
    const behind = [...new Set(peers)].filter((peer) => monitors.has(peer));
    return behind.length < 2 ? [] : [{ through: name, monitors: behind }];
  });
}

function isSwitch(pd: ProtectionDomain): boolean {
  if (componentOf(pd)?.class === 'net') return true;
  const found = sddfComponentOf(imageName(pd.programImage?.path ?? ''), pd.name);
  return found?.class === 'net' && found.role === 'vswitch';
}
