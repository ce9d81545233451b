/* sDDF's block configurations, for tests that have no sDDF. */
#pragma once

#include <sddf/resources/device.h>

typedef struct blk_connection_resource {
    region_resource_t storage_info, req_queue, resp_queue;
    uint16_t num_buffers;
    uint8_t id;
} blk_connection_resource_t;
typedef struct blk_driver_config { char magic[5]; blk_connection_resource_t virt; } blk_driver_config_t;
typedef struct blk_virt_config {
    char magic[5];
    uint64_t num_clients;
    struct { blk_connection_resource_t conn; device_region_resource_t data; } driver;
    struct { blk_connection_resource_t conn; device_region_resource_t data; uint32_t partition; } clients[64];
} blk_virt_config_t;
typedef struct blk_client_config { char magic[5]; blk_connection_resource_t virt; region_resource_t data; } blk_client_config_t;
