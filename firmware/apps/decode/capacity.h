/* What the job takes of the memory for keys and values, and what would fit. */
#ifndef AQPIM_APP_CAPACITY_H
#define AQPIM_APP_CAPACITY_H

#include "run.h"

/* The most tokens, fewer than the longest prompt has, to which all prompts could be cut so that they fit into the
 * memory, everything else as asked for; 0 if there is no such number. Overwrites waves and plan. */
uint32_t longest_prompt(struct run* run);

/* How many of the batch's sequences, from the first on and fewer than all, would fit. Overwrites waves and plan. */
uint32_t largest_batch(struct run* run);

/* Says that the plan does not fit, and what would; fills in result.tokens_that_fit. Overwrites waves and plan. */
void report_capacity(struct run* run);

/* Of all sequences at the end of the job, as fp16; what they store where the job asks for it, in the PIM memory as
 * aqpim/sdk/pim_memory.h counts it; and what overflows from there into RAM. */
uint64_t kv_bytes_fp16(const struct run* run);
uint64_t kv_bytes_stored(const struct run* run);
uint64_t kv_bytes_spilled(const struct run* run);

#endif
