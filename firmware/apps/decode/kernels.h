/* What the model's own layers cost the GPU. Weights and activations are fp16; each weight is read once per kernel. */
#ifndef AQPIM_APP_KERNELS_H
#define AQPIM_APP_KERNELS_H

#include "run.h"

/* Each puts one kernel into the compute queue and returns its ticket; submit_ also rings the doorbell. */
/* Projections, attention and feed-forward network of a layer, over a sequence's whole prompt. */
uint64_t put_prefill_kernel(struct run* run, uint32_t sequence, uint32_t layer, uint16_t flags);
/* For one token of each sequence: projections to query, key and value. */
uint64_t submit_qkv_kernel(struct run* run, uint32_t step, uint32_t layer, uint16_t flags);
/* For one token of each sequence: output projection and feed-forward network. */
uint64_t put_ffn_kernel(struct run* run, uint32_t step, uint32_t layer, uint16_t flags);
/* For one token of each sequence: projection to the vocabulary. */
uint64_t put_vocabulary_kernel(struct run* run, uint32_t step, uint16_t flags);

#endif
