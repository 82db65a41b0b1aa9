/* The main job: what its parts share. */
#ifndef AQPIM_APP_RUN_H
#define AQPIM_APP_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "aqpim/job.h"
#include "aqpim/pim.h"
#include "aqpim/pim_layout.h"
#include "aqpim/sdk/pim_memory.h"
#include "aqpim/sdk/queue.h"
#include "window.h"

/* What main() returns. */
enum exit_code {
    EXIT_DONE = 0,
    EXIT_DEVICE_ERROR = 1, /* a completion's status, or a queue that stopped */
    EXIT_CAPACITY = 2,     /* does not fit into the PIM memory, the GPU's, or what there is of RAM */
    EXIT_BAD_JOB = 3,      /* no job block, or one that cannot be carried out */
    EXIT_NO_DEVICE = 4     /* a device is missing or cannot be set up */
};

enum { KEY = 0, VALUE = 1, TENSORS = 2 };

/* Sequences that are served side by side. Their objects have the same columns, made for the longest of them. */
struct wave {
    uint32_t index;
    uint32_t first; /* sequence of the batch */
    uint32_t sequences;
    struct aqpim_layout layout;
    uint32_t heads_per_set;
    uint32_t head_sets;
    /* The most that any of its sequences has. */
    uint32_t image_elements; /* of the prompt's image */
    uint32_t code_elements;  /* in the end */
    uint32_t codebooks;
    uint32_t slots; /* of uncompressed tokens */
    /* In the PIM memory. */
    uint64_t pim_prefill_table; /* struct aqpim_pim_sequence[sequences] */
    uint64_t pim_step_table;
    uint64_t pim_weights_stride; /* from row to row, of [heads][sequences] */
    /* The new tokens' vectors [part][heads][sequences][dims], `pim_set_stride` from head set to head set. */
    uint64_t pim_new[TENSORS];
    uint64_t pim_set_stride;
    uint64_t pim_query; /* `pim_query_stride` from head set to head set */
    uint64_t pim_output;
    uint64_t pim_query_stride;
};
#define MOST_WAVES 64u

/* KV heads of a wave that one PIM command serves. */
struct head_set {
    uint32_t index;
    uint32_t first; /* KV head */
    uint32_t heads;
};

/* Of all waves together. */
#define MOST_HEAD_SETS 256u
#define MOST_OBJECTS 32768u

/* A tensor's vectors lie in the PIM memory as one object, or, values that are kept whole, in several that hold `dims`
 * dimensions each and follow one another. */
struct tensor_parts {
    uint32_t count;
    uint32_t dims; /* of a vector in each part */
    struct aqpim_layout layout;
};

/* Where things lie that all waves share. Buffers come in two where the next layer's work overlaps with this one's.
 * `pim_*` are addresses within the PIM memory, `gpu_*` within the GPU's; `column_*` column indices. */
struct plan {
    uint32_t column_image[TENSORS];   /* prefill buffers */
    uint32_t column_initial[TENSORS]; /* given centroids */
    uint32_t column_scratch;
    uint64_t pim_weights[2];
    uint64_t gpu_importance[2];
    uint64_t gpu_image[2][TENSORS];
    uint64_t gpu_initial[2][TENSORS];
    uint64_t gpu_uncoded[2][TENSORS];
    uint64_t gpu_end;         /* of all buffers */
    uint64_t weights_columns; /* of the model's weights */
    uint64_t code_pages;      /* that all sequences have in the end */
};

/* The cache of the layers whose attention is computed on the GPU: 16-bit
 * [layers][TENSORS][kv_heads][batch][tokens][head_dim], each sequence with room for the longest one's tokens at the
 * end. Strides are in bytes. */
