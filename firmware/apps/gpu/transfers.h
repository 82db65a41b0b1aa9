/* Checks that move data between RAM and the memories of one or two GPUs, and compare. Each returns null, or what was
 * not as it should be. */
#ifndef AQPIM_APPS_GPU_TRANSFERS_H
#define AQPIM_APPS_GPU_TRANSFERS_H

#include "aqpim/sdk/gpu.h"

/* Queue 0 of a GPU's copy engines: submits with an interrupt, and sleeps until it is done. */
bool do_copy(struct aqpim_gpu* gpu, void* descriptor);

const char* rows_with_strides(struct aqpim_gpu* gpu);
const char* fill_with_a_pattern(struct aqpim_gpu* gpu);
const char* scatter_and_gather(struct aqpim_gpu* gpu);
const char* peer_to_peer(struct aqpim_gpu* to, struct aqpim_gpu* from);

#endif
