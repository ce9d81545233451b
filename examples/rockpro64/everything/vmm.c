/*
 * The monitor of the guest "linux", for libvmm 0.2 on Microkit 2.3.
 * Written by "drivervm plan" for rockpro64 (Pine64 RockPro64 v2.1), from rk3399-rockpro64.dtb and plan.json beside this file.
 * Edit it if you like: planning again keeps an edited file and writes the new one beside it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <microkit.h>
#include <libvmm/libvmm.h>

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
    { 0, 37 }, /* SPI 5, level: /dma-controller@ff6d0000 */
    { 1, 38 }, /* SPI 6, level: /dma-controller@ff6d0000 */
    { 2, 39 }, /* SPI 7, level: /dma-controller@ff6e0000 */
    { 3, 40 }, /* SPI 8, level: /dma-controller@ff6e0000 */
    { 4, 43 }, /* SPI 11, level: /mmc@fe330000 */
    { 5, 44 }, /* SPI 12, level: /ethernet@fe300000 */
    { 6, 46 }, /* SPI 14, level: /pinctrl/gpio@ff720000 */
    { 7, 47 }, /* SPI 15, level: /pinctrl/gpio@ff730000 */
    { 8, 48 }, /* SPI 16, level: /pinctrl/gpio@ff780000 */
    { 9, 49 }, /* SPI 17, level: /pinctrl/gpio@ff788000 */
    { 10, 50 }, /* SPI 18, level: /pinctrl/gpio@ff790000 */
    { 11, 51 }, /* SPI 19, level: /gpu@ff9a0000 */
    { 12, 52 }, /* SPI 20, level: /gpu@ff9a0000 */
    { 13, 53 }, /* SPI 21, level: /gpu@ff9a0000 */
    { 14, 55 }, /* SPI 23, level: /hdmi@ff940000 */
    { 15, 58 }, /* SPI 26, level: /usb@fe380000 */
    { 16, 59 }, /* SPI 27, level: /syscon@ff770000/usb2phy@e450 */
    { 17, 60 }, /* SPI 28, level: /usb@fe3a0000 */
    { 18, 62 }, /* SPI 30, level: /usb@fe3c0000 */
    { 19, 63 }, /* SPI 31, level: /syscon@ff770000/usb2phy@e460 */
    { 20, 64 }, /* SPI 32, level: /usb@fe3e0000 */
    { 21, 66 }, /* SPI 34, level: /i2c@ff130000 */
    { 22, 71 }, /* SPI 39, level: /i2s@ff880000 */
    { 23, 72 }, /* SPI 40, level: /i2s@ff890000 */
    { 24, 73 }, /* SPI 41, level: /i2s@ff8a0000 */
    { 25, 75 }, /* SPI 43, level: /iommu@ff914000 */
    { 26, 76 }, /* SPI 44, level: /iommu@ff924000 */
    { 27, 81 }, /* SPI 49, level: /pcie@f8000000 */
    { 28, 82 }, /* SPI 50, level: /pcie@f8000000 */
    { 29, 83 }, /* SPI 51, level: /pcie@f8000000 */
    { 30, 85 }, /* SPI 53, level: /spi@ff1d0000 */
    { 31, 87 }, /* SPI 55, level: /rga@ff680000 */
    { 32, 88 }, /* SPI 56, level: /i2c@ff3d0000 */
    { 33, 89 }, /* SPI 57, level: /i2c@ff3c0000 */
    { 34, 91 }, /* SPI 59, level: /i2c@ff110000 */
    { 35, 94 }, /* SPI 62, level: /saradc@ff100000 */
    { 36, 96 }, /* SPI 64, level: /mmc@fe310000 */
    { 37, 97 }, /* SPI 65, level: /mmc@fe320000 */
    { 38, 113 }, /* SPI 81, level: /rktimer@ff850000 */
    { 39, 129 }, /* SPI 97, level: /tsadc@ff260000 */
    { 40, 131 }, /* SPI 99, level: /serial@ff180000 */
    { 41, 132 }, /* SPI 100, level: /serial@ff1a0000 */
    { 42, 135 }, /* SPI 103, level: /syscon@ff770000/usb2phy@e450 */
    { 43, 136 }, /* SPI 104, level: /syscon@ff770000/usb2phy@e450 */
    { 44, 137 }, /* SPI 105, level: /usb@fe800000/usb@fe800000 */
    { 45, 138 }, /* SPI 106, level: /syscon@ff770000/usb2phy@e450 */
    { 46, 140 }, /* SPI 108, level: /syscon@ff770000/usb2phy@e460 */
    { 47, 141 }, /* SPI 109, level: /syscon@ff770000/usb2phy@e460 */
    { 48, 142 }, /* SPI 110, level: /usb@fe900000/usb@fe900000 */
    { 49, 143 }, /* SPI 111, level: /syscon@ff770000/usb2phy@e460 */
    { 50, 145 }, /* SPI 113, level: /video-codec@ff650000 */
    { 51, 146 }, /* SPI 114, level: /video-codec@ff650000 */
    { 52, 147 }, /* SPI 115, level: /iommu@ff650800 */
    { 53, 148 }, /* SPI 116, level: /video-codec@ff660000 */
    { 54, 149 }, /* SPI 117, level: /iommu@ff660480 */
    { 55, 150 }, /* SPI 118, level: /vop@ff900000, /iommu@ff903f00 */
    { 56, 151 }, /* SPI 119, level: /vop@ff8f0000, /iommu@ff8f3f00 */
    { 57, 152 }, /* SPI 120, level: /watchdog@ff848000 */
};

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

    if (!guest_start(kernel_pc, GUEST_DTB_GPA, GUEST_INITRD_GPA)) {
        LOG_VMM_ERR("the guest can't be started\n");
    }
}

void notified(microkit_channel ch)
{
    /* Every channel of this program is an interrupt that is passed through. */
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
