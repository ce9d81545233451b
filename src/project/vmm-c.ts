/**
 * `vmm.c`: the monitor of one guest, for libvmm 0.2 (`guest_init`, `linux_setup_images`, `virq_register_passthrough`,
 * `guest_start`, `fault_handle`) on Microkit 2.3. Meant to be read and edited.
 */
import { formatSize, hex, intidToSpi } from '../base/index.ts';
import { type GuestPlan, type InterruptPlan, type Plan, ramBanks } from '../plan/index.ts';
import { blockComment, headerLines } from './header.ts';
import { ramSymbol } from './ram-symbol.ts';
import { monitorDevices } from './sddf/monitor-c.ts';
import type { MonitorDevice } from './sddf/monitor-device.ts';

/** A guest's monitor in C, for libvmm. */
export function vmmCText(plan: Plan, guest: GuestPlan): string {
  const devices = monitorDevices(plan.sddf, guest);
  const parts = [
    blockComment(
      headerLines(plan, `The monitor of the guest "${guest.name}", for libvmm 0.2 on Microkit 2.3.`),
    ),
    [
      ...['stdbool.h', 'stddef.h', 'stdint.h', 'microkit.h', 'libvmm/libvmm.h'],
      ...new Set(devices.flatMap(({ headers }) => headers)),
    ]
      .map((header) => `#include <${header}>`)
      .join('\n'),
    addresses(guest),
    images(guest),
    interruptTable(guest.interrupts),
    ...devices.map(
      ({ path, declarations, what }) =>
        `/* ${what ?? `${path.replace(/^\//, '')} of the guest's tree, and what sDDF's programs share with this one for its sake.`} */\n${declarations}`,
    ),
    ...(devices.some(({ isAwaited }) => isAwaited === true) ? [startWhenServed(guest, devices)] : []),
    init(guest, devices),
    notified(devices),
    FAULT,
  ];
  return `${parts.join('\n\n')}\n`;
}

function addresses(guest: GuestPlan): string {
  const { ram, dtb, initrd, vm } = guest;
  const lines = [
    "/* Guest physical addresses. The guest's device tree and the system description say the same. */",
    define('GUEST_RAM_BASE', hex(ram.base), `${formatSize(ram.size)}: ${ram.why}`),
    define('GUEST_RAM_SIZE', hex(ram.size)),
    define('GUEST_DTB_GPA', hex(dtb.base)),
    define('GUEST_DTB_SIZE_MAX', hex(dtb.size)),
  ];
  if (initrd !== undefined) {
    lines.push(
      define('GUEST_INITRD_GPA', hex(initrd.base)),
      define('GUEST_INITRD_SIZE', hex(initrd.size), 'up to linux,initrd-end of the device tree'),
    );
  }
  lines.push('', `#define GUEST_NUM_VCPUS ${vm.vcpus}`);
  return lines.join('\n');
}

function define(name: string, value: string, comment?: string): string {
  const line = `#define ${name} ${value}UL`;
  return comment === undefined ? line : `/* ${comment.replaceAll('*/', '* /')} */\n${line}`;
}

function images(guest: GuestPlan): string {
  const names = ['kernel', 'dtb', ...(guest.initrd === undefined ? [] : ['initrd'])];
  return [
    "/* The images, put into this program by libvmm's tools/package_guest_images.S. */",
    ...names.map((name) => `extern char _guest_${name}_image[], _guest_${name}_image_end[];`),
    '',
    '/* Where Microkit maps guest RAM into this program (setvar_vaddr in the system description). */',
    ...ramBanks(guest.ram).map((_, index) => `uintptr_t ${ramSymbol(index)};`),
  ].join('\n');
}

function interruptTable(interrupts: readonly InterruptPlan[]): string {
  const lines = [
    '/*',
    ' * The interrupts that are passed through: seL4 delivers each on a channel of this program, and the guest gets it',
    ' * under its own number. What a device tree writes as SPI n has the INTID n + 32. When the guest has ended an interrupt,',
    ' * libvmm acknowledges its channel, and seL4 lets the next one come.',
    ' */',
    'static const struct {',
    '    microkit_channel channel;',
    '    uint32_t intid;',
    '} passthrough_irqs[] = {',
    ...interrupts.map(
      ({ channel, intid, trigger, devices }) =>
        `    { ${channel}, ${intid} }, /* SPI ${intidToSpi(intid)}, ${trigger}: ${devices.join(', ').replaceAll('*/', '* /')} */`,
    ),
    '};',
  ];
  if (interrupts.length === 0) return '/* No interrupt is passed through to this guest. */';
  return lines.join('\n');
}

function init(guest: GuestPlan, devices: readonly MonitorDevice[]): string {
  const { initrd, monitor, interrupts } = guest;
  const { more = [] } = guest.ram;
  const lines: string[] = [
    'void init(void)',
    '{',
    '    LOG_VMM("starting \\"%s\\"\\n", microkit_name);',
    '',
    '    arch_guest_init_t args = {',
    '        .num_vcpus = GUEST_NUM_VCPUS,',
    `        .num_guest_ram_regions = ${1 + more.length},`,
    '        .guest_ram_regions = { {',
    '            .gpa_start = GUEST_RAM_BASE,',
    '            .size = GUEST_RAM_SIZE,',
    `            .vmm_vaddr = (void *)${ramSymbol(0)},`,
    ...more.flatMap(({ base, size }, index) => [
      '        }, {',
      `            .gpa_start = ${hex(base)}UL,`,
      `            .size = ${hex(size)}UL,`,
      `            .vmm_vaddr = (void *)${ramSymbol(index + 1)},`,
    ]),
    '        } },',
    '        .pci_init.mmio_aperature_size = 0, /* no virtual PCI bus */',
    '    };',
    '    if (!guest_init(args)) {',
    '        LOG_VMM_ERR("the guest can\'t be initialised\\n");',
    '        return;',
    '    }',
    '',
    '    size_t kernel_size = (size_t)(_guest_kernel_image_end - _guest_kernel_image);',
    '    size_t dtb_size = (size_t)(_guest_dtb_image_end - _guest_dtb_image);',
  ];
  if (initrd !== undefined) {
    lines.push('    size_t initrd_size = (size_t)(_guest_initrd_image_end - _guest_initrd_image);');
  }
  lines.push(
    '    if (kernel_size == 0 || dtb_size > GUEST_DTB_SIZE_MAX) {',
    '        LOG_VMM_ERR("kernel of 0x%lx bytes, device tree of 0x%lx bytes: not what was planned\\n", kernel_size, dtb_size);',
    '        return;',
    '    }',
  );
  if (initrd !== undefined) {
    lines.push(
      '    /* A ramdisk that goes beyond linux,initrd-end would be cut off by the kernel without a word. */',
      '    if (initrd_size > GUEST_INITRD_SIZE) {',
      '        LOG_VMM_ERR("initial ramdisk of 0x%lx bytes, planned were 0x%lx: plan again\\n", initrd_size, GUEST_INITRD_SIZE);',
      '        return;',
      '    }',
    );
  }
  const ramdisk =
    initrd === undefined
      ? [
          '    /* There is no initial ramdisk, and libvmm wants one of a byte at least: it goes to the last byte of RAM. */',
          '    uintptr_t kernel_pc = linux_setup_images(GUEST_RAM_BASE, (uintptr_t)_guest_kernel_image, kernel_size,',
          '                                             (uintptr_t)_guest_dtb_image, GUEST_DTB_GPA, dtb_size,',
          '                                             (uintptr_t)_guest_dtb_image, GUEST_RAM_BASE + GUEST_RAM_SIZE - 1, 1);',
        ]
      : [
          '    uintptr_t kernel_pc = linux_setup_images(GUEST_RAM_BASE, (uintptr_t)_guest_kernel_image, kernel_size,',
          '                                             (uintptr_t)_guest_dtb_image, GUEST_DTB_GPA, dtb_size,',
          '                                             (uintptr_t)_guest_initrd_image, GUEST_INITRD_GPA, initrd_size);',
        ];
  lines.push(
    '',
    ...ramdisk,
    '    if (kernel_pc == 0) {',
    '        LOG_VMM_ERR("the images can\'t be put into guest RAM\\n");',
    '        return;',
    '    }',
  );
  if (monitor.forwardsSmc) {
    lines.push(
      '',
      "    /* The guest's drivers call the firmware (clocks, power): hand their SiP calls on to it. */",
      '    if (!smc_register_sip_handler(smc_sip_forward)) {',
      '        LOG_VMM_ERR("SMC calls can\'t be forwarded\\n");',
      '        return;',
      '    }',
    );
  }
  if (interrupts.length > 0) {
    lines.push(
      '',
      '    for (size_t i = 0; i < ARRAY_SIZE(passthrough_irqs); i++) {',
      '        if (!virq_register_passthrough(ARM_GIC_IRQ_ROUTE(GUEST_BOOT_VCPU_ID, passthrough_irqs[i].intid),',
      '                                       passthrough_irqs[i].channel)) {',
      '            LOG_VMM_ERR("interrupt %u can\'t be passed through\\n", passthrough_irqs[i].intid);',
      '            return;',
      '        }',
      '    }',
    );
  }
  const awaited = devices.filter(({ isAwaited }) => isAwaited === true);
  for (const device of devices.filter((each) => !awaited.includes(each))) lines.push('', ...setUp(device));
  if (awaited.length > 0) {
    const asked = awaited.map(({ name }) => `    ${name}_ask();`);
    lines.push(
      '',
      '    LOG_VMM("waiting for what other guests serve\\n");',
      '    entry = kernel_pc;',
      ...asked,
      '}',
    );
    return lines.join('\n');
  }
  const initrdArgument = initrd === undefined ? '0' : 'GUEST_INITRD_GPA';
  lines.push(
    '',
    `    if (!guest_start(kernel_pc, GUEST_DTB_GPA, ${initrdArgument})) {`,
    '        LOG_VMM_ERR("the guest can\'t be started\\n");',
    '    }',
    '}',
  );
  return lines.join('\n');
}

function setUp({ name, path }: MonitorDevice): readonly string[] {
  return [
    `    if (!${name}_init()) {`,
    `        LOG_VMM_ERR("${path.replace(/^\//, '')} can't be set up\\n");`,
    '        return;',
    '    }',
  ];
}

/** A guest whose disks others serve: it can't start before they have come up. */
function startWhenServed({ initrd }: GuestPlan, devices: readonly MonitorDevice[]): string {
  const awaited = devices.filter(({ isAwaited }) => isAwaited === true);
  const there = awaited.map(({ name }) => `!${name}_is_there()`).join(' || ');
  return `/* Where the kernel begins, once the images are in place; and whether it has begun. */
static uintptr_t entry;
static bool started;

static void start_when_served(void)
{
    if (${there}) {
        return;
    }
${awaited.flatMap(setUp).join('\n')}
    started = true;
    if (!guest_start(entry, GUEST_DTB_GPA, ${initrd === undefined ? '0' : 'GUEST_INITRD_GPA'})) {
        LOG_VMM_ERR("the guest can't be started\\n");
    }
}`;
}

function notified(devices: readonly MonitorDevice[]): string {
  const own = devices.flatMap(({ channels, isAwaited }) =>
    channels.map(({ channel, call }) =>
      isAwaited === true
        ? `    if (ch == ${channel}) {\n        if (started) {\n            ${call};\n        } else {\n            start_when_served();\n        }\n        return;\n    }`
        : call === undefined
          ? `    if (ch == ${channel}) {\n        return; /* what the guest sent was taken: nothing waits for that */\n    }`
          : `    if (ch == ${channel}) {\n        ${call};\n        return;\n    }`,
    ),
  );
  const others = devices.length === 0 ? 'Every channel' : 'Every other channel';
  return `void notified(microkit_channel ch)
{
${own.map((lines) => `${lines}\n`).join('')}    /* ${others} of this program is an interrupt that is passed through. */
    if (!virq_handle_passthrough(ch)) {
        LOG_VMM_ERR("channel %u: not an interrupt of the guest, or dropped\\n", ch);
    }
}`;
}

const FAULT = `/*
 * Of each vCPU, the virtual timer's interrupt that came while the guest had it disabled. libvmm would drop it and acknowledge it at once;
 * its line is still high, so it would come again before the guest's next instruction, for ever. So it stays unacknowledged, which masks
 * it, until the guest has changed its interrupt controller.
 */
static seL4_Word held_timer_irq[GUEST_NUM_VCPUS];

/*
 * What the guest does that the hardware can't do for it arrives here as a fault: access to the emulated interrupt
 * controller, PSCI calls, the virtual timer, the end of an interrupt. True: reply, and the vCPU goes on.
 */
seL4_Bool fault(microkit_child child, microkit_msginfo msginfo, microkit_msginfo *reply_msginfo)
{
    seL4_Word label = microkit_msginfo_get_label(msginfo);
    if (label == seL4_Fault_VPPIEvent) {
        seL4_Word irq = microkit_mr_get(seL4_VPPIEvent_IRQ);
        if (!virq_inject(ARM_GIC_IRQ_ROUTE(child, irq))) {
            held_timer_irq[child] = irq;
        }
    } else if (!fault_handle(child, msginfo)) {
        return seL4_False;
    } else if (label == seL4_Fault_VMFault && held_timer_irq[child] != 0) {
        microkit_vcpu_arm_ack_vppi(child, held_timer_irq[child]);
        held_timer_irq[child] = 0;
    }
    *reply_msginfo = microkit_msginfo_new(0, 0);
    return seL4_True;
}`;
