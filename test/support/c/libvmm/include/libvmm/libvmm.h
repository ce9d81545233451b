/* What libvmm 0.2 declares of what monitors use, for tests that have no libvmm. */
#pragma once

#include <microkit.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int sddf_printf(const char *format, ...) __attribute__((format(__printf__, 1, 2)));
#define LOG_VMM(...) \
    do { sddf_printf("%s|INFO: ", microkit_name); sddf_printf(__VA_ARGS__); } while (0)
#define LOG_VMM_ERR(...) \
    do { sddf_printf("%s|ERROR: ", microkit_name); sddf_printf(__VA_ARGS__); } while (0)
#define ARRAY_SIZE(x) (sizeof(x) / sizeof((x)[0]))

#define GUEST_BOOT_VCPU_ID 0UL
#ifndef GUEST_MAX_NUM_VCPUS
#define GUEST_MAX_NUM_VCPUS 4UL
#endif
#define GUEST_MAX_RAM_REGIONS 3

struct guest_ram_region {
    uint64_t gpa_start;
    uint64_t size;
    void *vmm_vaddr;
};
struct guest_pci_init {
    uint64_t ecam_gpa;
    uint64_t ecam_size;
    uint64_t mmio_aperature_gpa;
    uint64_t mmio_aperature_size;
};
typedef struct arch_guest_init {
    size_t num_vcpus;
    size_t num_guest_ram_regions;
    struct guest_ram_region guest_ram_regions[GUEST_MAX_RAM_REGIONS];
    struct guest_pci_init pci_init;
} arch_guest_init_t;

bool guest_init(arch_guest_init_t init_args);
bool guest_start(uintptr_t kernel_pc, uintptr_t dtb, uintptr_t initrd);
bool fault_handle(size_t vcpu_id, microkit_msginfo msginfo);
uint64_t linux_setup_images(uint64_t ram_start_gpa, uintptr_t kernel, size_t kernel_size, uintptr_t dtb_src,
                            uint64_t dtb_dest_gpa, size_t dtb_size, uintptr_t initrd_src,
                            uint64_t initrd_dest_gpa, size_t initrd_size);

typedef struct irq_routing_info {
    int type;
    union {
        struct { size_t vcpu_id; int intid; } arm_gic;
    } hw;
} irq_routing_info_t;
#define IRQ_TYPE_ARM_GIC 0
#define ARM_GIC_IRQ_ROUTE(_vcpu_id, _intid) \
    (irq_routing_info_t) { .type = IRQ_TYPE_ARM_GIC, .hw.arm_gic = { .vcpu_id = (_vcpu_id), .intid = (_intid) } }
bool virq_inject(irq_routing_info_t irq_routing_info);
typedef void (*virq_ack_fn_t)(irq_routing_info_t irq_routing_info, void *cookie);
bool virq_register(irq_routing_info_t irq_routing_info, virq_ack_fn_t ack_fn, void *ack_data);
typedef bool (*vm_exception_handler_t)(size_t vcpu_id, size_t offset, size_t fsr, seL4_UserContext *regs, void *data);
bool fault_register_vm_exception_handler(uintptr_t base, size_t size, vm_exception_handler_t callback, void *data);
bool virq_register_passthrough(irq_routing_info_t irq_routing_info, microkit_channel irq_ch);
bool virq_handle_passthrough(microkit_channel irq_ch);

typedef bool (*smc_sip_handler_t)(size_t vcpu_id, seL4_UserContext *regs, size_t fn_number);
bool smc_register_sip_handler(smc_sip_handler_t handler);
bool smc_sip_forward(size_t vcpu, seL4_UserContext *regs, size_t fn_number);

/* Virtio devices over sDDF's queues. */
#include <sddf/blk/queue.h>
#include <sddf/blk/storage_info.h>
#include <sddf/network/queue.h>
#include <sddf/serial/queue.h>

struct virtio_console_device { int state; };
#define VIRTIO_BLK_F_RO 5
#define SDDF_MAX_QUEUE_CAPACITY 128
typedef struct virtio_device virtio_device_t;
typedef struct virtio_emul_funs {
    void (*device_reset)(virtio_device_t *dev);
    bool (*get_device_features)(virtio_device_t *dev, uint32_t *features);
    bool (*set_driver_features)(virtio_device_t *dev, uint32_t features);
    bool (*queue_notify)(virtio_device_t *dev);
} virtio_device_funs_t;
struct virtio_device { struct { uint32_t DeviceFeaturesSel, DriverFeaturesSel; } regs; virtio_device_funs_t *funs; };
struct virtio_blk_device { struct virtio_device virtio_device; };
struct virtio_net_device { int state; };
bool virtio_mmio_console_init(struct virtio_console_device *console, uintptr_t base, uintptr_t size, irq_routing_info_t irq,
                              serial_queue_handle_t *rxq, serial_queue_handle_t *txq, int tx_ch, int rx_ch);
bool virtio_console_queue_notify(struct virtio_console_device *console);
bool virtio_mmio_blk_init(struct virtio_blk_device *blk, uintptr_t base, uintptr_t size, irq_routing_info_t irq,
                          uintptr_t data, size_t data_size, blk_storage_info_t *info, blk_queue_handle_t *queue,
                          uint32_t capacity, int server_ch);
bool virtio_blk_handle_resp(struct virtio_blk_device *blk);
bool virtio_mmio_net_init(struct virtio_net_device *net, uintptr_t base, uintptr_t size, irq_routing_info_t irq,
                          net_queue_handle_t *rx, net_queue_handle_t *tx, uintptr_t rx_data, uintptr_t tx_data,
                          microkit_channel rx_ch, microkit_channel tx_ch, uint8_t mac[6], bool csum_offload);
void virtio_net_handle_rx(struct virtio_net_device *net);
