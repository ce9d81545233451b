/** Programs that come with drivervm, by the name of their image: what a description finds without a file beside it. */
import type { BlockStore, EthernetWire } from '../device/index.ts';
import {
  blockVirtualiser,
  networkVirtualiser,
  type ProgramFactory,
  serialVirtualiserRx,
  serialVirtualiserTx,
  uartMesonDriver,
  uartPl011Driver,
} from '../sel4/index.ts';

/** What the host gives to programs that reach beyond the machine. */
export interface ProgramResources {
  /** The store of a block virtualiser, by its protection domain. */
  readonly stores?: ReadonlyMap<string, BlockStore>;
  /** The wire that network virtualisers have a port on. */
  readonly wire?: EthernetWire;
  /** The addresses of a network virtualiser's clients, by its protection domain and the client's number. */
  readonly macAddresses?: ReadonlyMap<string, ReadonlyMap<number, Uint8Array>>;
  /** Sees what each client of a serial virtualiser sends, by the virtualiser's protection domain and the client's number. */
  readonly serial?: (pd: string, client: number, bytes: Uint8Array) => void;
}

/** `undefined` where no built-in program has that name, or where it lacks its store. */
export function builtInProgram(
  image: string,
  pd: string,
  { stores, wire, macAddresses, serial }: ProgramResources = {},
): ProgramFactory | undefined {
  switch (image.replace(/^.*\//, '')) {
    case 'uart_pl011_driver.elf':
      return uartPl011Driver;
    case 'uart_meson_driver.elf':
      return uartMesonDriver;
    case 'serial_virt_tx.elf':
      return serialVirtualiserTx((client, bytes) => serial?.(pd, client, bytes));
    case 'serial_virt_rx.elf':
      return serialVirtualiserRx;
    case 'net_virt.elf':
      return networkVirtualiser({
        ...(wire === undefined ? {} : { port: wire.connect() }),
        macAddresses: macAddresses?.get(pd) ?? new Map(),
      });
    case 'blk_virt.elf': {
      const store = stores?.get(pd);
      return store === undefined ? undefined : blockVirtualiser(store);
    }
    default:
      return undefined;
  }
}
