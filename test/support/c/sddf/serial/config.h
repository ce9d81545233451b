/* sDDF's serial configurations, for tests that have no sDDF. */
#pragma once

#include <sddf/resources/device.h>
#include <stdbool.h>

typedef struct serial_connection_resource { region_resource_t queue, data; uint8_t id; } serial_connection_resource_t;
typedef struct serial_driver_config {
    char magic[5];
    serial_connection_resource_t rx, tx;
    uint64_t default_baud;
    bool rx_enabled;
} serial_driver_config_t;
typedef struct serial_virt_rx_config {
    char magic[5];
    serial_connection_resource_t driver, clients[64];
    uint8_t num_clients;
    char switch_char, terminate_num_char;
} serial_virt_rx_config_t;
typedef struct serial_virt_tx_client_config { serial_connection_resource_t conn; char name[64]; } serial_virt_tx_client_config_t;
typedef struct serial_virt_tx_config {
    char magic[5];
    serial_connection_resource_t driver;
    serial_virt_tx_client_config_t clients[64];
    uint8_t num_clients;
    char begin_str[128];
    bool enable_colour, enable_rx;
} serial_virt_tx_config_t;
typedef struct serial_client_config { char magic[5]; serial_connection_resource_t rx, tx; } serial_client_config_t;
