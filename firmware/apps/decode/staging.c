#include "staging.h"

#include "wave.h"

/* Takes addresses one behind the other, counted from the area's first byte. */
static uint64_t take(uint64_t* end, uint64_t bytes) {
    const uint64_t first = *end;
    *end = (first + bytes + AQPIM_BURST_BYTES - 1) / AQPIM_BURST_BYTES * AQPIM_BURST_BYTES;
    return first;
}

static uint64_t aligned(uint64_t bytes) {
    uint64_t end = 0;
    take(&end, bytes);
    return end;
}

static uint64_t rows_of_set(const struct wave* wave) {
    return (uint64_t)wave->heads_per_set * wave->sequences;
}

static void plan_wave(const struct run* run, struct wave* wave, uint64_t* end) {
    const uint64_t table = wave->sequences * sizeof(struct aqpim_pim_sequence);
    wave->pim_prefill_table = take(end, table);
    wave->pim_step_table = take(end, table);
    wave->pim_weights_stride = aligned(wave->image_elements * 2ull);
    wave->pim_set_stride = aligned(rows_of_set(wave) * vector_bytes(run));
    wave->pim_query_stride = aligned(rows_of_set(wave) * query_group(run) * vector_bytes(run));
    for (int tensor = KEY; tensor < TENSORS; tensor++) {
        wave->pim_new[tensor] = take(end, wave->head_sets * wave->pim_set_stride);
    }
    wave->pim_query = take(end, wave->head_sets * wave->pim_query_stride);
    wave->pim_output = take(end, wave->head_sets * wave->pim_query_stride);
}

static void move_wave(struct wave* wave, uint64_t base) {
    wave->pim_prefill_table += base;
    wave->pim_step_table += base;
    for (int tensor = KEY; tensor < TENSORS; tensor++) {
        wave->pim_new[tensor] += base;
    }
    wave->pim_query += base;
    wave->pim_output += base;
}

/* Each page may be an extent of its own. */
static uint64_t extents_bytes(const struct run* run, const struct wave* wave) {
    const uint64_t most = keeps_whole(run) ? 0 : code_page_count(run, wave, wave->code_elements);
    return aligned(most * sizeof(struct aqpim_pim_extent));
}

static uint64_t all_extents_bytes(const struct run* run) {
    uint64_t bytes = 0;
    for (uint32_t w = 0; w < run->wave_count; w++) {
        const struct wave* wave = &run->waves[w];
        bytes += run->kept_layers * TENSORS * wave->head_sets * extents_bytes(run, wave);
    }
    return bytes;
}

static void place_extents(struct run* run, const struct wave* wave, uint64_t* at) {
    const uint64_t bytes = extents_bytes(run, wave);
    for (uint32_t index = 0; index < run->kept_layers * TENSORS * wave->head_sets; index++) {
        const uint32_t row = index / wave->head_sets;
        object_of(run, wave, row / TENSORS, row % TENSORS, index % wave->head_sets)->codes = *at;
        *at += bytes;
    }
}

static uint64_t widest_weights(const struct run* run) {
    uint64_t most = 0;
    for (uint32_t w = 0; run->job->prefill_query_rows > 0 && w < run->wave_count; w++) {
        const struct wave* wave = &run->waves[w];
        const uint64_t bytes = rows_of_set(wave) * wave->pim_weights_stride;
        most = bytes > most ? bytes : most;
    }
    return most;
}

void plan_staging(struct run* run, bool write) {
    uint64_t end = 0;
    for (uint32_t w = 0; w < run->wave_count; w++) {
        plan_wave(run, &run->waves[w], &end);
    }
    uint64_t extents = take(&end, all_extents_bytes(run));
    for (int i = 0; i < 2; i++) {
        run->plan.pim_weights[i] = take(&end, widest_weights(run));
    }
    const uint64_t set_bytes = run->memory.column_set_bytes;
    const uint64_t columns = (end + set_bytes - 1) / set_bytes;
    const uint64_t base = column_bytes(run, aqpim_pim_allocate(&run->memory, AQPIM_PIM_WORK, columns));
    extents += base;
    for (int i = 0; i < 2; i++) {
        run->plan.pim_weights[i] += base;
    }
    for (uint32_t w = 0; w < run->wave_count; w++) {
        move_wave(&run->waves[w], base);
        if (write) {
            place_extents(run, &run->waves[w], &extents);
        }
    }
}
