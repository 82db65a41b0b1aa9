#include "prefill.h"

#include "aqpim/gpu.h"
#include "aqpim/sdk/trace.h"
#include "kernels.h"

/* One layer and head set. Buffers alternate between units. */
struct unit {
    uint32_t layer;
    struct head_set set;
    unsigned buffer;            /* 0 or 1 */
    unsigned importance_buffer; /* alternates between layers */
};

/* Clusterings whose input buffers are still being read. */
struct in_flight {
    bool valid;
    uint64_t cluster[TENSORS]; /* tickets */
};

static struct unit unit_at(const struct run* run, uint32_t index) {
    const uint32_t layer = index / run->head_sets;
    return (struct unit){layer, head_set(run, index % run->head_sets), index % 2, layer % 2};
}

/* SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014). */
uint64_t cluster_seed(uint64_t job_seed, uint32_t object) {
    uint64_t z = job_seed + (object + 1ull) * 0x9e3779b97f4a7c15ull;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}

static void put_importance(struct run* run, const struct unit* unit) {
    const struct aqpim_job* job = run->job;
    const uint64_t layer_queries = job->heads * vector_bytes(run);
    const struct aqpim_gpu_importance importance = {
        .header = header_of(AQPIM_GPU_IMPORTANCE, 0, PREFILL_STEP, unit->layer),
        .keys = vectors_address(run, unit->layer, KEY, 0),
        .keys_head_stride = head_stride(run),
        .queries = job->gpu_prefill_queries + unit->layer * layer_queries,
        .queries_stride = job->layers * layer_queries,
        .target = run->plan.gpu_importance[unit->importance_buffer],
        .tokens = job->prompt,
        .query_rows = job->prefill_query_rows,
        .heads = (uint16_t)job->heads,
        .kv_heads = (uint16_t)job->kv_heads,
        .head_dim = (uint16_t)job->head_dim,
    };
    aqpim_queue_put(&run->compute, &importance);
}

/* Tokens to be packed into an image from element `target_first` on, one part behind the other. */
struct packing {
    struct token_range tokens;
    uint64_t image;
    uint32_t target_first;
    uint32_t elements; /* that the image has room for */
};

static void put_part(struct run* run, const struct unit* unit, int tensor, const struct packing* packing,
                     uint32_t part) {
    const struct tensor_parts parts = parts_of(run, tensor);
    const struct aqpim_gpu_pack pack = {
        .header = header_of(AQPIM_GPU_PACK, 0, PREFILL_STEP, unit->layer),
        .source = vectors_address(run, unit->layer, tensor, unit->set.first) +
                  packing->tokens.first * vector_bytes(run) + part * parts.dims * 2ull,
        .source_head_stride = head_stride(run),
        .source_stride = vector_bytes(run),
        .target = packing->image + column_bytes(run, part * part_columns(&parts, packing->elements)),
        .vectors = packing->tokens.count,
        .target_first = packing->target_first,
        .heads = (uint16_t)unit->set.heads,
        .head_dim = (uint16_t)parts.dims,
        .subvectors = (uint16_t)run->job->subvectors,
        .channels = (uint16_t)run->memory.channels,
        .banks_per_channel = (uint16_t)run->memory.banks_per_channel,
        .group_channels = (uint16_t)run->layout.group_channels,
    };
    aqpim_queue_put(&run->compute, &pack);
}

static void put_pack(struct run* run, const struct unit* unit, int tensor, const struct packing* packing) {
    for (uint32_t part = 0; packing->tokens.count > 0 && part < parts_of(run, tensor).count; part++) {
        put_part(run, unit, tensor, packing, part);
    }
}

/* The GPU's part of a unit: the layer itself, importance weights, images. Returns the ticket of the last of it. */
static uint64_t submit_compute(struct run* run, const struct unit* unit) {
    const struct window* window = &run->window;
    if (unit->set.index == 0) {
        put_prefill_kernel(run, unit->layer, 0);
        if (run->job->prefill_query_rows > 0) {
            put_importance(run, unit);
        }
    }
    for (int tensor = KEY; tensor < TENSORS; tensor++) {
        const uint64_t image = run->plan.gpu_image[unit->buffer][tensor];
        const uint64_t uncoded = run->plan.gpu_uncoded[unit->buffer][tensor];
        const uint32_t slots = window_slots(window);
        const struct packing packings[] = {{window_clustered(window), image, 0, window_clustered(window).count},
                                           {window_prompt_sinks(window), uncoded, 0, slots},
                                           {window_prompt_recent(window), uncoded, window->sinks, slots}};
        for (unsigned i = 0; i < sizeof packings / sizeof *packings; i++) {
            put_pack(run, unit, tensor, &packings[i]);
        }
    }
    const struct aqpim_gpu_kernel end = {.header =
                                             header_of(AQPIM_GPU_NOP, AQPIM_FLAG_INTERRUPT, PREFILL_STEP, unit->layer)};
    return aqpim_queue_submit(&run->compute, &end);
}

static uint64_t copy_columns(struct run* run, const struct unit* unit, uint64_t source, uint32_t column,
                             uint32_t columns, uint16_t flags) {
    const struct aqpim_gpu_copy copy = {
        .header = header_of(AQPIM_GPU_COPY, flags | AQPIM_GPU_FLAG_TARGET_BUS, PREFILL_STEP, unit->layer),
        .source = source,
        .target = column_bus(run, column),
        .row_bytes = column_bytes(run, columns),
        .rows = 1,
    };
    return aqpim_queue_submit(&run->copy, &copy);
}

