/*
 * The monitor of the guest "linux", for libvmm 0.2 on Microkit 2.3.
 * Written by "drivervm plan" for odroidc4 (Hardkernel ODROID-C4), from meson-sm1-odroid-c4.dtb and plan.json beside this file.
 * Edit it if you like: planning again keeps an edited file and writes the new one beside it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <microkit.h>
#include <libvmm/libvmm.h>
#include <sddf/serial/queue.h>
#include <sddf/serial/config.h>

/* Guest physical addresses. The guest's device tree and the system description say the same. */
/* 512 MiB: the first place that fits; physical addresses are guest addresses, as devices with DMA need */
#define GUEST_RAM_BASE 0x40000000UL
#define GUEST_RAM_SIZE 0x20000000UL
#define GUEST_DTB_GPA 0x48000000UL
#define GUEST_DTB_SIZE_MAX 0x200000UL
#define GUEST_INITRD_GPA 0x44000000UL
/* up to linux,initrd-end of the device tree */
#define GUEST_INITRD_SIZE 0x4000000UL

#define GUEST_NUM_VCPUS 1

/* The images, put into this program by libvmm's tools/package_guest_images.S. */
extern char _guest_kernel_image[], _guest_kernel_image_end[];
extern char _guest_dtb_image[], _guest_dtb_image_end[];
extern char _guest_initrd_image[], _guest_initrd_image_end[];

/* Where Microkit maps guest RAM into this program (setvar_vaddr in the system description). */
uintptr_t guest_ram_vaddr;

/*
 * The interrupts that are passed through: seL4 delivers each on a channel of this program, and the guest gets it
 * under its own number. What a device tree writes as SPI n has the INTID n + 32. When the guest has ended an interrupt,
 * libvmm acknowledges its channel, and seL4 lets the next one come.
 */
static const struct {
    microkit_channel channel;
    uint32_t intid;
} passthrough_irqs[] = {
    { 2, 35 }, /* SPI 3, edge: /soc/vpu@ff900000 */
    { 3, 40 }, /* SPI 8, level: /soc/ethernet@ff3f0000 */
    { 4, 41 }, /* SPI 9, level: /soc/bus@ff600000/mdio-multiplexer@4c000/mdio@1/ethernet-phy@8 */
    { 5, 48 }, /* SPI 16, level: /soc/usb@ffe09000 */
    { 6, 62 }, /* SPI 30, level: /soc/usb@ffe09000/usb@ff500000 */
    { 7, 63 }, /* SPI 31, level: /soc/usb@ffe09000/usb@ff400000 */
    { 8, 64 }, /* SPI 32, edge: /soc/video-decoder@ff620000 */
    { 9, 67 }, /* SPI 35, edge: /soc/bus@ff600000/temperature-sensor@34800 */
    { 10, 68 }, /* SPI 36, edge: /soc/bus@ff600000/temperature-sensor@34c00 */
    { 11, 76 }, /* SPI 44, edge: /soc/video-decoder@ff620000 */
    { 12, 89 }, /* SPI 57, edge: /soc/bus@ff600000/hdmi-tx@0 */
    { 13, 96 }, /* SPI 64, edge: /soc/bus@ffd00000/interrupt-controller@f080 */
    { 14, 97 }, /* SPI 65, edge: /soc/bus@ffd00000/interrupt-controller@f080 */
    { 15, 98 }, /* SPI 66, edge: /soc/bus@ffd00000/interrupt-controller@f080 */
    { 16, 99 }, /* SPI 67, edge: /soc/bus@ffd00000/interrupt-controller@f080 */
    { 17, 100 }, /* SPI 68, edge: /soc/bus@ffd00000/interrupt-controller@f080 */
    { 18, 101 }, /* SPI 69, edge: /soc/bus@ffd00000/interrupt-controller@f080 */
    { 19, 102 }, /* SPI 70, edge: /soc/bus@ffd00000/interrupt-controller@f080 */
    { 20, 103 }, /* SPI 71, edge: /soc/bus@ffd00000/interrupt-controller@f080 */
    { 21, 184 }, /* SPI 152, edge: /soc/bus@ff600000/bus@60000/audio-controller@1c0 */
    { 22, 185 }, /* SPI 153, edge: /soc/bus@ff600000/bus@60000/audio-controller@200 */
    { 23, 186 }, /* SPI 154, edge: /soc/bus@ff600000/bus@60000/audio-controller@240 */
    { 24, 192 }, /* SPI 160, level: /soc/gpu@ffe40000 */
    { 25, 193 }, /* SPI 161, level: /soc/gpu@ffe40000 */
    { 26, 194 }, /* SPI 162, level: /soc/gpu@ffe40000 */
    { 27, 222 }, /* SPI 190, level: /soc/sd@ffe05000 */
    { 28, 223 }, /* SPI 191, level: /soc/mmc@ffe07000 */
    { 29, 228 }, /* SPI 196, edge: /soc/bus@ff800000/ir@8000 */
    { 30, 232 }, /* SPI 200, edge: /soc/bus@ff800000/adc@9000 */
    { 31, 235 }, /* SPI 203, edge: /soc/bus@ff800000/cec@280 */
};

