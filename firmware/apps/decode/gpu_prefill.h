/* Brings the prompts' keys and values into the cache that the GPU attends to. */
#ifndef AQPIM_APP_GPU_PREFILL_H
#define AQPIM_APP_GPU_PREFILL_H

#include "run.h"

/* While a layer is copied, the next is computed. False after an error on a device. */
bool prefill_gpu_cache(struct run* run);

#endif
