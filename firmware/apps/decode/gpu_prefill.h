/* Brings the prompts' keys and values into the cache that the GPU attends to. */
#ifndef AQPIM_APP_GPU_PREFILL_H
#define AQPIM_APP_GPU_PREFILL_H

#include "run.h"

/* Has a layer computed; returns the ticket. */
uint64_t submit_gpu_layer(struct run* run, uint32_t layer);
/* Of all layers from `first` on, which has been submitted with this ticket. While a layer is copied, the next is
 * computed. False after an error on a device. */
bool prefill_gpu_layers(struct run* run, uint32_t first, uint64_t computed);

#endif
