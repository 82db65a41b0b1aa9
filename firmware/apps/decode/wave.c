#include "wave.h"

static uint32_t min(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}
static uint32_t max(uint32_t a, uint32_t b) {
    return a > b ? a : b;
}

static struct aqpim_layout layout_for(const struct run* run, uint32_t sequences) {
    const struct aqpim_job* job = run->job;
    const uint32_t channels = run->memory.channels;
    const uint32_t banks = run->memory.banks_per_channel;
    const uint32_t units = job->kv_heads * sequences;
    const uint32_t group = keeps_whole(run) ? aqpim_fp16_group_channels(channels, units, query_group(run)) * banks
                                            : aqpim_group_banks(channels, banks, units, job->subvectors);
    return aqpim_make_layout(channels, banks, group, job->subvectors, job->head_dim);
}

static void measure(const struct run* run, struct wave* wave) {
    for (uint32_t s = 0; s < wave->sequences; s++) {
        const struct window window = sequence_window(run, wave->first + s);
        wave->image_elements = max(wave->image_elements, window_clustered(&window).count);
        wave->code_elements = max(wave->code_elements, window_code_elements(&window));
        wave->codebooks = max(wave->codebooks, window_codebooks(&window));
        wave->slots = max(wave->slots, window_slots(&window));
    }
}

static struct wave make_wave(const struct run* run, uint32_t index, uint32_t first, uint32_t sequences) {
    struct wave wave = {.index = index, .first = first, .sequences = sequences, .layout = layout_for(run, sequences)};
    wave.heads_per_set = min(run->job->kv_heads, max(1, wave.layout.groups / sequences));
    wave.head_sets = aqpim_ceil_div(run->job->kv_heads, wave.heads_per_set);
    measure(run, &wave);
    return wave;
}

bool make_waves(struct run* run, uint32_t batch, uint32_t longest) {
    run->batch = batch;
    run->longest = longest;
    run->wave_count = 0;
    run->head_sets = 0;
    const uint32_t side_by_side = min(batch, layout_for(run, batch).groups);
    uint32_t head_sets = 0;
    for (uint32_t first = 0; first < batch; first += side_by_side) {
        if (run->wave_count == MOST_WAVES) {
            return false;
        }
        struct wave* wave = &run->waves[run->wave_count];
        *wave = make_wave(run, run->wave_count, first, min(side_by_side, batch - first));
        run->wave_count++;
        run->head_sets = max(run->head_sets, wave->head_sets);
        head_sets += wave->head_sets;
    }
    return head_sets <= MOST_HEAD_SETS && object_count(run) <= MOST_OBJECTS;
}

struct head_set head_set(const struct run* run, const struct wave* wave, uint32_t index) {
    const uint32_t first = index * wave->heads_per_set;
    return (struct head_set){index, first, min(wave->heads_per_set, run->job->kv_heads - first)};
}

struct aqpim_pim_shape shape_of(const struct run* run, const struct wave* wave, const struct head_set* set) {
    const struct aqpim_job* job = run->job;
    return (struct aqpim_pim_shape){.heads = (uint16_t)set->heads,
                                    .head_dim = (uint16_t)job->head_dim,
                                    .subvectors = (uint16_t)job->subvectors,
                                    .centroids = (uint16_t)job->centroids,
                                    .group_banks = wave->layout.banks};
}

struct tensor_parts parts_of(const struct run* run, const struct wave* wave, int tensor) {
    const struct aqpim_job* job = run->job;
    const bool divided = keeps_whole(run) && tensor == VALUE;
    const uint32_t count = divided ? aqpim_fp16_value_blocks(job->head_dim, job->subvectors) : 1;
    struct tensor_parts parts = {.count = count, .dims = job->head_dim / count, .layout = wave->layout};
    parts.layout.subvector_bytes /= count;
    return parts;
}

uint32_t part_columns(const struct tensor_parts* parts, uint32_t elements) {
    return aqpim_vector_columns(&parts->layout, elements);
}

uint32_t uncoded_columns(const struct run* run, const struct wave* wave, int tensor) {
    const struct tensor_parts parts = parts_of(run, wave, tensor);
    return parts.count * part_columns(&parts, wave->slots);
}

uint32_t code_page_count(const struct run* run, const struct wave* wave, uint32_t elements) {
    const uint32_t columns = aqpim_code_columns(&wave->layout, elements, run->job->centroids);
    return aqpim_ceil_div(columns, run->job->page_columns);
}
