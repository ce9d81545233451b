/** The programs that come with drivervm, by the name of their image: what a description finds without a file beside it. */
import type { BlockStore, EthernetWire } from '../device/index.ts';
import type { ProgramFactory } from '../sel4/index.ts';
import { type ComponentImage, imageName, type NativeDriverImage } from '../sharing/index.ts';
import { blockVirtualiser } from './block-virtualiser.ts';
import { entropyVirtualiser } from './entropy-virtualiser.ts';
import { type NetworkReach, networkVirtualiser } from './network-virtualiser.ts';
import { serialVirtualiserRx, serialVirtualiserTx } from './serial-virtualisers.ts';
import { type DiskShare, servedBlockVirtualiser } from './served-block-virtualiser.ts';
import { uartDriver } from './uart/driver.ts';
import { imx } from './uart/imx.ts';
import { meson } from './uart/meson.ts';
import { pl011 } from './uart/pl011.ts';

/** What the host gives to programs that reach beyond the machine. */
export interface ProgramResources {
  /** The store of a block virtualiser, by its protection domain. */
  readonly stores?: ReadonlyMap<string, BlockStore>;
  /** What a served disk's virtualiser's clients have of it, by its protection domain and the client's number. */
  readonly shares?: ReadonlyMap<string, ReadonlyMap<number, DiskShare>>;
  /** The wire that network virtualisers have a port on. */
  readonly wire?: EthernetWire;
  /** The addresses of a network virtualiser's clients, by its protection domain and the client's number. */
  readonly macAddresses?: ReadonlyMap<string, ReadonlyMap<number, Uint8Array>>;
  /** Whom a network virtualiser's clients may send to, by the same; everybody, where nothing is said of a client. */
  readonly reaches?: ReadonlyMap<string, ReadonlyMap<number, NetworkReach>>;
  /** What the entropy virtualiser's bytes begin with; 0 where it is not given, and no bytes at all where there is no source of any. */
  readonly seed?: number | 'none';
  /** Sees what each client of a serial virtualiser sends, by the virtualiser's protection domain and the client's number. */
  readonly serial?: (pd: string, client: number, bytes: Uint8Array) => void;
}

/** A program for a domain; none where the host does not give what it needs. */
type ProgramMaker = (pd: string, resources: ProgramResources) => ProgramFactory | undefined;

/** One for each image that the tables of `sharing` name. */
const PROGRAMS: Readonly<Record<ComponentImage | NativeDriverImage, ProgramMaker>> = {
  'uart_pl011_driver.elf': () => uartDriver(pl011),
  'uart_meson_driver.elf': () => uartDriver(meson),
  'uart_imx_driver.elf': () => uartDriver(imx),
  'serial_virt_tx.elf': (pd, { serial }) =>
    serialVirtualiserTx((client, bytes) => serial?.(pd, client, bytes)),
  'serial_virt_rx.elf': () => serialVirtualiserRx,
  'net_virt.elf': (pd, { wire, macAddresses, reaches }) =>
    networkVirtualiser({
      ...(wire === undefined ? {} : { port: wire.connect() }),
      macAddresses: macAddresses?.get(pd) ?? new Map(),
      reaches: reaches?.get(pd) ?? new Map(),
    }),
  'entropy_virt.elf': (_pd, { seed }) => entropyVirtualiser(seed),
  'blk_virt.elf': (pd, { stores }) => {
    const store = stores?.get(pd);
    return store === undefined ? undefined : blockVirtualiser(store);
  },
  'blk_virt_served.elf': (pd, { shares }) => servedBlockVirtualiser(shares?.get(pd)),
};

/** `undefined` where no built-in program has that name, or where it lacks what the host would give. */
export function builtInProgram(
  image: string,
  pd: string,
  resources: ProgramResources = {},
): ProgramFactory | undefined {
  const name = imageName(image);
  return isBuiltIn(name) ? PROGRAMS[name](pd, resources) : undefined;
}

/** Whether a program of that image's name comes with drivervm. */
export function isBuiltIn(name: string): name is keyof typeof PROGRAMS {
  return Object.hasOwn(PROGRAMS, name);
}
