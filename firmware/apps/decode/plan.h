/* Where everything lies: which layers' keys and values in which memory, and what is placed in the PIM memory and in the
 * GPU's. */
#ifndef AQPIM_APP_PLAN_H
#define AQPIM_APP_PLAN_H

#include "run.h"

/* Decides which layers are kept where the job asks for it: all, or with AQPIM_JOB_OVERFLOW as many as fit, the others
 * in RAM. Fills in run->plan, run->cache, the waves' addresses and the job's table of objects, and makes the rest of
 * the PIM memory pages. With keys and values in the PIM memory it needs the waves of all sequences. False, with a
 * message that says what would have fitted, if a memory is too small. */
bool make_plan(struct run* run);

/* Whether the first `batch` sequences, with prompts cut to `longest` tokens, fit up to the last step into the memories
 * where keys and values are kept. Overwrites waves, plan, run->cache and run->kept_layers. */
bool plan_fits(struct run* run, uint32_t batch, uint32_t longest);

/* The memory that is too small for what was planned last, its size, what is taken of it, and how much of that are
 * weights. */
struct shortage {
    enum aqpim_memory memory;
    uint64_t bytes;
    uint64_t wanted;
    uint64_t weights;
};
struct shortage shortage_of(const struct run* run);

/* What it takes of the GPU's memory beside keys, values and weights: the job's tensors, and the buffers of the prefill
 * or of the steps. */
uint64_t gpu_buffer_bytes(const struct run* run);

#endif
