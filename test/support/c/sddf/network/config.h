/* sDDF's network configurations, for tests that have no sDDF. */
#pragma once

#include <sddf/resources/device.h>

typedef struct mac_addr { uint8_t addr[6]; } mac_addr_t;
typedef struct net_connection_resource { region_resource_t free_queue, active_queue; uint16_t num_buffers; uint8_t id; } net_connection_resource_t;
typedef struct net_driver_config { char magic[5]; net_connection_resource_t virt_rx, virt_tx; } net_driver_config_t;
typedef struct net_virt_tx_config {
    char magic[5];
    net_connection_resource_t driver;
    struct {
        net_connection_resource_t conn;
        struct { device_region_resource_t data; uint32_t num_buffers; } regions[64];
        uint8_t num_regions;
    } clients[64];
    uint8_t num_clients;
} net_virt_tx_config_t;
typedef struct net_virt_rx_config {
    char magic[5];
    net_connection_resource_t driver;
    device_region_resource_t data;
    region_resource_t buffer_metadata;
    struct { net_connection_resource_t conn; mac_addr_t mac_addrs[64]; uint8_t num_macs; } clients[64];
    uint8_t num_clients;
} net_virt_rx_config_t;
typedef struct net_copy_config {
    char magic[5];
    net_connection_resource_t rx;
    region_resource_t rx_data[64];
    net_connection_resource_t client;
    region_resource_t client_data;
} net_copy_config_t;
typedef struct net_client_config {
    char magic[5];
    net_connection_resource_t rx;
    region_resource_t rx_data;
    net_connection_resource_t tx;
    region_resource_t tx_data;
    mac_addr_t mac_addr;
} net_client_config_t;
typedef struct net_vswitch_config {
    char magic[5];
    struct { net_connection_resource_t rx, tx; region_resource_t tx_data; mac_addr_t mac_addr; uint64_t acl; } ports[64];
    uint8_t num_ports;
    region_resource_t buffer_metadata;
} net_vswitch_config_t;
