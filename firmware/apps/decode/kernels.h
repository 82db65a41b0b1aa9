/* The model's own layers as commands to the GPU, made from the job's shape. Without `hidden` there are none; without
 * `ffn` no feed-forward network. */
#ifndef AQPIM_APP_KERNELS_H
#define AQPIM_APP_KERNELS_H

#include "run.h"

/* Tokens that go through a layer together, and what their commands' cookies say. */
struct pass {
    uint32_t tokens;
    uint32_t step; /* or PREFILL_STEP */
    uint32_t layer;
};

/* One token of each sequence. */
struct pass step_pass(const struct run* run, uint32_t step, uint32_t layer);

/* Each puts commands into the compute queue, of which the last has `flags`, and returns its ticket. Where there is
 * nothing to do, something completes all the same. */
/* Norm, and projections to query, key and value. */
uint64_t put_projections(struct run* run, const struct pass* pass, uint16_t flags);
/* Output projection, norm, and feed-forward network. */
uint64_t put_feed_forward(struct run* run, const struct pass* pass, uint16_t flags);
/* Norm, and projection to the vocabulary; needs job->vocab. */
uint64_t put_vocabulary(struct run* run, const struct pass* pass, uint16_t flags);
/* A sequence's whole prompt through a layer, its own attention included. Behind the last sequence's last layer, each
 * prompt's last token is projected to the vocabulary. */
void put_prefill_layer(struct run* run, uint32_t sequence, uint32_t layer);
/* Completes, with an interrupt, when all before it has. Rings the doorbell. */
uint64_t submit_end(struct run* run, const struct pass* pass);

#endif
