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
    EXIT_CAPACITY = 2,     /* does not fit into the PIM memory or the GPU's */
    EXIT_BAD_JOB = 3,      /* no job block, or one that cannot be carried out */
    EXIT_NO_DEVICE = 4     /* a device is missing or cannot be set up */
};

/* KV heads that one PIM command serves: at most as many as there are channel groups. */
struct head_set {
    uint32_t index;
    uint32_t first; /* KV head */
    uint32_t heads;
};

#define MOST_HEAD_SETS 64u

enum { KEY = 0, VALUE = 1, TENSORS = 2 };

/* A tensor's vectors lie in the PIM memory as one object, or, the values of the fp16 policy, in several that hold
 * `dims` dimensions each and follow one another. */
struct tensor_parts {
    uint32_t count;
    uint32_t dims; /* of a vector in each part */
    struct aqpim_layout layout;
};

/* Where things lie. Buffers come in two where the next layer's work overlaps with this one's. `pim_*` are addresses
 * within the PIM memory, `gpu_*` within the GPU's; `column_*` column indices. */
struct plan {
    uint32_t column_image[TENSORS]; /* prefill buffers */
    uint32_t column_scratch;
    uint64_t pim_weights[2];
    uint64_t pim_weights_stride; /* from head to head */
    /* The new token's vectors [part][head][dims], `pim_set_stride` from head set to head set. */
    uint64_t pim_new[TENSORS];
    uint64_t pim_set_stride;
    uint64_t pim_query; /* `pim_query_stride` from head set to head set */
    uint64_t pim_output;
    uint64_t pim_query_stride;
    uint64_t gpu_importance[2];
    uint64_t gpu_image[2][TENSORS];
    uint64_t gpu_uncoded[2][TENSORS];
    uint64_t gpu_end; /* of all buffers */
};

struct run {
    struct aqpim_job* job;
    struct aqpim_job_object* objects;
    struct window window;
    struct aqpim_queue copy; /* the GPU's queues */
    struct aqpim_queue compute;
    struct aqpim_queue pim;
    uint64_t gpu_memory_bytes;
    struct aqpim_pim_memory memory;
    uint64_t pim_bus; /* bus address of the PIM memory */
    struct aqpim_layout layout;
    uint32_t head_sets;
    struct plan plan;
};

/* Fills in layout and head_sets, from the job and the PIM memory's geometry. */
void lay_out(struct run* run);
struct head_set head_set(const struct run* run, uint32_t index);
uint32_t object_index(const struct run* run, uint32_t layer, int tensor, uint32_t set);
struct aqpim_job_object* object_of(const struct run* run, uint32_t layer, int tensor, uint32_t set);
struct tensor_parts parts_of(const struct run* run, int tensor);
/* Columns of each part with `elements` vectors. */
uint32_t part_columns(const struct tensor_parts* parts, uint32_t elements);
struct aqpim_pim_shape shape_of(const struct run* run, const struct head_set* set);
bool is_fp16(const struct run* run);
uint32_t tokens_of(const struct run* run);
uint64_t vector_bytes(const struct run* run);
/* Bytes from one KV head's vectors to the next's in gpu_keys and gpu_values. */
uint64_t head_stride(const struct run* run);
/* A KV head's first vector, in the GPU's memory. */
uint64_t vectors_address(const struct run* run, uint32_t layer, int tensor, uint32_t head);
/* Bus address of a column. */
uint64_t column_bus(const struct run* run, uint32_t column);
uint64_t column_bytes(const struct run* run, uint64_t columns);

/* A descriptor's header. Its cookie says what it belongs to, for error messages. */
#define PREFILL_STEP 0xffffffu
struct aqpim_descriptor_header header_of(uint16_t opcode, uint16_t flags, uint32_t step, uint32_t layer);
/* Prints what went wrong; for aqpim_queue's on_error. */
void report_error(struct aqpim_queue* queue, const struct aqpim_descriptor_header* descriptor, unsigned status);

#endif
