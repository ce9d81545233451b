/**
 * Who can speak in a run: each guest by the UART that its tree calls its console, or by a serial virtualiser that shares
 * one; every other UART once it has something to say.
 */
import { rangeContains } from '../../base/index.ts';
import type { Board } from '../../devicetree/index.ts';
import { modelFor } from '../../machine/index.ts';
import { type ProtectionDomain, protectionDomainsOf, type SystemDescription } from '../../microkit/index.ts';
import { endsIn, type Role, type SharedEnd, sharedLinks } from '../../sharing/index.ts';

/** One voice. Keyboard input reaches it through `uart`. */
export interface ConsoleSource {
  /** The virtual machine's name, or a UART's alias or node. */
  readonly name: string;
  /** The path of the UART's node. */
  readonly uart: string;
  /** Where a serial virtualiser stands between. */
  readonly client?: SharedClient;
}

export interface SharedClient {
  /** The protection domain of the transmit virtualiser, and which of its clients this is. */
  readonly transmitter: string;
  readonly transmitIndex: number;
  /** Which client of the receive virtualiser it is; absent where nobody types to it. */
  readonly receiveIndex?: number;
  /** Whether the receive virtualiser has to be told whom characters are for. */
  readonly several: boolean;
  /** Its protection domain. */
  readonly receiver?: string;
}

export interface SourceFacts {
  readonly board: Board;
  readonly description: SystemDescription;
  readonly guestTrees: ReadonlyMap<string, Board>;
}

/** The guests' consoles, in the description's order. */
export function consoleSources({ board, description, guestTrees }: SourceFacts): readonly ConsoleSource[] {
  const shared = sharedSources(board, description);
  const behind = new Set(shared.map(({ name }) => name));
  const own = [...protectionDomainsOf(description)].flatMap(({ virtualMachine: vm }) => {
    const uart = vm === undefined ? undefined : guestTrees.get(vm.name)?.stdout?.path;
    if (vm === undefined || uart === undefined || behind.has(vm.name)) return [];
    return [{ name: vm.name, uart }];
  });
  return [...own, ...shared];
}

/** A UART that is no guest's console, by the board's shortest name for it. */
export function sourceOfUart(board: Board, uart: string): ConsoleSource {
  const alias = [...board.aliases].find(([, node]) => board.deviceOf(node)?.path === uart)?.[0];
  return { name: alias ?? uart.slice(uart.lastIndexOf('/') + 1), uart };
}

/** Every UART that can speak, by the board's name for it. */
export function uartSources(board: Board): readonly ConsoleSource[] {
  return board.devices
    .filter(({ compatible }) => modelFor(compatible)?.kind === 'uart')
    .map(({ path }) => sourceOfUart(board, path));
}

/** A serial virtualiser: its driver's domain, and its clients' by their numbers. */
interface SerialVirtualiser {
  readonly pd: string;
  readonly driver: string | undefined;
  readonly clients: readonly string[];
}

function sharedSources(board: Board, description: SystemDescription): readonly ConsoleSource[] {
  const domains = new Map([...protectionDomainsOf(description)].map((domain) => [domain.name, domain]));
  const receivers = serialVirtualisers(description, 'virt-rx');
  return serialVirtualisers(description, 'virt-tx').flatMap(({ pd, driver, clients }) => {
    const domain = domains.get(driver ?? '');
    const uart = domain === undefined ? undefined : uartOf(board, description, domain);
    if (uart === undefined) return [];
    const receiver = receivers.find((other) => other.driver === driver);
    return clients.map((client, transmitIndex): ConsoleSource => {
      const receiveIndex = receiver?.clients.indexOf(client) ?? -1;
      const several = (receiver?.clients.length ?? 0) > 1;
      const shared = {
        transmitter: pd,
        transmitIndex,
        several,
        ...(receiver === undefined ? {} : { receiver: receiver.pd }),
      };
      return {
        name: domains.get(client)?.virtualMachine?.name ?? client,
        uart,
        client: receiveIndex < 0 ? shared : { ...shared, receiveIndex },
      };
    });
  });
}

/** Those that go one way, in the order of their links. */
function serialVirtualisers(description: SystemDescription, way: Role): readonly SerialVirtualiser[] {
  const links = sharedLinks(description).filter((link) => link.class === 'serial');
  const pds = new Set(
    links.flatMap(({ ends }) => ends.filter(({ role }) => role === way).map(({ pd }) => pd)),
  );
  return [...pds].map((pd) => {
    const peers = links.flatMap((link) => endsIn<SharedEnd>(link, pd) ?? []);
    const clients = peers.filter(({ other }) => other.role === 'client');
    return {
      pd,
      driver: peers.find(({ other }) => other.role === 'driver')?.other.pd,
      clients: clients
        .sort((one, another) => (one.own.number ?? 0) - (another.own.number ?? 0))
        .map(({ other }) => other.pd),
    };
  });
}

/** The UART whose registers a native driver has mapped. */
function uartOf(
  board: Board,
  { memoryRegions }: SystemDescription,
  driver: ProtectionDomain,
): string | undefined {
  const regions = driver.maps.flatMap(({ mr }) => memoryRegions.filter(({ name }) => name === mr));
  for (const { physAddr, sizeBytes = 0 } of regions) {
    if (physAddr === undefined) continue;
    const range = { base: physAddr, size: sizeBytes };
    const inside = board
      .devicesAt(range)
      .find(
        ({ compatible, regs }) =>
          modelFor(compatible)?.kind === 'uart' &&
          regs.some(({ cpu }) => cpu !== undefined && rangeContains(range, cpu.base)),
      );
    if (inside !== undefined) return inside.path;
  }
  return undefined;
}
