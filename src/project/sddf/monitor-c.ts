/**
 * The virtio devices of a guest in its monitor's C, as libvmm 0.2 has them: for each what sDDF's programs share with it, a function
 * that makes the device, and what is to be done when a channel says something.
 */
import { hex } from '../../base/index.ts';
import type { GuestPlan, SddfPlan, ServedPlan, VirtioPlan } from '../../plan/index.ts';
import { blockDevice } from './block-c.ts';
import { member } from './c-value.ts';
import { macValue } from './configurations.ts';
import { consoleDevice } from './console-c.ts';
import { configuration, init, type MonitorDevice, place } from './monitor-device.ts';
import { magic, SddfResources } from './resources.ts';

/** The devices of a guest that sDDF serves, in the order of the plan. */
export function monitorDevices(sddf: SddfPlan | undefined, guest: GuestPlan): readonly MonitorDevice[] {
  if (sddf === undefined) return [];
  const resources = new SddfResources(sddf);
  const counts = new Map<string, number>();
  const served = (guest.serves ?? []).flatMap((each) => {
    const block = sddf.block.find(({ driver, server }) => server !== undefined && driver === each.name);
    return block === undefined ? [] : [servedDevice(resources, guest.monitor.pd, each, block.link)];
  });
  const devices = guest.virtio.flatMap((device): readonly MonitorDevice[] => {
    const make = makerOf(resources, guest.monitor.pd, device);
    if (make === undefined) return [];
    const number = counts.get(device.kind) ?? 0;
    counts.set(device.kind, number + 1);
    return [make(`${device.kind}${number === 0 ? '' : number}`)];
  });
  return [...devices, ...served];
}

type Make = (name: string) => MonitorDevice;

function makerOf(resources: SddfResources, pd: string, device: VirtioPlan): Make | undefined {
  const { serial, consoles = [], block, net } = resources.plan;
  const isIts = (client: { readonly pd: string; readonly device: string }) =>
    client.pd === pd && client.device === device.path;
  const console = [...serial.flatMap(({ clients }) => clients), ...consoles.flatMap(({ ends }) => ends)].find(
    isIts,
  );
  if (console !== undefined) return (name) => consoleDevice(resources, device, name, console);
  for (const { clients, server } of block) {
    const disk = clients.find(isIts);
    if (disk !== undefined)
      return (name) => blockDevice(resources, device, name, { ...disk, isServed: server !== undefined });
  }
  const port = net.flatMap(({ ports }) => ports).find(isIts);
  if (port !== undefined) return (name) => netDevice(resources, device, name, port);
  return undefined;
}

/** What the guest serves: a page whose writes are for the virtualiser, and an interrupt by which its program is told. */
function servedDevice(
  resources: SddfResources,
  pd: string,
  { path, device, intid, windows }: ServedPlan,
  link: string,
): MonitorDevice {
  const name = `served_${windows[0]?.guestAddr.toString(16) ?? ''}`;
  const { channel, peer } = resources.end(pd, link);
  const [page] = windows;
  return {
    name,
    path,
    headers: [],
    what: `${device} is served to other guests: its disk-server writes to a page that faults, and gets an interrupt when there are requests.`,
    declarations: [
      `#define ${name.toUpperCase()}_CHANNEL ${channel} /* to ${peer} */`,
      `#define ${name.toUpperCase()}_IRQ ARM_GIC_IRQ_ROUTE(GUEST_BOOT_VCPU_ID, ${intid})`,
      '',
      `static bool ${name}_written(size_t vcpu_id, size_t offset, size_t fsr, seL4_UserContext *regs, void *data)`,
      '{',
      '    (void)vcpu_id, (void)offset, (void)fsr, (void)regs, (void)data; /* whatever was written */',
      `    microkit_notify(${name.toUpperCase()}_CHANNEL);`,
      '    return true;',
      '}',
      '',
      `static void ${name}_ended(irq_routing_info_t irq, void *cookie)`,
      '{',
      '    (void)irq, (void)cookie;',
      '}',
      '',
      init(name, [
        `return virq_register(${name.toUpperCase()}_IRQ, ${name}_ended, NULL)`,
        `    && fault_register_vm_exception_handler(${hex(page?.guestAddr ?? 0)}, ${hex(page?.sizeBytes ?? 0)}, ${name}_written, NULL);`,
      ]),
    ].join('\n'),
    channels: [{ channel: `${name.toUpperCase()}_CHANNEL`, call: `virq_inject(${name.toUpperCase()}_IRQ)` }],
  };
}

function netDevice(
  resources: SddfResources,
  device: VirtioPlan,
  name: string,
  { pd, copied, tx, rxData, txData, mac }: SddfPlan['net'][number]['ports'][number],
): MonitorDevice {
  const config = `${name}_config`;
  const queue = (way: string) =>
    `net_queue_init(&${name}_${way}_queue, ${config}.${way}.free_queue.vaddr, ${config}.${way}.active_queue.vaddr, ${config}.${way}.num_buffers);`;
  return {
    name,
    path: device.path,
    headers: ['sddf/network/queue.h', 'sddf/network/config.h'],
    declarations: [
      configuration(name, 'net_client_config_t', [
        magic('net'),
        member('rx', resources.connection(pd, copied)),
        member('rx_data', resources.region(pd, rxData), rxData),
        member('tx', resources.connection(pd, tx)),
        member('tx_data', resources.region(pd, txData), txData),
        member('mac_addr', macValue(mac), mac),
      ]),
      `static net_queue_handle_t ${name}_rx_queue, ${name}_tx_queue;`,
      `static struct virtio_net_device ${name};`,
      '',
      init(name, [
        queue('rx'),
        queue('tx'),
        `net_buffers_init(&${name}_tx_queue, 0);`,
        "/* Checksums stay the guest's, because other guests see them: the switch clears those for hardware that makes its own. */",
        `return virtio_mmio_net_init(${place(name, device)},`,
        `                            &${name}_rx_queue, &${name}_tx_queue, (uintptr_t)${config}.rx_data.vaddr,`,
        `                            (uintptr_t)${config}.tx_data.vaddr, ${config}.rx.id, ${config}.tx.id, ${config}.mac_addr.addr, false);`,
      ]),
    ].join('\n'),
    channels: [
      { channel: `${config}.rx.id`, call: `virtio_net_handle_rx(&${name})` },
      { channel: `${config}.tx.id`, call: undefined },
    ],
  };
}
