/** Interrupts as a table, and which of a domain's ids they and its channels take. */
import { FIRST_SPI, type Intid, intidToSpi } from '../../base/index.ts';
import {
  type Authority,
  CHANNEL_LIMIT,
  type IrqTrigger,
  interruptName,
  protectionDomainsOf,
  type SystemDescription,
} from '../../microkit/index.ts';

/** One interrupt that a domain receives. */
export interface InterruptRow {
  readonly intid: Intid;
  /** As a device tree counts shared peripheral interrupts. */
  readonly spi?: number;
  readonly name: string;
  readonly trigger: IrqTrigger;
  readonly domain: string;
  /** The guest of the domain, where it has one: its monitor hands interrupts on. */
  readonly guest?: string;
  readonly channel: number;
  /** Who raises it, by the tree. */
  readonly devices: readonly string[];
}

/** What takes an id of a domain's. */
export interface TakenId {
  readonly id: number;
  readonly use: 'interrupt' | 'channel' | 'port';
  readonly what: string;
}

/** The ids of one domain. */
export interface IdGauge {
  readonly domain: string;
  readonly limit: number;
  readonly taken: readonly TakenId[];
}

/** Both, by what a description says and a tree names. */
export interface InterruptTable {
  /** By number. */
  readonly rows: readonly InterruptRow[];
  /** Of every domain that has any, in the order of the description. */
  readonly gauges: readonly IdGauge[];
}

/** The interrupts of a description, and the ids of its domains. */
export function interruptTable(description: SystemDescription, authority: Authority): InterruptTable {
  const domains = [...protectionDomainsOf(description)];
  const guests = new Map(
    domains.flatMap(({ name, virtualMachine }) =>
      virtualMachine === undefined ? [] : [[name, virtualMachine.name] as const],
    ),
  );
  const rows = authority.irqs
    .map(({ irq, trigger, pd, id, devices }): InterruptRow => {
      const guest = guests.get(pd);
      return {
        intid: irq,
        ...(irq >= FIRST_SPI ? { spi: intidToSpi(irq) } : {}),
        name: interruptName(irq),
        trigger,
        domain: pd,
        ...(guest === undefined ? {} : { guest }),
        channel: id,
        devices,
      };
    })
    .sort((a, b) => a.intid - b.intid);
  const gauges = domains.map(({ name, irqs, ioports }): IdGauge => {
    const taken: TakenId[] = [
      ...irqs.map((irq) => ({
        id: irq.id,
        use: 'interrupt' as const,
        what: irq.kind === 'platform' ? interruptName(irq.irq) : `vector ${irq.vector}`,
      })),
      ...ioports.map(({ id, addr }) => ({
        id,
        use: 'port' as const,
        what: `I/O ports from 0x${addr.toString(16)}`,
      })),
      ...description.channels.flatMap(({ ends: [one, other] }) =>
        [
          [one, other],
          [other, one],
        ].flatMap(([own, peer]) =>
          own?.pd === name && peer !== undefined
            ? [{ id: own.id, use: 'channel' as const, what: peer.pd }]
            : [],
        ),
      ),
    ];
    return { domain: name, limit: CHANNEL_LIMIT, taken: taken.sort((a, b) => a.id - b.id) };
  });
  return { rows, gauges: gauges.filter(({ taken }) => taken.length > 0) };
}
