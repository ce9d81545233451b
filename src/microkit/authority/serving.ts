/**
 * Driver VMs: guests that share memory with a protection domain that is not their monitor, and so serve whom that domain has channels to.
 * Derived from what everybody has, so that it holds for any description, whoever wrote it.
 */
import type { Authority, Owner } from './authority.ts';

/** A guest that serves others through a domain. */
export interface ServingGuest {
  readonly guest: Owner;
  /** The domain between them. */
  readonly through: string;
  /** The guests that are served. */
  readonly clients: readonly string[];
  /** What guest and domain share. */
  readonly shared: readonly string[];
  /** What of the clients' own memory the guest has, too: what they run from. */
  readonly clientMemory: readonly string[];
}

/** Two guests whose monitors share memory that neither guest sees: consoles that the one passes on for the other. */
export interface ConnectedGuests {
  readonly guests: readonly [Owner, Owner];
  readonly shared: readonly string[];
}

/** Guests whose frames meet in one domain. Only programs' names tell that a domain is a switch, so this is told from outside of this room. */
export interface GuestNetwork {
  /** The switch. */
  readonly through: string;
  /** The guests' monitors. */
  readonly monitors: readonly string[];
}

/** Monitors that share memory with each other and with nobody else, and speak with each other. */
export function connectedGuests({ regions, channels }: Authority): readonly ConnectedGuests[] {
  const owners = regions.flatMap(({ rights }) => rights.map(({ owner }) => owner));
  const guestOf = new Map(
    owners.flatMap((owner) => (owner.monitor === undefined ? [] : [[owner.monitor, owner] as const])),
  );
  const found = new Map<string, { guests: readonly [Owner, Owner]; shared: string[] }>();
  for (const { region, rights } of regions) {
    const [one, other, ...more] = [...new Set(rights.map(({ owner }) => owner.name))];
    const guests = [guestOf.get(one ?? ''), guestOf.get(other ?? '')] as const;
    const [first, second] = guests;
    if (first === undefined || second === undefined || more.length > 0) continue;
    const speak = channels.some(({ from, to, notify }) => notify && from === one && to === other);
    if (!speak) continue;
    const entry = found.get(`${one} ${other}`) ?? { guests: [first, second], shared: [] };
    entry.shared.push(region);
    found.set(`${one} ${other}`, entry);
  }
  return [...found.values()];
}

/** The guests that serve others, in the order of the memory that they share. */
export function servingGuests({ regions, channels }: Authority): readonly ServingGuest[] {
  const guests = new Map<string, Owner>();
  for (const { owner } of regions.flatMap(({ rights }) => rights))
    if (owner.monitor !== undefined) guests.set(owner.name, owner);
  const shared = new Map<string, { guest: Owner; through: string; regions: string[] }>();
  for (const { region, rights } of regions) {
    for (const { owner: guest } of rights.filter(({ owner }) => owner.monitor !== undefined)) {
      const domains = rights.filter(
        ({ owner }) => owner.monitor === undefined && owner.name !== guest.monitor,
      );
      for (const { owner } of domains) {
        const key = `${guest.name} ${owner.name}`;
        const entry = shared.get(key) ?? { guest, through: owner.name, regions: [] };
        entry.regions.push(region);
        shared.set(key, entry);
      }
    }
  }
  return [...shared.values()].flatMap(({ guest, through, regions: names }): readonly ServingGuest[] => {
    const told = new Set(
      channels.filter(({ from, notify }) => from === through && notify).map(({ to }) => to),
    );
    // A domain that the guest's monitor does not speak with is the other monitor of a region that two guests have.
    if (!told.has(guest.monitor ?? '')) return [];
    const clients = [...guests.values()].filter(
      ({ name, monitor = '' }) => name !== guest.name && told.has(monitor),
    );
    const has = (name: string) =>
      regions.filter(({ rights }) => rights.some(({ owner }) => owner.name === name));
    const own = new Set(has(guest.name));
    const memory = clients.flatMap(({ name }) =>
      has(name).filter(
        (each) =>
          own.has(each) && each.rights.some(({ owner, perms }) => owner.name === name && perms.includes('x')),
      ),
    );
    if (clients.length === 0) return [];
    return [
      {
        guest,
        through,
        clients: clients.map(({ name }) => name),
        shared: names,
        clientMemory: [...new Set(memory.map(({ region }) => region))],
      },
    ];
  });
}
