#include "unit.h"

#include "aqpim/gpu.h"
#include "kernels.h"
#include "wave.h"

struct unit first_unit(const struct run* run) {
    return (struct unit){.wave = &run->waves[0], .set = head_set(run, &run->waves[0], 0)};
}

bool next_unit(const struct run* run, struct unit* unit) {
    unit->buffer ^= 1;
    if (unit->set.index + 1 < unit->wave->head_sets) {
        unit->set = head_set(run, unit->wave, unit->set.index + 1);
        return true;
    }
    unit->importance_buffer ^= 1;
    const bool last_wave = unit->wave->index + 1 == run->wave_count;
    unit->wave = last_wave ? &run->waves[0] : unit->wave + 1;
    unit->layer += last_wave ? 1 : 0;
    unit->set = head_set(run, unit->wave, 0);
    return unit->layer < run->kept_layers;
}

uint64_t importance_address(const struct run* run, const struct unit* unit, uint32_t sequence) {
    uint64_t before = 0; /* tokens */
    for (uint32_t b = unit->wave->first; b < sequence; b++) {
        before += run->sequences[b].prompt;
    }
    return run->plan.gpu_importance[unit->importance_buffer] + run->job->kv_heads * before * 2;
}

/* The rows of queries end with the prompt's last token: a short prompt has no more rows than tokens. */
static void put_importance(struct run* run, const struct unit* unit, uint32_t sequence) {
    const struct aqpim_job* job = run->job;
    const uint64_t layer_queries = job->heads * vector_bytes(run);
    const uint32_t prompt = run->sequences[sequence].prompt;
    const uint32_t missing = job->prefill_query_rows > prompt ? job->prefill_query_rows - prompt : 0;
    const struct aqpim_gpu_importance importance = {
        .header = header_of(AQPIM_GPU_IMPORTANCE, 0, PREFILL_STEP, unit->layer),
        .keys = vectors_address(run, sequence, unit->layer, KEY, 0),
        .keys_head_stride = job->head_stride,
        .queries = job->gpu_prefill_queries + sequence * job->prefill_sequence_stride +
                   (missing * job->layers + unit->layer) * layer_queries,
        .queries_stride = job->layers * layer_queries,
        .target = importance_address(run, unit, sequence),
        .tokens = prompt,
        .query_rows = job->prefill_query_rows - missing,
        .heads = (uint16_t)job->heads,
        .kv_heads = (uint16_t)job->kv_heads,
        .head_dim = (uint16_t)job->head_dim,
        .format = (job->flags & AQPIM_JOB_BF16) != 0 ? AQPIM_GPU_BF16 : AQPIM_GPU_FP16,
    };
    aqpim_queue_put(&run->compute, &importance);
}

/* Vectors to be packed into an image from element `target_first` on, one part behind the other. */
struct packing {
    uint64_t source; /* of the unit's first head */
    uint64_t source_head_stride;
    uint32_t vectors;
    uint64_t image;
    uint32_t target_first;
    uint32_t elements; /* that the image has room for */
    struct tensor_parts parts;
};

static void put_part(struct run* run, const struct unit* unit, uint32_t sequence, const struct packing* packing,
                     uint32_t part) {
    const struct tensor_parts* parts = &packing->parts;
    const struct aqpim_gpu_pack pack = {
        .header = header_of(AQPIM_GPU_PACK, 0, PREFILL_STEP, unit->layer),
        .source = packing->source + part * parts->dims * 2ull,
        .source_head_stride = packing->source_head_stride,
        .source_stride = vector_bytes(run),
        .target = packing->image + column_bytes(run, part * part_columns(parts, packing->elements)),
        .vectors = packing->vectors,
        .target_first = packing->target_first,
        .heads = (uint16_t)unit->set.heads,
        .head_dim = (uint16_t)parts->dims,
        .subvectors = (uint16_t)run->job->subvectors,
        .channels = (uint16_t)run->memory.channels,
        .banks_per_channel = (uint16_t)run->memory.banks_per_channel,
        .first_group = (uint16_t)(sequence - unit->wave->first),
        .group_stride = (uint16_t)unit->wave->sequences,
        .group_banks = unit->wave->layout.banks,
    };
    aqpim_queue_put(&run->compute, &pack);
}

static void put_pack(struct run* run, const struct unit* unit, uint32_t sequence, const struct packing* packing) {
    for (uint32_t part = 0; packing->vectors > 0 && part < packing->parts.count; part++) {
        put_part(run, unit, sequence, packing, part);
    }
}

/* Tokens of a sequence's prompt. */
static void pack_tokens(struct run* run, const struct unit* unit, uint32_t sequence, int tensor,
                        struct token_range tokens, struct packing packing) {
    packing.source =
        vectors_address(run, sequence, unit->layer, tensor, unit->set.first) + tokens.first * vector_bytes(run);
    packing.source_head_stride = run->job->head_stride;
    packing.vectors = tokens.count;
    put_pack(run, unit, sequence, &packing);
}

static struct tensor_parts undivided(const struct run* run, const struct unit* unit) {
    return (struct tensor_parts){.count = 1, .dims = run->job->head_dim, .layout = unit->wave->layout};
}

static void pack_initial(struct run* run, const struct unit* unit, uint32_t sequence, int tensor) {
    const struct aqpim_job* job = run->job;
    const struct packing packing = {
        .source = job->gpu_codebooks[tensor] + unit->layer * job->codebook_layer_stride +
                  unit->set.first * job->codebook_head_stride,
        .source_head_stride = job->codebook_head_stride,
        .vectors = job->centroids,
        .image = run->plan.gpu_initial[unit->buffer][tensor],
        .elements = job->centroids,
        .parts = undivided(run, unit),
    };
    put_pack(run, unit, sequence, &packing);
}

static void pack_tensor(struct run* run, const struct unit* unit, uint32_t sequence, int tensor) {
    const struct window window = sequence_window(run, sequence);
    const struct packing image = {
        .image = run->plan.gpu_image[unit->buffer][tensor],
        .elements = unit->wave->image_elements,
        .parts = undivided(run, unit),
    };
    struct packing uncoded = {
        .image = run->plan.gpu_uncoded[unit->buffer][tensor],
        .elements = unit->wave->slots,
        .parts = parts_of(run, unit->wave, tensor),
    };
    pack_tokens(run, unit, sequence, tensor, window_clustered(&window), image);
    pack_tokens(run, unit, sequence, tensor, window_prompt_sinks(&window), uncoded);
    uncoded.target_first = window.sinks;
    pack_tokens(run, unit, sequence, tensor, window_prompt_recent(&window), uncoded);
    if (gives_codebooks(run) && unit->wave->codebooks > 0) {
        pack_initial(run, unit, sequence, tensor);
    }
}

uint64_t submit_compute(struct run* run, const struct unit* unit) {
    for (uint32_t s = 0; s < unit->wave->sequences; s++) {
        const uint32_t sequence = unit->wave->first + s;
        if (unit->set.index == 0) {
            put_prefill_layer(run, sequence, unit->layer);
        }
        if (unit->set.index == 0 && run->job->prefill_query_rows > 0) {
            put_importance(run, unit, sequence);
        }
        for (int tensor = KEY; tensor < TENSORS; tensor++) {
            pack_tensor(run, unit, sequence, tensor);
        }
    }
    const struct pass pass = {.step = PREFILL_STEP, .layer = unit->layer};
    return submit_end(run, &pass);
}
