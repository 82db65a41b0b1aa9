/* Where keys and values lie when attention is computed on the GPU: all in its memory, or in RAM with staging buffers
 * of a layer in the GPU's. */
#ifndef AQPIM_APP_GPU_CACHE_H
#define AQPIM_APP_GPU_CACHE_H

#include "run.h"

/* That there is a table for. */
#define MOST_SEQUENCES 4096u

/* Fills in run->cache. False, with a message that says what would have fitted, if a memory is too small. */
bool place_cache(struct run* run);

/* Whether the first `batch` sequences, with prompts cut to `longest` tokens, fit with all steps' tokens into the GPU's
 * memory and the RAM for the cache. Overwrites run->cache. */
bool cache_fits(struct run* run, uint32_t batch, uint32_t longest);

/* The memory that is too small for what was placed last: its name, its size, and what is taken of it. */
struct shortage {
    const char* memory;
    uint64_t bytes;
    uint64_t wanted;
};
struct shortage cache_shortage(const struct run* run);

/* The cache is in RAM. */
bool cache_in_ram(const struct run* run);
/* Of a sequence before it attends in this step, without the step's own. */
uint32_t cached_tokens(const struct run* run, uint32_t sequence, uint32_t step);

/* First vector of a sequence in a layer of the cache; KV head by KV head follows, then the values. */
uint64_t cache_address(const struct run* run, uint32_t layer, int tensor, uint32_t sequence);
/* The same where the attention reads it: `turn` numbers the layers of all steps. */
uint64_t attended_address(const struct run* run, uint64_t turn, int tensor, uint32_t sequence);

#endif
