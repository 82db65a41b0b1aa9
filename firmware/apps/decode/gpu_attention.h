/* Attention on the GPU: each step's keys and values are appended to the cache, and the GPU attends to the cache itself,
 * or to a copy of a layer of it that its copy engine fetches from RAM. */
#ifndef AQPIM_APP_GPU_ATTENTION_H
#define AQPIM_APP_GPU_ATTENTION_H

#include "run.h"

/* Events of the GPU that this uses, from the first on. They must be 0 at the start. */
#define GPU_ATTENTION_EVENTS 2u

/* A layer's attention, which starts when this layer's projections are done. Returns when its inputs are in place; its
 * output is there for what follows in the compute queue. Of layers in RAM, with AQPIM_JOB_PREFETCH the next one's
 * cache, of this step or the next, is fetched meanwhile; without it, a layer's is fetched between its projections and
 * its attention.
 * `projected` is the projections' ticket, with an interrupt. False after an error on a device. */
bool attend_on_gpu(struct run* run, uint32_t step, uint32_t layer, uint64_t projected);

#endif
