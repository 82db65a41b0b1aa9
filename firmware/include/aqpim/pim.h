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
#define AQPIM_PIM_MAX_CENTROIDS 0x30u     /* whose table of inner products one row holds, and whose histogram the engines do */
#define AQPIM_PIM_MAGIC 0x314d4950515141ull

/* One queue (aqpim/queue.h), descriptors of 128 bytes, worked on in order. */
#define AQPIM_PIM_QUEUE 0u

enum aqpim_pim_opcode {
    AQPIM_PIM_NOP = 0,
    AQPIM_PIM_CLUSTER = 1,       /* struct aqpim_pim_cluster */
    AQPIM_PIM_APPEND = 2,        /* struct aqpim_pim_append */
    AQPIM_PIM_ATTEND = 3,        /* struct aqpim_pim_attend */
    AQPIM_PIM_ATTEND_FP16 = 4,   /* struct aqpim_pim_attend_whole */
    AQPIM_PIM_QUANTIZE = 5,      /* struct aqpim_pim_quantize */
    AQPIM_PIM_ATTEND_UNIFORM = 6 /* struct aqpim_pim_attend_whole */
};

#define AQPIM_PIM_NONE 0xffffffffu

/* The shape that every command shares: `heads` KV heads of as many sequences as the command says are served side by
 * side, in a group of `group_banks` banks each (struct aqpim_layout). */
struct aqpim_pim_shape {
    uint16_t heads;
    uint16_t head_dim;
    uint16_t subvectors;
    uint16_t centroids; /* levels of uniform quantization; 0 where a command uses neither */
    uint32_t group_banks;
};

/* What a command has to know of each sequence: a table in the PIM memory, 32 B aligned, that firmware keeps up to date. */
struct aqpim_pim_sequence {
    uint32_t coded;    /* CLUSTER, QUANTIZE: elements of the image; ATTEND: elements that have codes */
    uint32_t uncoded;  /* ATTEND: uncompressed tokens, in slots 0 to uncoded - 1 */
    uint32_t slot;     /* APPEND: where the new vectors are put; AQPIM_PIM_NONE: they are encoded themselves */
    uint32_t element;  /* APPEND: what is encoded: the slot's old token, or the new one; AQPIM_PIM_NONE: nothing */
    uint32_t windows;  /* codebook windows; at least 1 where there are codes */
    uint32_t reserved[3];
};

/* Code columns come page by page: an object's codes are the columns of its extents, one after the other. Tables of
 * extents lie in the PIM memory, 32 B aligned. */
struct aqpim_pim_extent {
    uint32_t column;
    uint32_t columns;
};
struct aqpim_pim_pages {
    uint64_t extents; /* address of struct aqpim_pim_extent[count] */
    uint32_t count;
    uint32_t reserved;
};

/* Initial centroids (open in the paper). */
enum aqpim_initial {
    AQPIM_INITIAL_KMEANS_PP = 0, /* k-means++ */
    AQPIM_INITIAL_RANDOM = 1,    /* different vectors, drawn uniformly */
    AQPIM_INITIAL_FIRST = 2,     /* vectors evenly spaced, from the first on */
    AQPIM_INITIAL_CODEBOOK = 3,  /* the codebook at column_initial, e.g. the window before */
    AQPIM_INITIAL_VECTORS = 4    /* elements 0 to centroids - 1 of the vectors at column_initial */
};

/* Weighted k-means over the elements `first` to `first + elements - 1` of an image, as far as each sequence has them:
 * initial centroids, `iterations` Lloyd iterations, then codes by a last assignment to the final centroids. A sequence
 * without such elements gets a codebook all the same if the initial centroids are given. With 0 iterations and given
 * centroids nothing is clustered: vectors are encoded. */
struct aqpim_pim_cluster {
    struct aqpim_descriptor_header header;
    struct aqpim_pim_shape shape;
    uint16_t sequences;
    uint16_t initial; /* enum aqpim_initial */
    uint32_t first;
    uint32_t elements;
    uint32_t iterations;
    uint32_t column_image; /* of element 0 */
    uint32_t column_codebook; /* out: aqpim_codebook_columns() */
    uint32_t column_initial;
    uint32_t column_scratch;     /* aqpim_cluster_scratch_columns() */
    uint32_t reserved32;
    uint64_t table;              /* struct aqpim_pim_sequence[sequences] */
    struct aqpim_pim_pages codes; /* of element 0 on; out */
    uint64_t weights; /* address of fp16 [heads][sequences][*], of element 0, rows `weights_stride` bytes apart */
    uint64_t weights_stride;
    uint64_t seed;
    uint64_t reserved[3];
};
#define AQPIM_PIM_FLAG_WEIGHTED 0x100u /* else every weight is 1 */
#define AQPIM_PIM_FLAG_FARTHEST 0x800u /* an empty cluster gets the vector farthest from its centroid; else it keeps its own */
#define AQPIM_PIM_FLAG_HIGHEST 0x1000u /* of centroids equally near, the highest index; else the lowest. APPEND, too */

/* Puts each sequence's new vectors where its table entry says, and encodes what leaves the window before that. Codes
 * are those of the window in which the element lies, or of the last one. With AQPIM_PIM_FLAG_UNIFORM the objects are
 * those of QUANTIZE (with AQPIM_PIM_FLAG_PER_TOKEN: of values), and `column_codebook` is its column_parameters. */
