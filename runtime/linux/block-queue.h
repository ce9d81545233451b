/*
 * sDDF's block queues as they lie in memory (include/sddf/blk/queue.h and storage_info.h of its revision a15355c): the virtualiser asks, this
 * side answers. Counters run on; a queue's entries are a power of two.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { BLOCK_BYTES = 4096 };
enum { BLK_REQ_READ, BLK_REQ_WRITE, BLK_REQ_FLUSH, BLK_REQ_BARRIER };
enum { BLK_RESP_OK, BLK_RESP_ERR_UNSPEC, BLK_RESP_ERR_INVALID_PARAM, BLK_RESP_ERR_IO, BLK_RESP_ERR_NO_DEVICE };

struct blk_req {
    uint32_t code;
    uint64_t io_or_offset; /* where in the data, from its beginning */
    uint64_t block_number;
    uint16_t count;
    uint32_t id;
};

struct blk_resp {
    uint32_t status;
    uint16_t success_count;
    uint32_t id;
};

struct blk_req_queue {
    uint32_t head, tail;
    bool plugged;
    struct blk_req buffers[];
};

struct blk_resp_queue {
    uint32_t head, tail;
    struct blk_resp buffers[];
};

struct blk_storage_info {
    char serial_number[64];
    bool read_only, ready;
    uint16_t sector_size, block_size, queue_depth, cylinders, heads, blocks;
    uint64_t capacity;
};

_Static_assert(sizeof(struct blk_req) == 32 && sizeof(struct blk_resp) == 12 && sizeof(struct blk_storage_info) == 88, "as in sDDF");

/*
 * In the page of the storage's information, where sDDF has nothing: which request is being answered, and what the answers' tail is once it
 * is. A request stays in its queue until it was answered, so that it is not lost with this program when its guest is restarted; from this
 * the next one knows whether the first in the queue was answered already.
 */
struct answering {
    uint32_t mark, head, answered_tail;
};

enum { ANSWERING_OFFSET = 0xf00, ANSWERING_MARK = 0x64727676 };
