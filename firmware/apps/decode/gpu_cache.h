/* Where the keys and values lie that the GPU attends to: layers in its memory, and layers in RAM with staging buffers
 * in the GPU's memory. */
#ifndef AQPIM_APP_GPU_CACHE_H
#define AQPIM_APP_GPU_CACHE_H

#include "run.h"

/* That there is a table for. */
#define MOST_SEQUENCES 4096u

/* Fills in run->cache for what is planned for (run->batch, longest and kept_layers), with room for all steps' tokens.
 * Without layers that the GPU attends to it takes nothing. Staging buffers share their place with the buffers of the
 * prefill, which is then over. */
void plan_cache(struct run* run);

/* Of a sequence before it attends in this step, without the step's own. */
uint32_t cached_tokens(const struct run* run, uint32_t sequence, uint32_t step);

/* Layers in RAM before this one, which is in RAM too. */
uint32_t ram_index(const struct run* run, uint32_t layer);
/* First vector of a sequence in a layer of the cache; KV head by KV head follows, then the values. */
uint64_t cache_address(const struct run* run, uint32_t layer, int tensor, uint32_t sequence);
/* The same where the attention of a step reads it. */
uint64_t attended_address(const struct run* run, uint32_t step, uint32_t layer, int tensor, uint32_t sequence);

#endif