struct aqpim_pim_append {
    struct aqpim_descriptor_header header;
    struct aqpim_pim_shape shape;
    uint32_t sequences;
    uint64_t table;  /* struct aqpim_pim_sequence[sequences] */
    uint64_t source; /* address of fp16 [heads][sequences][head_dim], 32 B aligned */
    uint32_t column_uncoded;
    uint32_t column_codebook;
    uint32_t column_scratch; /* aqpim_append_scratch_columns() */
    uint32_t window;         /* elements of a window; 0: one window for all */
    struct aqpim_pim_pages codes;
    uint32_t column_codes;       /* AQPIM_PIM_FLAG_UNIFORM: instead of `codes` */
    uint32_t value_block_stride; /* the same, of values: columns between their blocks; 0 for keys */
    uint64_t reserved[6];
};
#define AQPIM_PIM_FLAG_UNIFORM 0x200u
#define AQPIM_PIM_FLAG_PER_TOKEN 0x400u

/* Attention of `queries_per_head` queries of each KV head over each sequence's coded and uncompressed tokens. Scores
 * are scaled by 1 / sqrt(head_dim). */
struct aqpim_pim_attend {
    struct aqpim_descriptor_header header;
    struct aqpim_pim_shape shape;
    uint16_t queries_per_head;
    uint16_t value_path; /* enum aqpim_value_path */
    uint32_t sequences;
    uint32_t window; /* elements of a window; 0: one window for all */
    uint32_t column_key_codebook; /* window w at + w * aqpim_codebook_columns() */
    uint32_t column_key_uncoded;
    uint32_t column_value_codebook;
    uint32_t column_value_uncoded;
    uint32_t column_scratch; /* aqpim_attend_scratch_columns(), from a whole row */
    uint32_t reserved32;
    uint64_t table; /* struct aqpim_pim_sequence[sequences] */
    struct aqpim_pim_pages key_codes;
    struct aqpim_pim_pages value_codes;
    uint64_t query;  /* address of fp16 [heads][sequences][queries_per_head][head_dim], 32 B aligned */
    uint64_t output; /* the same shape */
    uint64_t reserved[2];
};

enum aqpim_value_path { AQPIM_VALUE_LOOP = 0, AQPIM_VALUE_HISTOGRAM = 1 };

/* Uniform quantization of an image's elements to shape.centroids levels (4 or 16): code = round((x - zero) / scale).
 * Per channel: scale and zero of each channel over all elements, kept as elements 0 (scale) and 1 (zero) of the vectors
 * at column_parameters. With AQPIM_PIM_FLAG_PER_TOKEN: of each element over all channels, kept as a vector of one fp16
 * in each subvector: scale, zero, 0 ... Codes are packed as vectors of log2(levels) bits a channel. */
struct aqpim_pim_quantize {
    struct aqpim_descriptor_header header;
    struct aqpim_pim_shape shape;
    uint32_t sequences;
    uint64_t table; /* struct aqpim_pim_sequence[sequences] */
    uint32_t column_image;
    uint32_t column_codes;      /* out: aqpim_uniform_columns() */
    uint32_t column_parameters; /* out: aqpim_uniform_parameter_columns() */
    uint32_t reserved32;
    uint64_t reserved[10];
};

/* Attention over tokens whose vectors are whole: fp16 (ATTEND_FP16), or uniformly quantized (ATTEND_UNIFORM) with the
 * sinks and recent tokens in fp16. The kv_heads KV heads of `sequences` sequences come in sets of shape.heads heads, the
 * last of them perhaps smaller, which share the groups: what set s has lies s * set_stride columns behind what set 0 has.
 * Subvectors fill whole columns of fp16, and there are not more of them than banks in a channel. A group is one or more
 * whole channels.
 *
 * Keys are an object of vectors of head_dim. fp16 values are aqpim_fp16_value_blocks() objects of vectors of head_dim /
 * blocks, `value_block_stride` columns apart: block b holds the dimensions from b * head_dim / blocks on, so that a
 * bank engine adds up one column's worth of dimensions over all its tokens before it goes on to the next. */
struct aqpim_pim_attend_whole {
    struct aqpim_descriptor_header header;
    struct aqpim_pim_shape shape; /* heads: of a set */
    uint16_t queries_per_head;
    uint16_t kv_heads;
    uint32_t sequences;
    uint32_t column_key; /* uncompressed tokens, of set 0 */
    uint32_t column_value;
    uint32_t set_stride;
    uint32_t value_block_stride;
    uint32_t column_key_codes; /* ATTEND_UNIFORM only, as QUANTIZE leaves them */
    uint32_t column_key_parameters;
    uint32_t column_value_codes;
    uint32_t column_value_parameters;
    uint32_t reserved32;
    uint64_t table;  /* struct aqpim_pim_sequence[sequences] */
    uint64_t query;  /* address of fp16 [kv_heads][sequences][queries_per_head][head_dim], 32 B aligned */
    uint64_t output; /* the same shape */
    uint64_t reserved[5];
};

/* Blocks of a value: columns of 32 B that a bank holds of its subvector. */
static inline uint32_t aqpim_fp16_value_blocks(uint32_t head_dim, uint32_t subvectors) {
    return head_dim / subvectors * 2 / 32;
}

/* Channels of a unit: one for each of its query heads, as long as there are some (AttAcc: one head, one channel). */
static inline uint32_t aqpim_fp16_group_channels(uint32_t channels, uint32_t units, uint32_t queries_per_head) {
    const uint32_t most = units < channels ? channels / units : 1;
    return queries_per_head < most ? queries_per_head : most;
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
AQPIM_PIM_SIZE_CHECK(aqpim_pim_quantize);
AQPIM_PIM_SIZE_CHECK(aqpim_pim_attend_whole);

#endif
