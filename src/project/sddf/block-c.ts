/**
 * A guest's virtio disk in its monitor's C. sDDF's virtualiser passes writes on and libvmm 0.2 offers no VIRTIO_BLK_F_RO (virtio 1.2
 * §5.2.3), so a disk that is to be read-only becomes that here: libvmm gets queues of the monitor's own, and of what it puts there all but
 * reads and flushes is answered with an error, whatever the guest's driver makes of the feature.
 */
import type { SddfPlan, VirtioPlan } from '../../plan/index.ts';
import { member } from './c-value.ts';
import { configuration, init, type MonitorDevice, place } from './monitor-device.ts';
import { magic, type SddfResources } from './resources.ts';

/** The disk of a guest, or its partition of one. */
export function blockDevice(
  resources: SddfResources,
  device: VirtioPlan,
  name: string,
  { pd, link, data, isServed }: SddfPlan['block'][number]['clients'][number] & { readonly isServed: boolean },
): MonitorDevice {
  const virt = `${name}_config.virt`;
  const isReadOnly = device.mode === 'read-only';
  const queue = `blk_queue_init(&${name}_queue, ${virt}.req_queue.vaddr, ${virt}.resp_queue.vaddr, ${virt}.num_buffers);`;
  const own = isReadOnly ? `${name}_reads` : `${name}_queue`;
  const call = [
    `virtio_mmio_blk_init(${place(name, device)},`,
    `                            (uintptr_t)${name}_config.data.vaddr, ${name}_config.data.size, info,`,
    `                            &${own}, ${virt}.num_buffers, ${virt}.id)`,
  ];
  const made = isReadOnly
    ? [...ownQueues(name, virt), `return ${call.join('\n')}`.concat(`\n    && ${name}_refuse_writes();`)]
    : [`return ${call.join('\n')};`];
  const info = `blk_storage_info_t *info = ${virt}.storage_info.vaddr;`;
  return {
    name,
    path: device.path,
    headers: ['sddf/blk/queue.h', 'sddf/blk/storage_info.h', 'sddf/blk/config.h'],
    declarations: [
      configuration(name, 'blk_client_config_t', [
        magic('block'),
        member('virt', resources.connection(pd, link)),
        member('data', resources.region(pd, data), data),
      ]),
      `static blk_queue_handle_t ${name}_queue;`,
      `static struct virtio_blk_device ${name};`,
      '',
      ...(isServed ? [waiting(name, virt, queue), ''] : []),
      ...(isReadOnly ? [readOnly(name, virt), ''] : []),
      init(
        name,
        (isServed
          ? [info, ...made]
          : [
              queue,
              '',
              "/* Its size is known when driver and virtualiser have found the disk and the partition; if they don't, this waits for ever. */",
              `LOG_VMM("waiting for the disk of ${device.path.replace(/^\//, '')}\\n");`,
              info,
              'while (!blk_storage_is_ready(info)) {',
              '}',
              ...made,
            ]
        ).flatMap((lines) => lines.split('\n')),
      ),
    ].join('\n'),
    channels: [
      {
        channel: `${virt}.id`,
        call: isReadOnly ? `${name}_take_answers()` : `virtio_blk_handle_resp(&${name})`,
      },
    ],
    ...(isServed ? { isAwaited: true } : {}),
  };
}

const ownQueues = (name: string, virt: string): readonly string[] => [
  `if (${virt}.num_buffers > SDDF_MAX_QUEUE_CAPACITY) {`,
  '    return false;',
  '}',
  `blk_queue_init(&${name}_reads, (blk_req_queue_t *)${name}_asked, (blk_resp_queue_t *)${name}_answered, ${virt}.num_buffers);`,
];

