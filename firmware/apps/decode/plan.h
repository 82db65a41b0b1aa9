/* Where everything lies in the PIM memory and in the GPU's scratch memory. */
#ifndef AQPIM_APP_PLAN_H
#define AQPIM_APP_PLAN_H

#include "run.h"

/* Fills in run->plan and the job's table of objects. False, with a message that says what would have fitted, if the PIM
 * memory or the GPU's is too small. */
bool make_plan(struct run* run);

/* The longest prompt, shorter than the job's, whose plan fits into the PIM memory, everything else as asked for; 0 if
 * none does. Overwrites the plan. */
uint32_t longest_prompt(struct run* run);

#endif
