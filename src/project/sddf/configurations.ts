/**
 * The configurations of sDDF's programs: for each protection domain the values that its program reads at its start, each in the section
 * that the program has for it. The Makefile puts them there.
 */
import { hex } from '../../base/index.ts';
import type { SddfBlock, SddfDriverPlan, SddfNet, SddfPlan, SddfSerial } from '../../plan/index.ts';
import { type CMember, type CValue, cString, item, member } from './c-value.ts';
import { magic, SddfResources } from './resources.ts';

/** A value of sDDF's, and where it goes in a program. */
export interface SddfConfiguration {
  /** The program's section. */
  readonly section: string;
  readonly type: string;
  readonly header: string;
  readonly value: CValue;
}

const SERIAL = 'sddf/serial/config.h';
const BLOCK = 'sddf/blk/config.h';
const NET = 'sddf/network/config.h';
const ENTER = "'\\r'";
const BEGIN = 'Begin input\\r\\n';
/** Ids of channels are below 62: no notification has this one. */
const NO_CHANNEL = 255;

/** Of each domain, its configurations. */
export function configurationsOf(plan: SddfPlan): ReadonlyMap<string, readonly SddfConfiguration[]> {
  const resources = new SddfResources(plan);
  const all = new Map<string, SddfConfiguration[]>();
  const add = (pd: string, configuration: SddfConfiguration): void => {
    all.set(pd, [...(all.get(pd) ?? []), configuration]);
  };
  for (const driver of plan.drivers) {
    add(driver.pd, deviceResources(resources, driver));
    if (driver.timer !== undefined) add(driver.pd, timerClient(resources, driver.pd, driver.timer));
  }
  for (const each of plan.serial) serial(resources, each, add);
  for (const each of plan.block) block(resources, each, add);
  for (const each of plan.net) net(resources, each, add);
  return all;
}

type Add = (pd: string, configuration: SddfConfiguration) => void;

/** What a driver has of its device, as its `config.json` lists it. */
function deviceResources(
  resources: SddfResources,
  { pd, registers, dma, channel }: SddfDriverPlan,
): SddfConfiguration {
  const { vaddr, sizeBytes, physAddr } = registers;
  return {
    section: 'device_resources',
    type: 'device_resources_t',
    header: 'sddf/resources/device.h',
    value: [
      magic('device'),
      member('num_regions', String(1 + dma.length)),
      member('num_irqs', '1'),
      member('regions', [
        item(
          `{ .region = { .vaddr = (void *)${hex(vaddr)}, .size = ${hex(sizeBytes)} }, .io_addr = ${hex(physAddr)} }`,
          'registers',
        ),
        ...dma.map((region) => item(resources.deviceRegion(pd, region), region)),
      ]),
      member('irqs', [item(`{ .id = ${channel} }`, "the channel of the device's interrupt")]),
    ],
  };
}

/** Of a driver that asks for the time: whom. */
function timerClient(resources: SddfResources, pd: string, link: string): SddfConfiguration {
  const { channel, peer } = resources.end(pd, link);
  return {
    section: 'timer_client_config',
    type: 'timer_client_config_t',
    header: 'sddf/timer/config.h',
    value: [magic('timer'), member('driver_id', String(channel), `the channel to ${peer}`)],
  };
}

function serial(resources: SddfResources, shared: SddfSerial, add: Add): void {
  const { driver, virtTx, virtRx, driverTx, driverRx, baud, colours, switchByte, clients } = shared;
  const configuration = (section: string, members: readonly CMember[]): SddfConfiguration => ({
    section,
    type: `${section}_t`,
    header: SERIAL,
    value: [magic('serial'), ...members],
  });
  add(
    driver,
    configuration('serial_driver_config', [
      member('rx', resources.connection(driver, driverRx)),
      member('tx', resources.connection(driver, driverTx)),
      member('default_baud', String(baud)),
      member('rx_enabled', 'true'),
    ]),
  );
  add(
    virtTx,
    configuration('serial_virt_tx_config', [
      member('driver', resources.connection(virtTx, driverTx)),
      member(
        'clients',
        clients.map(({ pd, tx }) =>
          item([member('conn', resources.connection(virtTx, tx)), member('name', cString(pd))], pd),
        ),
      ),
      member('num_clients', String(clients.length)),
      member('begin_str', `"${BEGIN}"`, 'said when input is listened to'),
      member('enable_colour', String(colours), 'each client has a colour'),
      member('enable_rx', 'true'),
    ]),
  );
  add(
    virtRx,
    configuration('serial_virt_rx_config', [
      member('driver', resources.connection(virtRx, driverRx)),
      member(
        'clients',
        clients.map(({ pd, rx }) => item(resources.connection(virtRx, rx), pd)),
      ),
      member('num_clients', String(clients.length)),
      member(
        'switch_char',
        String(switchByte),
        `${keyName(switchByte)}, a client's number and Enter choose who is typed to`,
      ),
      member('terminate_num_char', ENTER),
    ]),
  );
}

/** A control character as it is typed. */
export function keyName(byte: number): string {
  return byte < 0x20 ? `Ctrl-${String.fromCharCode(byte + 0x40)}` : String.fromCharCode(byte);
}

function block(
  resources: SddfResources,
  { driver, server, virt, link, data, clients }: SddfBlock,
  add: Add,
): void {
  if (server === undefined) {
    add(driver, {
      section: 'blk_driver_config',
      type: 'blk_driver_config_t',
      header: BLOCK,
      value: [magic('block'), member('virt', resources.connection(driver, link))],
    });
  }
  add(virt, {
    section: 'blk_virt_config',
    type: 'blk_virt_config_t',
    header: BLOCK,
    value: [
      magic('block'),
      member('num_clients', String(clients.length)),
      member('driver', [
        member('conn', resources.connection(virt, link)),
        member('data', resources.deviceRegion(virt, data), `${data}: partition tables`),
      ]),
      member(
        'clients',
        clients.map((each) =>
          item(
            [
              member('conn', resources.connection(virt, each.link)),
              member('data', resources.deviceRegion(virt, each.data), each.data),
              member('partition', String(each.partition), 'counted from 0'),
            ],
            `${each.device} of ${each.pd}`,
          ),
        ),
      ),
    ],
  });
}

