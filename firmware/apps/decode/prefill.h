/* Brings the prompts' keys and values to the PIM memory and has them quantized, or to the GPU's cache. */
#ifndef AQPIM_APP_PREFILL_H
#define AQPIM_APP_PREFILL_H

#include "run.h"

/* While the PIM device clusters a unit, the GPU packs and copies the next. Keys and values of layers that are not in
 * the PIM memory are copied to where they are kept. False after an error on a device. */
bool run_prefill(struct run* run);

/* Seed of an object's clustering: output number `object` of SplitMix64 started with the job's seed. */
uint64_t cluster_seed(uint64_t job_seed, uint32_t object);

#endif
