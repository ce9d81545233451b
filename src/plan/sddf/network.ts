/**
 * A network of guests: sDDF's switch with a port and a copier for each, and, where the request has an Ethernet device, driver and
 * virtualisers behind its last port (sDDF's `network/`). Without one the switch has that port all the same, with nobody at it.
 */
import { OUTSIDE } from '../request/index.ts';
import { powerOfTwo, type SddfClient, type SddfParts, type Shared } from './parts.ts';
import type { SddfNet } from './shape.ts';

/** Frames that wait at a place: what sdfgen takes, and a power of two. */
const BUFFERS = 512;
/** `NET_BUFFER_SIZE` */
const BUFFER_BYTES = 2048;
const QUEUE_HEAD_BYTES = 8;
const QUEUE_ENTRY_BYTES = 16;

/** The most clients: a switch has two channels for each and two more. */
export const NET_CLIENTS_MAX = 29;

/**
 * Domains, queues and connections of a network. `bridge` is the monitor of a guest by which the others reach the outside where no driver does:
 * the switch sends what is for nobody that it knows to its last port.
 */
export function shareNetwork(
  parts: SddfParts,
  {
    driver,
    clients: given,
    bridge: wanted,
  }: Partial<Shared> & Pick<Shared, 'clients'> & { readonly bridge?: string | undefined },
): SddfNet {
  const { layout } = parts;
  const bridge = driver === undefined && given.some(({ pd }) => pd === wanted) ? wanted : undefined;
  const clients = [...given.filter(({ pd }) => pd !== bridge), ...given.filter(({ pd }) => pd === bridge)];
  const link = (name: string, ends: readonly [string, string], buffers = BUFFERS, calls = false): string => {
    const entries = powerOfTwo(buffers);
    const sizeBytes = QUEUE_HEAD_BYTES + QUEUE_ENTRY_BYTES * entries;
    const queues = ['free_queue', 'active_queue'].map((part) => ({ part, sizeBytes }));
    return layout.link({ name, ends, entries, parts: queues, calls });
  };
  const buffersOf = ({ device }: SddfClient): number => powerOfTwo(device.buffers ?? BUFFERS);
  const allBuffers = clients.reduce((sum, client) => sum + buffersOf(client), 0);
  const virtTx = driver === undefined ? undefined : parts.component('net', 'virt-tx');
  const virtRx = driver === undefined ? undefined : parts.component('net', 'virt-rx');
  const vswitch = parts.component('net', 'vswitch');
  const hasOutside = driver !== undefined && virtTx !== undefined && virtRx !== undefined;
  const addresses = addressesOf(clients.map(({ device }) => device.mac));
  const ports = clients.map((client, index) => {
    const { guest, pd, device } = client;
    const buffers = buffersOf(client);
    const name = layout.unique(`${guest}_net`);
    const copy = parts.component('net', 'copy', guest);
    const data = (way: string, why: string, dma: boolean): string =>
      layout.region({ name: `${name}_${way}_data`, sizeBytes: buffers * BUFFER_BYTES, why, dma });
    const rxData = data('rx', `frames to ${guest}`, false);
    const txData = data('tx', `frames from ${guest}`, hasOutside);
    const reaches = (other: string): boolean => device.reaches?.includes(other) ?? true;
    const others = clients.flatMap((other, at) => (at !== index && reaches(other.guest) ? [at] : []));
    return {
      pd,
      device: device.path,
      copy,
      mac: addresses[index] ?? '',
      rx: link(`${name}_rx`, [vswitch, copy]),
      copied: link(`${name}_copied`, [copy, pd], buffers),
      tx: link(`${name}_tx`, [vswitch, pd], buffers, true),
      rxData,
      txData,
      reaches: [...others, ...(hasOutside && reaches(OUTSIDE) ? [clients.length] : [])],
    };
  });
  for (const { pd, copy, rxData, txData } of ports) {
    layout.map(rxData, copy, 'rw');
    layout.map(rxData, pd, 'rw');
    layout.map(txData, pd, 'rw');
    // It clears checksums where the hardware makes them.
    layout.map(txData, vswitch, 'rw');
    for (const other of ports) if (other.copy !== copy) layout.map(txData, other.copy, 'r');
    if (virtTx !== undefined) layout.map(txData, virtTx, 'r');
  }
  const metadata = layout.region({
    name: `${vswitch}_metadata`,
    sizeBytes: allBuffers + (hasOutside ? BUFFERS : 0),
    why: 'how many have each frame',
  });
  layout.map(metadata, vswitch, 'rw');
  if (!hasOutside) return { vswitch, metadata, ports, ...(bridge === undefined ? {} : { bridge }) };

  const { name } = driver;
  const rxData = layout.region({
    name: `${name}_rx_data`,
    sizeBytes: BUFFERS * BUFFER_BYTES,
    why: 'frames from outside',
    dma: true,
  });
  // Nobody but the device writes there, so that no cache has anything to write back.
  for (const pd of [virtRx, vswitch, ...ports.map(({ copy }) => copy)]) layout.map(rxData, pd, 'r');
  const rxMetadata = layout.region({
    name: `${virtRx}_metadata`,
    sizeBytes: BUFFERS,
    why: 'how many have each frame',
  });
  layout.map(rxMetadata, virtRx, 'rw');
  return {
    vswitch,
    metadata,
    ports,
    outside: {
      driver: name,
      virtTx,
      virtRx,
      driverTx: link(`${name}_tx`, [name, virtTx], allBuffers),
      driverRx: link(`${name}_rx`, [name, virtRx]),
      switchTx: link(`${vswitch}_tx`, [virtTx, vswitch], allBuffers),
      switchRx: link(`${vswitch}_rx`, [virtRx, vswitch]),
      rxData,
      rxMetadata,
    },
  };
}

/** 02:00:00:00:00:01 for the first, and so on, but for those that have one. */
function addressesOf(given: readonly (string | undefined)[]): readonly string[] {
  const taken = new Set(given);
  let next = 0;
  return given.map((own) => {
    if (own !== undefined) return own;
    let address: string;
    do {
      next += 1;
      address = `02:00:00:00:00:${next.toString(16).padStart(2, '0')}`;
    } while (taken.has(address));
    return address;
  });
}