/** Six bytes of an address, as an initialiser of `mac_addr_t`. */
export function macValue(mac: string): string {
  return `{ .addr = { ${mac
    .split(':')
    .map((byte) => `0x${byte}`)
    .join(', ')} } }`;
}

function net(resources: SddfResources, shared: SddfNet, add: Add): void {
  const { vswitch, metadata, ports, outside } = shared;
  const configuration = (section: string, members: readonly CMember[]): SddfConfiguration => ({
    section,
    type: `${section}_t`,
    header: NET,
    value: [magic('net'), ...members],
  });
  add(
    vswitch,
    configuration('net_vswitch_config', [
      member('ports', [
        ...ports.map(({ pd, device, rx, tx, txData, mac, reaches }) =>
          item(
            [
              member('rx', resources.connection(vswitch, rx)),
              member('tx', resources.connection(vswitch, tx)),
              member('tx_data', resources.region(vswitch, txData), txData),
              member('mac_addr', macValue(mac), mac),
              member('acl', reachesValue(reaches), reachesWords(shared, reaches)),
            ],
            `${device} of ${pd}`,
          ),
        ),
        // A bridge is the last port, which is the outside's.
        ...(shared.bridge === undefined ? [outsidePort(resources, shared)] : []),
      ]),
      member('num_ports', String(shared.bridge === undefined ? ports.length + 1 : ports.length)),
      member('buffer_metadata', resources.region(vswitch, metadata), metadata),
    ]),
  );
  for (const [index, { pd, copy, rx, copied, rxData }] of ports.entries()) {
    add(
      copy,
      configuration('net_copy_config', [
        member('rx', resources.connection(copy, rx)),
        member('rx_data', [
          ...ports.map((other, at) =>
            at === index
              ? item('{ 0 }', 'its own')
              : item(resources.region(copy, other.txData), other.txData),
          ),
          ...(outside === undefined ? [] : [item(resources.region(copy, outside.rxData), outside.rxData)]),
        ]),
        member('client', resources.connection(copy, copied), pd),
        member('client_data', resources.region(copy, rxData), rxData),
      ]),
    );
  }
  if (outside === undefined) return;
  const { driver, virtTx, virtRx, driverTx, driverRx, switchTx, switchRx, rxMetadata } = outside;
  add(
    driver,
    configuration('net_driver_config', [
      member('virt_rx', resources.connection(driver, driverRx)),
      member('virt_tx', resources.connection(driver, driverTx)),
    ]),
  );
  add(
    virtTx,
    configuration('net_virt_tx_config', [
      member('driver', resources.connection(virtTx, driverTx)),
      member('clients', [
        item(
          [
            member('conn', resources.connection(virtTx, switchTx)),
            member(
              'regions',
              ports.map(({ tx, txData }) =>
                item(
                  `{ .data = ${resources.deviceRegion(virtTx, txData)}, .num_buffers = ${resources.link(tx).entries ?? 0} }`,
                  txData,
                ),
              ),
            ),
            member('num_regions', String(ports.length)),
          ],
          vswitch,
        ),
      ]),
      member('num_clients', '1'),
    ]),
  );
  add(
    virtRx,
    configuration('net_virt_rx_config', [
      member('driver', resources.connection(virtRx, driverRx)),
      member('data', resources.deviceRegion(virtRx, outside.rxData), outside.rxData),
      member('buffer_metadata', resources.region(virtRx, rxMetadata), rxMetadata),
      member('clients', [
        item(
          [
            member('conn', resources.connection(virtRx, switchRx)),
            member(
              'mac_addrs',
              ports.map(({ pd, mac }) => item(macValue(mac), `${mac}: ${pd}`)),
            ),
            member('num_macs', String(ports.length)),
          ],
          vswitch,
        ),
      ]),
      member('num_clients', '1'),
    ]),
  );
}

/** The last port: to the transmit virtualiser it sends, from the receive virtualiser it hears. */
function outsidePort(resources: SddfResources, shared: SddfNet): CMember {
  const { vswitch, ports, outside } = shared;
  if (outside === undefined)
    return item(`{ .rx = { .id = ${NO_CHANNEL} }, .tx = { .id = ${NO_CHANNEL} } }`, 'outside: nobody');
  const { switchTx, switchRx, rxData } = outside;
  // Who may not send to the outside hears nothing from there, as in a run; and never to itself: what is for nobody here would go round.
  const heard = ports.flatMap(({ reaches }, index) => (reaches.includes(ports.length) ? [index] : []));
  return item(
    [
      member('rx', resources.connection(vswitch, switchTx)),
      member('tx', resources.connection(vswitch, switchRx)),
      member('tx_data', resources.region(vswitch, rxData), rxData),
      member('acl', reachesValue(heard), reachesWords(shared, heard)),
    ],
    'outside',
  );
}

function reachesValue(reaches: readonly number[]): string {
  return reaches.length === 0 ? '0' : reaches.map((port) => `1ull << ${port}`).join(' | ');
}

function reachesWords({ ports }: SddfNet, reaches: readonly number[]): string {
  const names = reaches.map((port) => ports[port]?.pd ?? 'outside');
  return names.length === 0 ? 'sends to nobody' : `sends to ${names.join(', ')}`;
}
