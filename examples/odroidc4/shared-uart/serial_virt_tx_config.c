/*
 * What sDDF's serial_virt_tx.elf finds, in the protection domain serial_virt_tx.
 * Written by "drivervm plan" for odroidc4 (Hardkernel ODROID-C4), from meson-sm1-odroid-c4.dtb and plan.json beside this file.
 * Edit it if you like: planning again keeps an edited file and writes the new one beside it.
 */

#include <sddf/serial/config.h>

__attribute__((__section__(".serial_virt_tx_config"))) serial_virt_tx_config_t serial_virt_tx_config = {
    .magic = { 's', 'D', 'D', 'F', 3 },
    .driver = {
        .queue = { .vaddr = (void *)0x2000000000, .size = 0x1000 }, /* uart_tx_queue */
        .data = { .vaddr = (void *)0x2000200000, .size = 0x10000 }, /* uart_tx_data */
        .id = 0, /* the channel to uart */
    },
    .clients = {
        /* VMM */
        {
            .conn = {
                .queue = { .vaddr = (void *)0x2000400000, .size = 0x1000 }, /* linux_console_tx_queue */
                .data = { .vaddr = (void *)0x2000600000, .size = 0x10000 }, /* linux_console_tx_data */
                .id = 1, /* the channel to VMM */
            },
            .name = "VMM",
        },
    },
    .num_clients = 1,
    .begin_str = "Begin input\r\n", /* said when input is listened to */
    .enable_colour = false, /* each client has a colour */
    .enable_rx = true,
};
