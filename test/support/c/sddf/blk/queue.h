/* sDDF's block queues, for tests that have no sDDF. */
#pragma once

#include <stdint.h>

typedef enum blk_req_code { BLK_REQ_READ, BLK_REQ_WRITE, BLK_REQ_FLUSH, BLK_REQ_BARRIER } blk_req_code_t;
typedef enum blk_resp_status { BLK_RESP_OK, BLK_RESP_ERR_UNSPEC, BLK_RESP_ERR_INVALID_PARAM } blk_resp_status_t;
typedef struct blk_req { blk_req_code_t code; uint64_t block_number; uint32_t id; } blk_req_t;
typedef struct blk_resp { blk_resp_status_t status; uint32_t id; } blk_resp_t;
typedef struct blk_req_queue { uint32_t head, tail; blk_req_t buffers[]; } blk_req_queue_t;
typedef struct blk_resp_queue { uint32_t head, tail; blk_resp_t buffers[]; } blk_resp_queue_t;
typedef struct blk_queue_handle { blk_req_queue_t *req_queue; blk_resp_queue_t *resp_queue; uint32_t capacity; } blk_queue_handle_t;
_Bool blk_queue_empty_req(blk_queue_handle_t *handle);
_Bool blk_queue_full_req(blk_queue_handle_t *handle);
_Bool blk_queue_empty_resp(blk_queue_handle_t *handle);
_Bool blk_queue_full_resp(blk_queue_handle_t *handle);
int blk_dequeue_req(blk_queue_handle_t *handle, blk_req_code_t *code, uintptr_t *io_or_offset, uint64_t *block_number, uint16_t *count, uint32_t *id);
int blk_enqueue_resp(blk_queue_handle_t *handle, blk_resp_status_t status, uint16_t success_count, uint32_t id);
int blk_enqueue_req(blk_queue_handle_t *handle, blk_req_code_t code, uintptr_t io_or_offset, uint64_t block_number, uint16_t count, uint32_t id);
int blk_dequeue_resp(blk_queue_handle_t *handle, blk_resp_status_t *status, uint16_t *success_count, uint32_t *id);
void blk_queue_init(blk_queue_handle_t *handle, blk_req_queue_t *request, blk_resp_queue_t *response, uint32_t capacity);
