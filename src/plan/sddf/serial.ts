/** A UART that is shared among guests' consoles: driver, one virtualiser each way, and their queues (sDDF's `serial/`). */
import { KIB } from '../../base/index.ts';
import type { PassedConsole } from '../guest/passed-consoles.ts';
import type { SddfParts, Shared } from './parts.ts';
import type { SddfConsole, SddfSerial } from './shape.ts';

/** sdfgen's sizes, which nothing in sDDF depends on but that data is a power of two. */
const QUEUE_BYTES = 4 * KIB;
const DATA_BYTES = 64 * KIB;
/** A client's characters are passed on with a colour's escape sequences or not at all, so there is room for both. */
const COLOURED_DATA_BYTES = 2 * DATA_BYTES;
const BAUD = 115_200;
/** Ctrl-\ */
const SWITCH_BYTE = 0x1c;

/** A console that another guest passes on: what the one monitor sends, the other receives. */
export function passConsole({ layout }: SddfParts, { client, other }: PassedConsole): SddfConsole {
  const pds = [client.guest.monitor.pd, other.guest.monitor.pd] as const;
  const name = `${client.guest.name}_console`;
  const link = (way: string, ends: readonly [string, string]): string =>
    layout.link({
      name: `${name}_${way}`,
      ends,
      parts: [
        { part: 'queue', sizeBytes: QUEUE_BYTES },
        { part: 'data', sizeBytes: DATA_BYTES },
      ],
    });
  const out = link('tx', [pds[1], pds[0]]);
  const typed = link('rx', [pds[1], pds[0]]);
  return {
    ends: [
      { pd: pds[0], device: client.device.path, tx: out, rx: typed },
      { pd: pds[1], device: other.device.path, tx: typed, rx: out },
    ],
  };
}

/** Domains, queues and connections of a shared UART. */
export function shareSerial(parts: SddfParts, { driver: owner, clients }: Shared): SddfSerial {
  const { layout } = parts;
  const { name: driver } = owner;
  const colours = owner.colours ?? clients.length > 1;
  const virtTx = parts.component('serial', 'virt-tx');
  const virtRx = parts.component('serial', 'virt-rx');
  const link = (name: string, ends: readonly [string, string], dataBytes = DATA_BYTES): string =>
    layout.link({
      name,
      ends,
      parts: [
        { part: 'queue', sizeBytes: QUEUE_BYTES },
        { part: 'data', sizeBytes: dataBytes },
      ],
    });
  return {
    driver,
    virtTx,
    virtRx,
    driverTx: link(`${driver}_tx`, [driver, virtTx], colours ? COLOURED_DATA_BYTES : DATA_BYTES),
    driverRx: link(`${driver}_rx`, [driver, virtRx]),
    baud: owner.baud ?? BAUD,
    colours,
    switchByte: owner.switchByte ?? SWITCH_BYTE,
    clients: clients.map(({ guest, pd, device }) => ({
      pd,
      device: device.path,
      tx: link(`${guest}_console_tx`, [virtTx, pd]),
      rx: link(`${guest}_console_rx`, [virtRx, pd]),
    })),
  };
}
