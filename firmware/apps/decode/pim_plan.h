/* Where everything lies in the PIM memory, and in the GPU's what is on its way there in the prefill. */
#ifndef AQPIM_APP_PIM_PLAN_H
#define AQPIM_APP_PIM_PLAN_H

#include "run.h"

/* Fills in run->plan and the waves' addresses for the kept layers of the waves that there are; with `write`, also the
 * job's table of objects. */
void plan_pim(struct run* run, bool write);

/* Whether the PIM memory, and the table of its pages, hold what was planned last. */
bool pim_memory_suffices(const struct run* run);
/* False, with a message, if it is the table that is too small for the pages. */
bool codes_fit_table(const struct run* run);

/* Makes what is left of the PIM memory pages, of which no object has any yet. */
void open_pages(struct run* run);

/* Columns of the PIM memory that what was planned last takes in the end. */
uint64_t planned_columns(const struct run* run);
/* What that has to work with, beside keys, values and weights. */
uint64_t pim_buffer_bytes(const struct run* run);

#endif