/** Between libvmm and the virtualiser; and the feature, which Linux goes by. */
function readOnly(name: string, virt: string): string {
  return `/*
 * Read-only: the virtualiser would pass writes on, so libvmm has queues of its own, and what it puts there is handed on from here, all
 * but writes, which are answered with an error.
 */
static char ${name}_asked[sizeof(blk_req_queue_t) + SDDF_MAX_QUEUE_CAPACITY * sizeof(blk_req_t)] __attribute__((aligned(8)));
static char ${name}_answered[sizeof(blk_resp_queue_t) + SDDF_MAX_QUEUE_CAPACITY * sizeof(blk_resp_t)] __attribute__((aligned(8)));
static blk_queue_handle_t ${name}_reads;

static void ${name}_hand_on(void)
{
    blk_req_code_t code;
    uintptr_t offset;
    uint64_t block_number;
    uint16_t count;
    uint32_t id;
    bool asked = false;
    bool refused;
    do {
        refused = false;
        while (!blk_queue_empty_req(&${name}_reads) && !blk_queue_full_req(&${name}_queue)
               && !blk_queue_full_resp(&${name}_reads)) {
            blk_dequeue_req(&${name}_reads, &code, &offset, &block_number, &count, &id);
            if (code == BLK_REQ_READ || code == BLK_REQ_FLUSH || code == BLK_REQ_BARRIER) {
                blk_enqueue_req(&${name}_queue, code, offset, block_number, count, id);
                asked = true;
            } else {
                blk_enqueue_resp(&${name}_reads, BLK_RESP_ERR_INVALID_PARAM, 0, id);
                refused = true;
            }
        }
        /* The answer makes room, and libvmm goes on with what it had put off. */
        if (refused) {
            virtio_blk_handle_resp(&${name});
        }
    } while (refused);
    if (asked) {
        microkit_notify(${virt}.id);
    }
}

static void ${name}_take_answers(void)
{
    blk_resp_status_t status;
    uint16_t count;
    uint32_t id;
    while (!blk_queue_empty_resp(&${name}_queue) && !blk_queue_full_resp(&${name}_reads)) {
        blk_dequeue_resp(&${name}_queue, &status, &count, &id);
        blk_enqueue_resp(&${name}_reads, status, count, id);
    }
    virtio_blk_handle_resp(&${name});
    ${name}_hand_on();
}

/* libvmm's functions of the device, but for the feature VIRTIO_BLK_F_RO, by which Linux knows, and what follows the guest's requests. */
static virtio_device_funs_t ${name}_funs;
static virtio_device_funs_t *${name}_libvmm_funs;

static bool ${name}_get_device_features(virtio_device_t *dev, uint32_t *features)
{
    bool good = ${name}_libvmm_funs->get_device_features(dev, features);
    if (good && dev->regs.DeviceFeaturesSel == 0) {
        *features |= 1u << VIRTIO_BLK_F_RO;
    }
    return good;
}

static bool ${name}_set_driver_features(virtio_device_t *dev, uint32_t features)
{
    if (dev->regs.DriverFeaturesSel == 0) {
        features &= ~(1u << VIRTIO_BLK_F_RO);
    }
    return ${name}_libvmm_funs->set_driver_features(dev, features);
}

static bool ${name}_queue_notify(virtio_device_t *dev)
{
    bool good = ${name}_libvmm_funs->queue_notify(dev);
    ${name}_hand_on();
    return good;
}

static bool ${name}_refuse_writes(void)
{
    ${name}_libvmm_funs = ${name}.virtio_device.funs;
    ${name}_funs = *${name}_libvmm_funs;
    ${name}_funs.get_device_features = ${name}_get_device_features;
    ${name}_funs.set_driver_features = ${name}_set_driver_features;
    ${name}_funs.queue_notify = ${name}_queue_notify;
    ${name}.virtio_device.funs = &${name}_funs;
    return true;
}`;
}

/** The virtualiser says nothing by itself when it has found the disk, but it answers then what it was asked before. */
function waiting(name: string, virt: string, queue: string): string {
  return `/* Another guest serves this disk. The virtualiser answers this when that has come up, and not before. */
static void ${name}_ask(void)
{
    ${queue}
    if (blk_enqueue_req(&${name}_queue, BLK_REQ_FLUSH, 0, 0, 0, 0) == 0) {
        microkit_notify(${virt}.id);
    }
}

/* Takes the answer, and says whether the disk is there. */
static bool ${name}_is_there(void)
{
    blk_resp_status_t status;
    uint16_t count;
    uint32_t id;
    while (!blk_queue_empty_resp(&${name}_queue)) {
        blk_dequeue_resp(&${name}_queue, &status, &count, &id);
    }
    return blk_storage_is_ready(${virt}.storage_info.vaddr);
}`;
}
