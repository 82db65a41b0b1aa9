/* The GPU as firmware sees it: registers and descriptors. Shared by firmware and model. */
#ifndef AQPIM_GPU_H
#define AQPIM_GPU_H

#include <stdint.h>

#include "aqpim/queue.h"

/* BAR0. 64 bits each. */
#define AQPIM_GPU_ID 0x00u           /* RO: AQPIM_GPU_MAGIC */
#define AQPIM_GPU_MEMORY_BYTES 0x08u /* RO */
#define AQPIM_GPU_ERRORS 0x10u       /* RO: descriptors that ended in an error */
#define AQPIM_GPU_COPY_ENGINES 0x18u /* RO: 1 to AQPIM_GPU_MOST_COPY_ENGINES */
#define AQPIM_GPU_STREAMS 0x20u      /* RO: 1 to AQPIM_GPU_MOST_STREAMS */
#define AQPIM_GPU_TIME 0x28u         /* RO: picoseconds since power-on; what AQPIM_GPU_TIMESTAMP writes */
#define AQPIM_GPU_EVENT 0x3000u      /* RW: AQPIM_GPU_EVENTS counters of 64 bits, see AQPIM_GPU_SIGNAL */
#define AQPIM_GPU_MAGIC 0x314d49505551ull

/* Queues (aqpim/queue.h), descriptors of 128 bytes. Each works on its own; within a queue, in order. Copy engine c has
 * queue c, stream s queue AQPIM_GPU_QUEUE_COMPUTE + s; the MSI-X vector that a queue has at power-on is its number. */
#define AQPIM_GPU_MOST_COPY_ENGINES 8u
#define AQPIM_GPU_MOST_STREAMS 8u
#define AQPIM_GPU_QUEUE_COPY 0u
#define AQPIM_GPU_QUEUE_COMPUTE 8u
#define AQPIM_GPU_QUEUES 16u
#define AQPIM_GPU_EVENTS 64u

enum aqpim_gpu_opcode {
    /* All queues. */
    AQPIM_GPU_NOP = 0,
    AQPIM_GPU_SIGNAL = 10,  /* struct aqpim_gpu_event: sets an event to at least `value`, when all before it is done */
    AQPIM_GPU_WAIT = 11,    /* struct aqpim_gpu_event: holds the queue until the event has reached `value` */
    AQPIM_GPU_RELEASE = 12, /* struct aqpim_gpu_semaphore: writes `value` to memory */
    AQPIM_GPU_ACQUIRE = 13, /* struct aqpim_gpu_semaphore: holds the queue until the word in memory has reached it */
    AQPIM_GPU_TIMESTAMP = 14, /* struct aqpim_gpu_semaphore: writes AQPIM_GPU_TIME to memory */
    /* Copy engines. */
    AQPIM_GPU_COPY = 1,    /* struct aqpim_gpu_copy */
    AQPIM_GPU_FILL = 20,   /* struct aqpim_gpu_fill */
    AQPIM_GPU_GATHER = 21, /* struct aqpim_gpu_gather */
    /* Streams. */
    AQPIM_GPU_KERNEL = 2,      /* struct aqpim_gpu_kernel: takes time, moves nothing */
    AQPIM_GPU_PACK = 3,        /* struct aqpim_gpu_pack */
    AQPIM_GPU_IMPORTANCE = 4,  /* struct aqpim_gpu_importance */
    AQPIM_GPU_MATMUL = 30,     /* struct aqpim_gpu_matmul: takes time, computes nothing */
    AQPIM_GPU_ATTENTION = 31,  /* struct aqpim_gpu_attention */
    AQPIM_GPU_NORM = 32,       /* struct aqpim_gpu_elementwise: takes `gpu.norm_time`, computes nothing */
    AQPIM_GPU_ACTIVATION = 33, /* struct aqpim_gpu_elementwise: takes `gpu.activation_time`, computes nothing */
    AQPIM_GPU_FIXED = 34       /* struct aqpim_gpu_fixed: takes the time it says */
};

/* Source and destination: an address in the GPU's memory, or a PCIe bus address with this flag. Of a semaphore or a
 * timestamp, the target's flag. */
#define AQPIM_GPU_FLAG_SOURCE_BUS 0x100u
#define AQPIM_GPU_FLAG_TARGET_BUS 0x200u
#define AQPIM_GPU_FLAG_LIST_BUS 0x400u /* of AQPIM_GPU_GATHER's list */

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

/* Fills `rows` rows of `row_bytes` with a pattern of 8 bytes, which starts anew with each row. */
struct aqpim_gpu_fill {
    struct aqpim_descriptor_header header;
    uint64_t pattern;
    uint64_t target;
    uint64_t row_bytes;
    uint64_t rows;
    uint64_t reserved0;
    uint64_t target_stride;
    uint64_t reserved[9];
};

