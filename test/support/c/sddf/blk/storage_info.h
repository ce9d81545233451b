/* What sDDF tells a disk's client, for tests that have no sDDF. */
#pragma once

#include <stdbool.h>

typedef struct blk_storage_info { char serial_number[64]; bool read_only, ready; } blk_storage_info_t;
bool blk_storage_is_ready(blk_storage_info_t *storage_info);
