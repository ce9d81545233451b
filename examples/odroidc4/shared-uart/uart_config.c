/*
 * What sDDF's serial_driver.elf finds, in the protection domain uart.
 * Written by "drivervm plan" for odroidc4 (Hardkernel ODROID-C4), from meson-sm1-odroid-c4.dtb and plan.json beside this file.
 * Edit it if you like: planning again keeps an edited file and writes the new one beside it.
 */

#include <sddf/resources/device.h>
#include <sddf/serial/config.h>

__attribute__((__section__(".device_resources"))) device_resources_t device_resources = {
    .magic = { 's', 'D', 'D', 'F', 1 },
    .num_regions = 1,
    .num_irqs = 1,
    .regions = {
        { .region = { .vaddr = (void *)0x20000000, .size = 0x1000 }, .io_addr = 0xff803000 }, /* registers */
    },
    .irqs = {
        { .id = 2 }, /* the channel of the device's interrupt */
    },
};

__attribute__((__section__(".serial_driver_config"))) serial_driver_config_t serial_driver_config = {
    .magic = { 's', 'D', 'D', 'F', 3 },
    .rx = {
        .queue = { .vaddr = (void *)0x2000400000, .size = 0x1000 }, /* uart_rx_queue */
        .data = { .vaddr = (void *)0x2000600000, .size = 0x10000 }, /* uart_rx_data */
        .id = 1, /* the channel to serial_virt_rx */
    },
    .tx = {
        .queue = { .vaddr = (void *)0x2000000000, .size = 0x1000 }, /* uart_tx_queue */
        .data = { .vaddr = (void *)0x2000200000, .size = 0x10000 }, /* uart_tx_data */
        .id = 0, /* the channel to serial_virt_tx */
    },
    .default_baud = 115200,
    .rx_enabled = true,
};
