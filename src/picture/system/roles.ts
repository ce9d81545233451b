/** What a protection domain is in a system: by its guest, by the name of its image, and by what components it has connections with. */
import { type ProtectionDomain, protectionDomainsOf, type SystemDescription } from '../../microkit/index.ts';
import {
  componentOf,
  type DeviceClass,
  imageName,
  NATIVE_DRIVERS,
  type NativeDriver,
  SDDF_DRIVERS,
  sddfComponentOf,
  sharedLinks,
} from '../../sharing/index.ts';

/** What the diagram has a colour for. */
export const ROLE_KINDS = ['driver', 'virtualiser', 'monitor', 'domain'] as const;

export interface DomainRole {
  readonly kind: (typeof ROLE_KINDS)[number];
  /** What it says beside the name. */
  readonly text: string;
}

/** The roles of all domains, by their names. */
export function domainRoles(description: SystemDescription): ReadonlyMap<string, DomainRole> {
  const drivers = new Map<string, DeviceClass>();
  for (const { class: name, ends } of sharedLinks(description))
    for (const { pd, role } of ends) if (role === 'driver') drivers.set(pd, name);
  return new Map(
    [...protectionDomainsOf(description)].map((pd) => [pd.name, roleOf(pd, drivers.get(pd.name))] as const),
  );
}

const COMPONENT_WORDS: Readonly<Record<string, string>> = {
  virt: 'virtualiser',
  'virt-tx': 'virtualiser, transmit',
  'virt-rx': 'virtualiser, receive',
  vswitch: 'switch',
  copy: 'copier',
};

function roleOf(pd: ProtectionDomain, drives: DeviceClass | undefined): DomainRole {
  if (pd.virtualMachine !== undefined) return { kind: 'monitor', text: 'monitor' };
  const component = componentOf(pd);
  const image = pd.programImage === undefined ? '' : imageName(pd.programImage.path);
  const found =
    component === undefined
      ? sddfComponentOf(image, pd.name)
      : { class: component.class, role: component.component.role };
  if (found !== undefined)
    return { kind: 'virtualiser', text: `${found.class} ${COMPONENT_WORDS[found.role] ?? found.role}` };
  const natives: readonly NativeDriver[] = NATIVE_DRIVERS;
  const driven =
    drives ??
    natives.find((row) => row.image === image)?.class ??
    SDDF_DRIVERS.find((row) => row.image === image)?.class;
  if (driven !== undefined) return { kind: 'driver', text: `${driven} driver` };
  // Whoever receives interrupts and has no guest drives what raises them.
  return pd.irqs.length > 0 ? { kind: 'driver', text: 'driver' } : { kind: 'domain', text: 'domain' };
}

/** sDDF's programs: by image, or where the image was configured for one system, by the domain's name. */
