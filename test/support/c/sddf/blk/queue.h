/* sDDF's block queues, for tests that have no sDDF. */
#pragma once

#include <stdint.h>

typedef struct blk_req_queue blk_req_queue_t;
typedef struct blk_resp_queue blk_resp_queue_t;
typedef struct blk_queue_handle { blk_req_queue_t *req_queue; blk_resp_queue_t *resp_queue; uint32_t capacity; } blk_queue_handle_t;
void blk_queue_init(blk_queue_handle_t *handle, blk_req_queue_t *request, blk_resp_queue_t *response, uint32_t capacity);
