/* What sDDF has of devices' resources, for tests that have no sDDF. */
#pragma once

#include <stdint.h>

typedef struct region_resource { void *vaddr; uint64_t size; } region_resource_t;
typedef struct device_region_resource { region_resource_t region; uintptr_t io_addr; } device_region_resource_t;
typedef struct device_irq_resource { uint8_t id; } device_irq_resource_t;
typedef struct device_resources {
    char magic[5];
    uint8_t num_regions, num_irqs;
    device_region_resource_t regions[64];
    device_irq_resource_t irqs[64];
} device_resources_t;
