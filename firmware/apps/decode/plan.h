/* Where everything lies in the PIM memory and in the GPU's scratch memory. */
#ifndef AQPIM_APP_PLAN_H
#define AQPIM_APP_PLAN_H

#include "run.h"

/* Fills in run->plan, the waves' addresses and the job's table of objects, and makes the rest of the PIM memory pages.
 * False, with a message that says what would have fitted, if the PIM memory or the GPU's is too small. */
bool make_plan(struct run* run);

/* Whether the first `batch` sequences, with prompts cut to `longest` tokens, fit up to the last step into the memory
 * where keys and values are kept. Overwrites waves and plan, or run->cache. */
bool plan_fits(struct run* run, uint32_t batch, uint32_t longest);

/* Columns of the PIM memory that what was planned last takes in the end. */
uint64_t planned_columns(const struct run* run);

#endif
