/* What the PIM device reads of each sequence and of each object's codes: tables in the PIM memory. */
#ifndef AQPIM_APP_TABLES_H
#define AQPIM_APP_TABLES_H

#include "run.h"

/* Writes the waves' tables for CLUSTER and QUANTIZE, and tells the job of each sequence's wave, windows and codes. */
void write_prefill_tables(struct run* run);

/* Takes pages until each object of this layer and head set has room for the prompt's codes. False, with a message, if
 * there are none. */
bool take_prefill_pages(struct run* run, const struct wave* wave, uint32_t layer, uint32_t set);

/* Before a step: writes the waves' tables for APPEND and ATTEND, takes pages for the codes that it adds, and tells the
 * job how many elements of each sequence then have codes. False, with a message, if there are no pages. */
bool write_step_tables(struct run* run, uint32_t step);

/* An object's codes, as descriptors name them. */
struct aqpim_pim_pages pages_of(const struct aqpim_job_object* object);

/* Gives back all pages. False, with a message, if some are then not free. */
bool free_pages(struct run* run);

#endif