struct gpu_cache {
    uint64_t base; /* of the first layer, in the GPU's memory */
    uint64_t bytes;
    uint64_t ram; /* of the first layer that is in RAM: bus address */
    uint64_t ram_bytes;
    uint64_t layer_stride;
    uint64_t tensor_stride;
    uint64_t head_stride;
    uint64_t sequence_stride;
    uint32_t together; /* sequences that one copy serves: all, if they have equally many tokens, else one */
    /* In the GPU's memory. */
    uint64_t tokens;     /* uint32_t[batch]: what each sequence has */
    uint64_t staging[2]; /* copies of a layer that is in RAM */
    uint32_t stagings;   /* 0 to 2 */
    uint64_t gpu_end;    /* of all of it */
};

/* Codes that grow page by page. */
struct code_pages {
    uint32_t pages;
    struct aqpim_pim_extent last;
};

struct run {
    struct aqpim_job* job;
    struct aqpim_job_sequence* sequences;
    struct aqpim_job_object* objects;
    struct code_pages* code_pages; /* of each object */
    struct aqpim_queue copy;       /* the GPU's queues */
    struct aqpim_queue compute;
    struct aqpim_queue pim;
    uint64_t gpu_memory_bytes;
    struct aqpim_pim_memory memory;
    uint64_t pim_bus; /* bus address of the PIM memory */
    /* What is planned for: the first `batch` sequences, with at most `longest` tokens of their prompts. */
    uint32_t batch;
    uint32_t longest;
    /* The first layers, whose cache is where the job asks for it. That of the others is in RAM. */
    uint32_t kept_layers;
    struct wave waves[MOST_WAVES];
    uint32_t wave_count;
    uint32_t head_sets; /* most of any wave */
    struct plan plan;
    struct gpu_cache cache;
};

struct aqpim_job_object* object_of(const struct run* run, const struct wave* wave, uint32_t layer, int tensor,
                                   uint32_t set);
uint32_t object_index(const struct run* run, const struct wave* wave, uint32_t layer, int tensor, uint32_t set);
uint32_t object_count(const struct run* run);
/* Which tokens of a sequence are kept how. */
struct window sequence_window(const struct run* run, uint32_t sequence);
/* The job asks for keys and values in the PIM memory. Else there need be no PIM device. */
bool keeps_in_pim(const struct run* run);
/* A layer whose attention is computed on the GPU: its keys and values are not in the PIM memory. */
bool attends_on_gpu(const struct run* run, uint32_t layer);
/* A layer whose keys and values are in RAM; from the first such layer on, all are. */
bool is_in_ram(const struct run* run, uint32_t layer);
uint32_t layers_in_ram(const struct run* run);
/* The policy keeps vectors whole, in fp16 or uniformly quantized: no codebooks. */
bool keeps_whole(const struct run* run);
bool is_fp16(const struct run* run);
bool is_uniform(const struct run* run);
/* The initial centroids are given. */
bool gives_codebooks(const struct run* run);
/* Elements of a codebook window; 0: one for all. */
uint32_t window_elements(const struct run* run);
uint32_t query_group(const struct run* run);
uint64_t vector_bytes(const struct run* run);
/* A KV head's first vector, in the GPU's memory. */
uint64_t vectors_address(const struct run* run, uint32_t sequence, uint32_t layer, int tensor, uint32_t head);
/* Bus address of a column. */
uint64_t column_bus(const struct run* run, uint32_t column);
uint64_t column_bytes(const struct run* run, uint64_t columns);

/* A descriptor's header. Its cookie says what it belongs to, for error messages. */
#define PREFILL_STEP 0xffffffu
struct aqpim_descriptor_header header_of(uint16_t opcode, uint16_t flags, uint32_t step, uint32_t layer);
/* Print what went wrong: of a queue that has stopped with this enum aqpim_queue_status, all ones if nothing answers;
 * and for aqpim_queue's on_error. */
void report_stop(const struct aqpim_queue* queue, unsigned status);
void report_error(struct aqpim_queue* queue, const struct aqpim_descriptor_header* descriptor, unsigned status);

#endif