/* virtio-console@f5800000 of the guest's tree, and what sDDF's programs share with this one for its sake. */
static serial_client_config_t console_config = {
    .magic = { 's', 'D', 'D', 'F', 3 },
    .rx = {
        .queue = { .vaddr = (void *)0x2000400000, .size = 0x1000 }, /* linux_console_rx_queue */
        .data = { .vaddr = (void *)0x2000600000, .size = 0x10000 }, /* linux_console_rx_data */
        .id = 1, /* the channel to serial_virt_rx */
    },
    .tx = {
        .queue = { .vaddr = (void *)0x2000000000, .size = 0x1000 }, /* linux_console_tx_queue */
        .data = { .vaddr = (void *)0x2000200000, .size = 0x10000 }, /* linux_console_tx_data */
        .id = 0, /* the channel to serial_virt_tx */
    },
};
static serial_queue_handle_t console_rx_queue, console_tx_queue;
static struct virtio_console_device console;

static bool console_init(void)
{
    serial_queue_init(&console_rx_queue, console_config.rx.queue.vaddr, console_config.rx.data.size, console_config.rx.data.vaddr);
    serial_queue_init(&console_tx_queue, console_config.tx.queue.vaddr, console_config.tx.data.size, console_config.tx.data.vaddr);
    return virtio_mmio_console_init(&console, 0xf5800000, 0x1000, ARM_GIC_IRQ_ROUTE(GUEST_BOOT_VCPU_ID, 254),
                                    &console_rx_queue, &console_tx_queue, console_config.tx.id, console_config.rx.id);
}

void init(void)
{
    LOG_VMM("starting \"%s\"\n", microkit_name);

    arch_guest_init_t args = {
        .num_vcpus = GUEST_NUM_VCPUS,
        .num_guest_ram_regions = 1,
        .guest_ram_regions = { {
            .gpa_start = GUEST_RAM_BASE,
            .size = GUEST_RAM_SIZE,
            .vmm_vaddr = (void *)guest_ram_vaddr,
        } },
        .pci_init.mmio_aperature_size = 0, /* no virtual PCI bus */
    };
    if (!guest_init(args)) {
        LOG_VMM_ERR("the guest can't be initialised\n");
        return;
    }

    size_t kernel_size = (size_t)(_guest_kernel_image_end - _guest_kernel_image);
    size_t dtb_size = (size_t)(_guest_dtb_image_end - _guest_dtb_image);
    size_t initrd_size = (size_t)(_guest_initrd_image_end - _guest_initrd_image);
    if (kernel_size == 0 || dtb_size > GUEST_DTB_SIZE_MAX) {
        LOG_VMM_ERR("kernel of 0x%lx bytes, device tree of 0x%lx bytes: not what was planned\n", kernel_size, dtb_size);
        return;
    }
    /* A ramdisk that goes beyond linux,initrd-end would be cut off by the kernel without a word. */
    if (initrd_size > GUEST_INITRD_SIZE) {
        LOG_VMM_ERR("initial ramdisk of 0x%lx bytes, planned were 0x%lx: plan again\n", initrd_size, GUEST_INITRD_SIZE);
        return;
    }

    uintptr_t kernel_pc = linux_setup_images(GUEST_RAM_BASE, (uintptr_t)_guest_kernel_image, kernel_size,
                                             (uintptr_t)_guest_dtb_image, GUEST_DTB_GPA, dtb_size,
                                             (uintptr_t)_guest_initrd_image, GUEST_INITRD_GPA, initrd_size);
    if (kernel_pc == 0) {
        LOG_VMM_ERR("the images can't be put into guest RAM\n");
        return;
    }

    for (size_t i = 0; i < ARRAY_SIZE(passthrough_irqs); i++) {
        if (!virq_register_passthrough(ARM_GIC_IRQ_ROUTE(GUEST_BOOT_VCPU_ID, passthrough_irqs[i].intid),
                                       passthrough_irqs[i].channel)) {
            LOG_VMM_ERR("interrupt %u can't be passed through\n", passthrough_irqs[i].intid);
            return;
        }
    }

    if (!console_init()) {
        LOG_VMM_ERR("virtio-console@f5800000 can't be set up\n");
        return;
    }

    if (!guest_start(kernel_pc, GUEST_DTB_GPA, GUEST_INITRD_GPA)) {
        LOG_VMM_ERR("the guest can't be started\n");
    }
}

void notified(microkit_channel ch)
{
    if (ch == console_config.rx.id) {
        virtio_console_queue_notify(&console);
        return;
    }
    if (ch == console_config.tx.id) {
        virtio_console_queue_notify(&console);
        return;
    }
    /* Every other channel of this program is an interrupt that is passed through. */
    if (!virq_handle_passthrough(ch)) {
        LOG_VMM_ERR("channel %u: not an interrupt of the guest, or dropped\n", ch);
    }
}

/*
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
}
