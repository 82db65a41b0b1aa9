/* The PIM device as firmware sees it: registers and descriptors. Shared by firmware and model. Where data lies is in
 * aqpim/pim_layout.h; `column_*` fields are column indices as explained there. */
#ifndef AQPIM_PIM_H
#define AQPIM_PIM_H

#include <stdint.h>

#include "aqpim/queue.h"

/* BAR0. 64 bits each, read-only. */
#define AQPIM_PIM_ID 0x00u /* AQPIM_PIM_MAGIC */
#define AQPIM_PIM_MEMORY_BYTES 0x08u
#define AQPIM_PIM_CHANNELS 0x10u
#define AQPIM_PIM_BANKS_PER_CHANNEL 0x18u /* over pseudo-channels and ranks */
#define AQPIM_PIM_COLUMNS 0x20u           /* of 32 B in a row */
#define AQPIM_PIM_ERRORS 0x28u            /* descriptors that ended in an error */
#define AQPIM_PIM_MAX_CENTROIDS 0x30u     /* whose table of inner products one row holds */
#define AQPIM_PIM_MAGIC 0x314d4950515141ull

/* One queue (aqpim/queue.h), descriptors of 128 bytes, worked on in order. */
#define AQPIM_PIM_QUEUE 0u

enum aqpim_pim_opcode {
    AQPIM_PIM_NOP = 0,
    AQPIM_PIM_CLUSTER = 1,    /* struct aqpim_pim_cluster */
    AQPIM_PIM_APPEND = 2,     /* struct aqpim_pim_append */
    AQPIM_PIM_ATTEND = 3,     /* struct aqpim_pim_attend */
    AQPIM_PIM_ATTEND_FP16 = 4 /* struct aqpim_pim_attend_fp16 */
};

#define AQPIM_PIM_NONE 0xffffffffu

/* The shape that every command shares; `heads` KV heads are served together, one group of `group_channels` channels
 * each (struct aqpim_layout). */
struct aqpim_pim_shape {
    uint16_t heads;
    uint16_t group_channels;
    uint16_t head_dim;
    uint16_t subvectors;
    uint16_t centroids; /* 0 where a command uses no codebook */
    uint16_t reserved;
};

/* Weighted k-means over `elements` vectors of an image, then their codes: initial centroids by k-means++ from `seed`,
 * `iterations` Lloyd iterations, and a last assignment to the final centroids. */
struct aqpim_pim_cluster {
    struct aqpim_descriptor_header header;
    struct aqpim_pim_shape shape;
    uint32_t elements;
    uint32_t iterations;
    uint32_t column_image;
    uint32_t column_codebook; /* out: aqpim_codebook_columns() */
    uint32_t column_codes;    /* out: aqpim_code_columns() */
    uint32_t column_scratch;  /* aqpim_cluster_scratch_columns() */
    uint32_t reserved32;
    uint64_t weights; /* address of fp16 [heads][elements], rows `weights_stride` bytes apart */
    uint64_t weights_stride;
    uint64_t seed;
    uint64_t reserved[7];
};
#define AQPIM_PIM_FLAG_WEIGHTED 0x100u /* else every weight is 1 */

/* Puts a new token's vectors into slot `slot` of the uncompressed tokens. What stood there is first encoded as element
 * `element` (AQPIM_PIM_NONE: nothing leaves, and codebook, codes and scratch are not used). With slot = AQPIM_PIM_NONE
 * the new vectors themselves are encoded. */
struct aqpim_pim_append {
    struct aqpim_descriptor_header header;
    struct aqpim_pim_shape shape;
    uint32_t reserved32;
    uint64_t source; /* address of fp16 [heads][head_dim], 32 B aligned */
    uint32_t slot;
    uint32_t element;
    uint32_t column_uncoded;
    uint32_t column_codebook;
    uint32_t column_codes;
    uint32_t column_scratch; /* aqpim_append_scratch_columns() */
    uint64_t reserved[9];
};