static void copy_weights(struct run* run, const struct unit* unit) {
    const struct token_range clustered = window_clustered(&run->window);
    const uint64_t row_bytes = run->job->prompt * 2ull;
    const struct aqpim_gpu_copy copy = {
        .header = header_of(AQPIM_GPU_COPY, AQPIM_GPU_FLAG_TARGET_BUS, PREFILL_STEP, unit->layer),
        .source =
            run->plan.gpu_importance[unit->importance_buffer] + unit->set.first * row_bytes + clustered.first * 2ull,
        .target = run->pim_bus + run->plan.pim_weights[unit->buffer],
        .row_bytes = clustered.count * 2ull,
        .rows = unit->set.heads,
        .source_stride = row_bytes,
        .target_stride = run->plan.pim_weights_stride,
    };
    aqpim_queue_put(&run->copy, &copy);
}

static uint64_t submit_cluster(struct run* run, const struct unit* unit, int tensor) {
    const struct aqpim_job* job = run->job;
    const struct aqpim_job_object* object = object_of(run, unit->layer, tensor, unit->set.index);
    const uint16_t weighted = job->prefill_query_rows > 0 ? AQPIM_PIM_FLAG_WEIGHTED : 0;
    const struct aqpim_pim_cluster cluster = {
        .header = header_of(AQPIM_PIM_CLUSTER, weighted | AQPIM_FLAG_INTERRUPT, PREFILL_STEP, unit->layer),
        .shape = shape_of(run, &unit->set),
        .elements = window_clustered(&run->window).count,
        .iterations = job->iterations,
        .column_image = run->plan.column_image[tensor],
        .column_codebook = object->column_codebook,
        .column_codes = object->column_codes,
        .column_scratch = run->plan.column_scratch,
        .weights = run->plan.pim_weights[unit->buffer],
        .weights_stride = run->plan.pim_weights_stride,
        .seed = cluster_seed(job->seed, object_index(run, unit->layer, tensor, unit->set.index)),
    };
    return aqpim_queue_submit(&run->pim, &cluster);
}

/* Sinks and recent tokens go straight to where they stay. Returns the ticket of the last copy. */
static uint64_t copy_uncoded(struct run* run, const struct unit* unit) {
    uint64_t copied = 0;
    for (int tensor = KEY; tensor < TENSORS; tensor++) {
        const struct tensor_parts parts = parts_of(run, tensor);
        const uint32_t columns = parts.count * part_columns(&parts, window_slots(&run->window));
        const uint64_t source = run->plan.gpu_uncoded[unit->buffer][tensor];
        const uint32_t column = object_of(run, unit->layer, tensor, unit->set.index)->column_uncoded;
        copied = copy_columns(run, unit, source, column, columns, tensor == VALUE ? AQPIM_FLAG_INTERRUPT : 0);
    }
    return copied;
}

/* Copies a tensor's image into its prefill buffer, once the clustering before has read it, and clusters it. */
static bool copy_and_cluster(struct run* run, const struct unit* unit, int tensor, struct in_flight* in_flight) {
    if (in_flight->valid && !aqpim_queue_wait(&run->pim, in_flight->cluster[tensor])) {
        return false;
    }
    if (tensor == KEY && run->job->prefill_query_rows > 0) {
        copy_weights(run, unit);
    }
    const uint32_t columns = aqpim_vector_columns(&run->layout, window_clustered(&run->window).count);
    const uint64_t source = run->plan.gpu_image[unit->buffer][tensor];
    const uint64_t copied =
        copy_columns(run, unit, source, run->plan.column_image[tensor], columns, AQPIM_FLAG_INTERRUPT);
    if (!aqpim_queue_wait(&run->copy, copied)) {
        return false;
    }
    in_flight->cluster[tensor] = submit_cluster(run, unit, tensor);
    return true;
}

static bool move_unit(struct run* run, const struct unit* unit, struct in_flight* in_flight) {
    const bool clusters = window_clustered(&run->window).count > 0;
    const bool has_slots = window_slots(&run->window) > 0;
    const uint64_t uncoded = has_slots ? copy_uncoded(run, unit) : 0;
    for (int tensor = KEY; tensor < TENSORS; tensor++) {
        if (clusters && !copy_and_cluster(run, unit, tensor, in_flight)) {
            return false;
        }
        object_of(run, unit->layer, tensor, unit->set.index)->coded = window_coded(&run->window).count;
    }
    in_flight->valid = clusters;
    return !has_slots || aqpim_queue_wait(&run->copy, uncoded);
}

static bool run_units(struct run* run) {
    const uint32_t units = run->job->layers * run->head_sets;
    struct in_flight in_flight = {.valid = false};
    struct unit unit = unit_at(run, 0);
    uint64_t computed = submit_compute(run, &unit);
    for (uint32_t index = 0; index < units; index++) {
        unit = unit_at(run, index);
        if (unit.set.index == 0) {
            aqpim_trace_begin(AQPIM_PHASE_LAYER, unit.layer);
        }
        if (!aqpim_queue_wait(&run->compute, computed)) {
            return false;
        }
        if (index + 1 < units) {
            const struct unit next = unit_at(run, index + 1);
            computed = submit_compute(run, &next);
        }
        if (!move_unit(run, &unit, &in_flight)) {
            return false;
        }
        if (unit.set.index + 1 == run->head_sets) {
            run->job->result.layers_quantized++;
            aqpim_trace_end(AQPIM_PHASE_LAYER);
        }
    }
    return !in_flight.valid || aqpim_queue_wait(&run->pim, in_flight.cluster[VALUE]);
}

bool run_prefill(struct run* run) {
    aqpim_trace_begin(AQPIM_PHASE_PREFILL, 0);
    const bool done = run_units(run);
    aqpim_trace_end(AQPIM_PHASE_PREFILL);
    return done;
}
