/* Units of the prefill: one layer, wave and head set each. Buffers alternate between units, so that while the PIM
 * device works on one, the GPU packs and copies the next. */
#ifndef AQPIM_APP_UNIT_H
#define AQPIM_APP_UNIT_H

#include "run.h"

struct unit {
    uint32_t layer;
    const struct wave* wave;
    struct head_set set;
    unsigned buffer;            /* 0 or 1 */
    unsigned importance_buffer; /* alternates between waves */
};

struct unit first_unit(const struct run* run);
/* Head set by head set, wave by wave, layer by layer, as far as layers are in the PIM memory. False behind the last
 * unit. */
bool next_unit(const struct run* run, struct unit* unit);

/* The GPU's part of a unit: the layer itself, importance weights, images. Returns the ticket of the last of it. */
uint64_t submit_compute(struct run* run, const struct unit* unit);
/* Where the importance weights of a sequence of the unit's wave lie: fp16 [kv_heads][prompt]. */
uint64_t importance_address(const struct run* run, const struct unit* unit, uint32_t sequence);

#endif