/* Attention of `queries_per_head` queries of each KV head over `coded` coded and `uncoded` uncompressed tokens. Scores
 * are scaled by 1 / sqrt(head_dim). */
struct aqpim_pim_attend {
    struct aqpim_descriptor_header header;
    struct aqpim_pim_shape shape;
    uint16_t queries_per_head;
    uint16_t value_path; /* enum aqpim_value_path */
    uint32_t coded;
    uint32_t uncoded; /* slots 0 to uncoded - 1 */
    uint32_t column_key_codebook;
    uint32_t column_key_codes;
    uint32_t column_key_uncoded;
    uint32_t column_value_codebook;
    uint32_t column_value_codes;
    uint32_t column_value_uncoded;
    uint32_t column_scratch; /* aqpim_attend_scratch_columns(), from a whole row */
    uint32_t reserved32;
    uint64_t query;  /* address of fp16 [heads][queries_per_head][head_dim], 32 B aligned */
    uint64_t output; /* the same shape */
    uint64_t reserved[6];
};

enum aqpim_value_path { AQPIM_VALUE_LOOP = 0, AQPIM_VALUE_HISTOGRAM = 1 };

/* fp16 attention of `queries_per_head` queries of each of `kv_heads` KV heads over `tokens` uncompressed tokens, scaled
 * by 1 / sqrt(head_dim). The heads come in sets of shape.heads, the last of them perhaps smaller, which share the
 * channel groups: what set s has lies s * set_stride columns behind what set 0 has. Subvectors fill whole columns, and
 * there are not more of them than banks in a channel.
 *
 * Keys are an object of vectors of head_dim. Values are aqpim_fp16_value_blocks() objects of vectors of head_dim /
 * blocks, `value_block_stride` columns apart: block b holds the dimensions from b * head_dim / blocks on, so that a
 * bank engine adds up one column's worth of dimensions over all its tokens before it goes on to the next. */
struct aqpim_pim_attend_fp16 {
    struct aqpim_descriptor_header header;
    struct aqpim_pim_shape shape;
    uint16_t queries_per_head;
    uint16_t kv_heads;
    uint32_t tokens;     /* slots 0 to tokens - 1 */
    uint32_t column_key; /* of set 0 */
    uint32_t column_value;
    uint32_t set_stride;
    uint32_t value_block_stride;
    uint32_t reserved32;
    uint64_t query;  /* address of fp16 [kv_heads][queries_per_head][head_dim], 32 B aligned */
    uint64_t output; /* the same shape */
    uint64_t reserved[8];
};

/* Blocks of a value: columns of 32 B that a bank holds of its subvector. */
static inline uint32_t aqpim_fp16_value_blocks(uint32_t head_dim, uint32_t subvectors) {
    return head_dim / subvectors * 2 / 32;
}

/* Channels of a KV head: one for each of its query heads, as long as there are some (AttAcc: one head, one channel). */
static inline uint32_t aqpim_fp16_group_channels(uint32_t channels, uint32_t heads, uint32_t kv_heads) {
    const uint32_t most = kv_heads < channels ? channels / kv_heads : 1;
    const uint32_t queries = heads / kv_heads;
    return queries < most ? queries : most;
}

#define AQPIM_PIM_DESCRIPTOR_BYTES 128u
#ifdef __cplusplus
#define AQPIM_PIM_SIZE_CHECK(type) static_assert(sizeof(struct type) == AQPIM_PIM_DESCRIPTOR_BYTES, #type)
#else
#define AQPIM_PIM_SIZE_CHECK(type) _Static_assert(sizeof(struct type) == AQPIM_PIM_DESCRIPTOR_BYTES, #type)
#endif
AQPIM_PIM_SIZE_CHECK(aqpim_pim_cluster);
AQPIM_PIM_SIZE_CHECK(aqpim_pim_append);
AQPIM_PIM_SIZE_CHECK(aqpim_pim_attend);
AQPIM_PIM_SIZE_CHECK(aqpim_pim_attend_fp16);

#endif
