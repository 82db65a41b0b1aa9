/* What a step's attention takes from the GPU and gives back to it. */
#ifndef AQPIM_APP_EXCHANGE_H
#define AQPIM_APP_EXCHANGE_H

#include "run.h"

/* A layer of a step, and the wave and head set that one command serves. */
struct serving {
    uint32_t step;
    uint32_t layer;
    const struct wave* wave;
    struct head_set set;
};

/* Parts in which a tensor's new vectors wait: one, unless APPEND stores each part by itself. */
struct tensor_parts new_parts(const struct run* run, const struct wave* wave, int tensor);
/* Where a part of the new vectors waits in the PIM memory: fp16 [heads][sequences][dims]. */
uint64_t new_vectors(const struct run* run, const struct serving* serving, int tensor, uint32_t part);
uint64_t query_address(const struct serving* serving);
uint64_t output_address(const struct serving* serving);

/* Copies new keys, new values and queries to the PIM memory; returns the ticket of the last copy. */
uint64_t copy_inputs(struct run* run, const struct serving* serving);
/* Copies the attention's output to the GPU; returns the ticket. */
uint64_t copy_output(struct run* run, const struct serving* serving);

#endif
