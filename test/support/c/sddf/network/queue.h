/* sDDF's network queues, for tests that have no sDDF. */
#pragma once

#include <stdint.h>

typedef struct net_queue net_queue_t;
typedef struct net_queue_handle { net_queue_t *free, *active; uint32_t capacity; } net_queue_handle_t;
void net_queue_init(net_queue_handle_t *handle, net_queue_t *free, net_queue_t *active, uint32_t capacity);
void net_buffers_init(net_queue_handle_t *handle, uintptr_t base);
