/**
 * A guest's virtio console in its monitor's C. libvmm 0.2 takes out of the queue what comes before its driver has the device, and Linux drops what
 * comes while it makes it. What is typed may be lost so; what another guest says may not, so the other end of that one's console gets none of it
 * until this guest has written something there (the ramdisk writes XON when it begins to read).
 */
import type { SddfPlan, VirtioPlan } from '../../plan/index.ts';
import { member } from './c-value.ts';
import { configuration, init, type MonitorDevice, place } from './monitor-device.ts';
import { magic, type SddfResources } from './resources.ts';

/** A console of a guest, or the other end of another guest's. */
export function consoleDevice(
  resources: SddfResources,
  device: VirtioPlan,
  name: string,
  { pd, tx, rx }: SddfPlan['serial'][number]['clients'][number],
): MonitorDevice {
  const config = `${name}_config`;
  const passes = device.consoleOf !== undefined;
  const queue = (way: string) =>
    `serial_queue_init(&${name}_${way}_queue, ${config}.${way}.queue.vaddr, ${config}.${way}.data.size, ${config}.${way}.data.vaddr);`;
  const made = (received: string) => [
    `return virtio_mmio_console_init(${place(name, device)},`,
    `                                &${received}, &${name}_tx_queue, ${config}.tx.id, ${config}.rx.id)`,
  ];
  return {
    name,
    path: device.path,
    headers: ['sddf/serial/queue.h', 'sddf/serial/config.h'],
    declarations: [
      configuration(name, 'serial_client_config_t', [
        magic('serial'),
        member('rx', resources.connection(pd, rx)),
        member('tx', resources.connection(pd, tx)),
      ]),
      `static serial_queue_handle_t ${name}_rx_queue, ${name}_tx_queue;`,
      `static struct virtio_console_device ${name};`,
      '',
      ...(passes ? [waiting(name), ''] : []),
      init(name, [
        queue('rx'),
        queue('tx'),
        ...(passes
          ? [
              `serial_queue_init(&${name}_nothing, &${name}_nothing_queue, sizeof(${name}_nothing_data), ${name}_nothing_data);`,
              ...made(`${name}_nothing`),
              `    && ${name}_wait();`,
            ]
          : [made(`${name}_rx_queue`).join('\n').concat(';')].flatMap((lines) => lines.split('\n'))),
      ]),
    ].join('\n'),
    channels: [
      { channel: `${config}.rx.id`, call: `virtio_console_queue_notify(&${name})` },
      // What found no room goes on when there is some.
      { channel: `${config}.tx.id`, call: `virtio_console_queue_notify(&${name})` },
    ],
  };
}

/** libvmm's functions of the device, but for what follows the guest's first word, and a reset. */
function waiting(name: string): string {
  return `/*
 * The console of another guest: until this one has written something to it, libvmm has a queue in which nothing is, and what the other says
 * stays in its own, where it is not lost.
 */
static serial_queue_t ${name}_nothing_queue;
static char ${name}_nothing_data[1];
static serial_queue_handle_t ${name}_nothing;
static virtio_device_funs_t ${name}_funs;
static virtio_device_funs_t *${name}_libvmm_funs;

static void ${name}_device_reset(virtio_device_t *dev)
{
    ${name}.rxq = &${name}_nothing;
    ${name}_libvmm_funs->device_reset(dev);
}

static bool ${name}_queue_notify(virtio_device_t *dev)
{
    uint32_t written = ${name}_tx_queue.queue->tail;
    bool good = ${name}_libvmm_funs->queue_notify(dev);
    if (${name}.rxq == &${name}_nothing && ${name}_tx_queue.queue->tail != written) {
        ${name}.rxq = &${name}_rx_queue;
        good = virtio_console_queue_notify(&${name}) && good;
    }
    return good;
}

static bool ${name}_wait(void)
{
    ${name}_libvmm_funs = ${name}.virtio_device.funs;
    ${name}_funs = *${name}_libvmm_funs;
    ${name}_funs.device_reset = ${name}_device_reset;
    ${name}_funs.queue_notify = ${name}_queue_notify;
    ${name}.virtio_device.funs = &${name}_funs;
    return true;
}`;
}
