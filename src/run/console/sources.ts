/**
 * Who can speak in a run: each guest by the UART that its tree calls its console, or by a serial virtualiser that shares
 * one; every other UART once it has something to say.
 */
import { rangeContains } from '../../base/index.ts';
import type { Board } from '../../devicetree/index.ts';
import { modelFor } from '../../machine/index.ts';
import { type ProtectionDomain, protectionDomainsOf, type SystemDescription } from '../../microkit/index.ts';
import { runsImage, VIRTUALISER_IMAGE } from '../built-in-programs.ts';

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

function sharedSources(board: Board, description: SystemDescription): readonly ConsoleSource[] {
  const domains = [...protectionDomainsOf(description)];
  const running = (image: string) => domains.filter((domain) => runsImage(domain, image));
  const receivers = running(VIRTUALISER_IMAGE.serialReceive).map((pd) => ({
    driver: peerOf(description, pd, 'driver_ch'),
    clients: clientsOf(description, pd),
  }));
  return running(VIRTUALISER_IMAGE.serialTransmit).flatMap((pd) => {
    const driver = peerOf(description, pd, 'driver_ch');
    const uart = domains.flatMap((domain) =>
      domain.name === driver ? [uartOf(board, description, domain)] : [],
    )[0];
    if (uart === undefined) return [];
    const receiver = receivers.find((other) => other.driver === driver);
    return clientsOf(description, pd).map((client, transmitIndex): ConsoleSource => {
      const receiveIndex = receiver?.clients.indexOf(client) ?? -1;
      const several = (receiver?.clients.length ?? 0) > 1;
      const shared = { transmitter: pd.name, transmitIndex, several };
      return {
        name: domains.find(({ name }) => name === client)?.virtualMachine?.name ?? client,
        uart,
        client: receiveIndex < 0 ? shared : { ...shared, receiveIndex },
      };
    });
  });
}

/** The domain at the other end of the channel whose id a symbol holds. */
function peerOf({ channels }: SystemDescription, pd: ProtectionDomain, symbol: string): string | undefined {
  for (const { ends } of channels) {
    const own = ends.find((end) => end.pd === pd.name && end.setvarId === symbol);
    if (own !== undefined) return ends.find((end) => end !== own)?.pd;
  }
  return undefined;
}

function clientsOf(description: SystemDescription, pd: ProtectionDomain): readonly string[] {
  const clients: string[] = [];
  for (;;) {
    const client = peerOf(description, pd, `client${clients.length}_ch`);
    if (client === undefined || clients.includes(client)) return clients;
    clients.push(client);
  }
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