/* Scatter and gather: `entries` pieces of a list in memory, each with its own source, target and length. */
struct aqpim_gpu_gather {
    struct aqpim_descriptor_header header;
    uint64_t list;    /* struct aqpim_gpu_piece[entries], 8-byte aligned */
    uint64_t entries; /* 1 to AQPIM_GPU_MOST_PIECES */
    uint64_t reserved[13];
};
struct aqpim_gpu_piece {
    uint64_t source;
    uint64_t target;
    uint64_t bytes;
};
#define AQPIM_GPU_MOST_PIECES 65536u

/* An event is a counter in the GPU, at AQPIM_GPU_EVENT + event * 8. The host may write it: then it has that value. */
struct aqpim_gpu_event {
    struct aqpim_descriptor_header header;
    uint32_t event; /* 0 to AQPIM_GPU_EVENTS - 1 */
    uint32_t reserved32;
    uint64_t value;
    uint64_t reserved[13];
};

/* A word of 8 bytes in memory, 8-byte aligned. ACQUIRE reads it every `gpu.semaphore_poll` until it is at least
 * `value`; after `timeout_ns` (0: never) it ends with AQPIM_TIMED_OUT. */
struct aqpim_gpu_semaphore {
    struct aqpim_descriptor_header header;
    uint64_t address;
    uint64_t value;
    uint64_t timeout_ns;
    uint64_t reserved[12];
};

/* A kernel that is only timed: max(flop / sustained rate, bytes / sustained bandwidth). */
struct aqpim_gpu_kernel {
    struct aqpim_descriptor_header header;
    uint64_t flop;
    uint64_t bytes;
    uint64_t reserved[13];
};

/* [m][k] times [k][n], 16-bit values: 2 m n k operations; reads both factors, writes the product. */
struct aqpim_gpu_matmul {
    struct aqpim_descriptor_header header;
    uint32_t m;
    uint32_t n;
    uint32_t k;
    uint32_t count; /* such products, one behind the other in one kernel; at least 1 */
    uint64_t reserved[13];
};

/* Attention of one step, one layer: for each KV head h and sequence s, `group` queries over tokens[s] keys and values.
 * 4 * group * tokens * head_dim operations each (scores and values); reads every key and value once. Computed in fp32
 * with scores scaled by 1/sqrt(head_dim), from 16-bit values to 16-bit outputs. */
struct aqpim_gpu_attention {
    struct aqpim_descriptor_header header;
    uint64_t keys;            /* GPU memory: KV head h of sequence s at keys + s * sequence_stride + h * head_stride, */
    uint64_t values;          /* [tokens][head_dim]; the same strides */
    uint64_t sequence_stride; /* bytes */
    uint64_t head_stride;
    uint64_t queries;     /* GPU memory: [kv_heads][sequences][group][head_dim] */
    uint64_t output;      /* the same shape */
    uint64_t tokens;      /* GPU memory: uint32_t[sequences]; 0: all have `most_tokens` */
    uint32_t most_tokens; /* of any sequence, at least 1 */
    uint16_t sequences;
    uint16_t kv_heads;
    uint16_t group; /* query heads that share a KV head */
    uint16_t head_dim;
    uint16_t format; /* enum aqpim_gpu_format */
    uint16_t reserved16;
    uint64_t total_tokens; /* of all sequences: what the kernel's time follows from */
    uint64_t reserved[5];
};

/* Norms and activations of a step: one fixed time for each of `count` kernels. */
struct aqpim_gpu_elementwise {
    struct aqpim_descriptor_header header;
    uint32_t count;
    uint32_t reserved32;
    uint64_t reserved[14];
};

struct aqpim_gpu_fixed {
    struct aqpim_descriptor_header header;
    uint64_t time_ps; /* up to 1 s */
    uint64_t reserved[14];
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
    uint16_t channels; /* of the PIM memory */
    uint16_t banks_per_channel;
    uint16_t first_group;
    uint16_t group_stride;
    uint16_t reserved16;
    uint32_t group_banks; /* of one head */
    uint32_t reserved32;
    uint64_t reserved[7];
};

/* Importance of each token for its KV head: the sum over the `query_rows` last queries of the prompt, and over the
 * query heads that share the KV head, of the softmaxed causal attention (query row r stands at token tokens -
 * query_rows + r). Scaled by a power of two so that fp16 holds it; the clustering does not depend on the scale. */
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
AQPIM_GPU_SIZE_CHECK(aqpim_gpu_fill);
AQPIM_GPU_SIZE_CHECK(aqpim_gpu_gather);
AQPIM_GPU_SIZE_CHECK(aqpim_gpu_event);
AQPIM_GPU_SIZE_CHECK(aqpim_gpu_semaphore);
AQPIM_GPU_SIZE_CHECK(aqpim_gpu_kernel);
AQPIM_GPU_SIZE_CHECK(aqpim_gpu_matmul);
AQPIM_GPU_SIZE_CHECK(aqpim_gpu_attention);
AQPIM_GPU_SIZE_CHECK(aqpim_gpu_elementwise);
AQPIM_GPU_SIZE_CHECK(aqpim_gpu_fixed);
AQPIM_GPU_SIZE_CHECK(aqpim_gpu_pack);
AQPIM_GPU_SIZE_CHECK(aqpim_gpu_importance);

#endif
