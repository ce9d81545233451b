/** Programs that come with drivervm, by the name of their image: what a description finds without a file beside it. */
import type { BlockStore, EthernetWire } from '../device/index.ts';
import {
  blockVirtualiser,
  networkVirtualiser,
  serialVirtualiserRx,
  serialVirtualiserTx,
  uartMesonDriver,
  uartPl011Driver,
} from '../sddf/index.ts';
import type { ProgramFactory } from '../sel4/index.ts';

/** The images of the programs that are known from outside by what they do. */
export const VIRTUALISER_IMAGE = {
  serialTransmit: 'serial_virt_tx.elf',
  serialReceive: 'serial_virt_rx.elf',
  network: 'net_virt.elf',
  block: 'blk_virt.elf',
} as const;

/** Whether a domain's image has this name, wherever it lies. */
export function runsImage(
  { programImage }: { readonly programImage?: { readonly path: string } },
  image: string,
): boolean {
  return programImage !== undefined && nameOf(programImage.path) === image;
}

function nameOf(path: string): string {
  return path.replace(/^.*\//, '');
}

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
  switch (nameOf(image)) {
    case 'uart_pl011_driver.elf':
      return uartPl011Driver;
    case 'uart_meson_driver.elf':
      return uartMesonDriver;
    case VIRTUALISER_IMAGE.serialTransmit:
      return serialVirtualiserTx((client, bytes) => serial?.(pd, client, bytes));
    case VIRTUALISER_IMAGE.serialReceive:
      return serialVirtualiserRx;
    case VIRTUALISER_IMAGE.network:
      return networkVirtualiser({
        ...(wire === undefined ? {} : { port: wire.connect() }),
        macAddresses: macAddresses?.get(pd) ?? new Map(),
      });
    case VIRTUALISER_IMAGE.block: {
      const store = stores?.get(pd);
      return store === undefined ? undefined : blockVirtualiser(store);
    }
    default:
      return undefined;
  }
}
