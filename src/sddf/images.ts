/**
 * The programs that come with drivervm, each exported under the name of its image: who builds one of them for seL4 imports that one, and
 * nothing of the others comes with it.
 */
import { blockVirtualiser } from './block-virtualiser.ts';
import { entropyVirtualiser } from './entropy-virtualiser.ts';
import { networkVirtualiser } from './network-virtualiser.ts';
import type { ProgramMaker } from './program-resources.ts';
import { serialVirtualiserRx, serialVirtualiserTx } from './serial-virtualisers.ts';
import { servedBlockVirtualiser } from './served-block-virtualiser.ts';
import { uartDriver } from './uart/driver.ts';
import { imx } from './uart/imx.ts';
import { meson } from './uart/meson.ts';
import { pl011 } from './uart/pl011.ts';

const uartPl011: ProgramMaker = () => uartDriver(pl011);
const uartMeson: ProgramMaker = () => uartDriver(meson);
const uartImx: ProgramMaker = () => uartDriver(imx);
const serialTx: ProgramMaker = (pd, { serial, consoles }) =>
  serialVirtualiserTx((client, bytes) => serial?.(pd, client, bytes), consoles?.get(pd));
const serialRx: ProgramMaker = (pd, { consoles }) => serialVirtualiserRx(consoles?.get(pd));
const network: ProgramMaker = (pd, { wire, macAddresses, reaches }) =>
  networkVirtualiser({
    ...(wire === undefined ? {} : { port: wire.connect() }),
    macAddresses: macAddresses?.get(pd) ?? new Map(),
    reaches: reaches?.get(pd) ?? new Map(),
  });
const entropy: ProgramMaker = (_pd, { seed }) => entropyVirtualiser(seed);
const block: ProgramMaker = (pd, { stores }) => {
  const store = stores?.get(pd);
  return store === undefined ? undefined : blockVirtualiser(store);
};
const servedBlock: ProgramMaker = (pd, { shares }) => servedBlockVirtualiser(shares?.get(pd));

export {
  block as 'blk_virt.elf',
  entropy as 'entropy_virt.elf',
  network as 'net_virt.elf',
  serialRx as 'serial_virt_rx.elf',
  serialTx as 'serial_virt_tx.elf',
  servedBlock as 'blk_virt_served.elf',
  uartImx as 'uart_imx_driver.elf',
  uartMeson as 'uart_meson_driver.elf',
  uartPl011 as 'uart_pl011_driver.elf',
};
