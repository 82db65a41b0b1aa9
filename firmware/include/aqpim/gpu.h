/* The GPU as firmware sees it: registers and descriptors. Shared by firmware and model. */
#ifndef AQPIM_GPU_H
#define AQPIM_GPU_H

#include <stdint.h>

#include "aqpim/queue.h"

/* BAR0. 64 bits each. */
#define AQPIM_GPU_ID 0x00u          /* RO: AQPIM_GPU_MAGIC */
#define AQPIM_GPU_MEMORY_BYTES 0x08u /* RO */
#define AQPIM_GPU_ERRORS 0x10u      /* RO: descriptors that ended in an error */
#define AQPIM_GPU_MAGIC 0x314d49505551ull

/* Queues (aqpim/queue.h), descriptors of 128 bytes. Each works on its own; within a queue, in order. */
#define AQPIM_GPU_QUEUE_COPY 0u
#define AQPIM_GPU_QUEUE_COMPUTE 1u
#define AQPIM_GPU_QUEUES 2u

enum aqpim_gpu_opcode {
    AQPIM_GPU_NOP = 0,         /* both queues */
    AQPIM_GPU_COPY = 1,        /* copy queue: struct aqpim_gpu_copy */
    AQPIM_GPU_KERNEL = 2,      /* compute queue: struct aqpim_gpu_kernel: takes time, moves nothing */
    AQPIM_GPU_PACK = 3,        /* compute queue: struct aqpim_gpu_pack */
    AQPIM_GPU_IMPORTANCE = 4   /* compute queue: struct aqpim_gpu_importance */
};

/* Source and destination: an address in the GPU's memory, or a PCIe bus address with this flag. */
#define AQPIM_GPU_FLAG_SOURCE_BUS 0x100u
#define AQPIM_GPU_FLAG_TARGET_BUS 0x200u

/* Copies `rows` rows of `row_bytes`; a linear copy has rows = 1. */
struct aqpim_gpu_copy {
    struct aqpim_descriptor_header header;
    uint64_t source;
    uint64_t target;
    uint64_t row_bytes;
    uint64_t rows;
    uint64_t source_stride; /* bytes from a row to the next */
    uint64_t target_stride;
    uint64_t reserved[9];
};

/* A kernel that is only timed: max(flop / sustained rate, bytes / sustained bandwidth) + launch overhead. */
struct aqpim_gpu_kernel {
    struct aqpim_descriptor_header header;
    uint64_t flop;
    uint64_t bytes;
    uint64_t reserved[13];
};

/* Lays vectors out as the PIM banks want them (aqpim/pim_layout.h): element `target_first` + i of KV head h, in group
 * first_group + h * group_stride, is vector `source` + h * source_head_stride + i * source_stride. Writes only these
 * elements of the image. */
struct aqpim_gpu_pack {
    struct aqpim_descriptor_header header;
    uint64_t source;             /* GPU memory, fp16 [heads][vectors][head_dim] with the strides below */
    uint64_t source_head_stride; /* bytes */
    uint64_t source_stride;      /* bytes */
    uint64_t target;             /* GPU memory: the image's first byte */
    uint32_t vectors;
    uint32_t target_first;
    uint16_t heads;
    uint16_t head_dim;
    uint16_t subvectors;
    uint16_t channels;          /* of the PIM memory */
    uint16_t banks_per_channel;
    uint16_t first_group;
    uint16_t group_stride;
    uint16_t reserved16;
    uint32_t group_banks; /* of one head */
    uint32_t reserved32;
    uint64_t reserved[7];
};

/* Importance of each token for its KV head: the sum over the `query_rows` last queries of the prompt, and over the query
 * heads that share the KV head, of the softmaxed causal attention (query row r stands at token tokens - query_rows + r).
 * Scaled by a power of two so that fp16 holds it; the clustering does not depend on the scale. */
struct aqpim_gpu_importance {
    struct aqpim_descriptor_header header;
    uint64_t keys;             /* GPU memory, fp16 [kv_heads][*][head_dim] */
    uint64_t keys_head_stride; /* bytes */
    uint64_t queries;          /* GPU memory, fp16 [query_rows][heads][head_dim], rows `queries_stride` bytes apart */
    uint64_t queries_stride;
    uint64_t target; /* GPU memory, fp16 [kv_heads][tokens] */
    uint32_t tokens;
    uint32_t query_rows;
    uint16_t heads;
    uint16_t kv_heads;
    uint16_t head_dim;
    uint16_t format; /* enum aqpim_gpu_format, of keys and queries; weights are fp16 */
    uint64_t reserved[8];
};

enum aqpim_gpu_format { AQPIM_GPU_FP16 = 0, AQPIM_GPU_BF16 = 1 };

#define AQPIM_GPU_DESCRIPTOR_BYTES 128u
#ifdef __cplusplus
#define AQPIM_GPU_SIZE_CHECK(type) static_assert(sizeof(struct type) == AQPIM_GPU_DESCRIPTOR_BYTES, #type)
#else
#define AQPIM_GPU_SIZE_CHECK(type) _Static_assert(sizeof(struct type) == AQPIM_GPU_DESCRIPTOR_BYTES, #type)
#endif
AQPIM_GPU_SIZE_CHECK(aqpim_gpu_copy);
AQPIM_GPU_SIZE_CHECK(aqpim_gpu_kernel);
AQPIM_GPU_SIZE_CHECK(aqpim_gpu_pack);
AQPIM_GPU_SIZE_CHECK(aqpim_gpu_importance);

#endif
