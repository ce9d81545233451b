/* sDDF's serial queues, for tests that have no sDDF. */
#pragma once

#include <stdint.h>

typedef struct serial_queue serial_queue_t;
typedef struct serial_queue_handle { serial_queue_t *queue; uint32_t capacity; char *data_region; } serial_queue_handle_t;
void serial_queue_init(serial_queue_handle_t *handle, serial_queue_t *queue, uint32_t capacity, char *data_region);
