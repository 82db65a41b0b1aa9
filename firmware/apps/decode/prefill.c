#include "prefill.h"

#include "aqpim/gpu.h"
#include "aqpim/sdk/trace.h"
#include "gpu_prefill.h"
#include "tables.h"
#include "unit.h"
#include "wave.h"

/* Commands whose input buffers are still being read. */
struct in_flight {
    bool valid[TENSORS];
    uint64_t ticket[TENSORS];
};

/* SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014). */
uint64_t cluster_seed(uint64_t job_seed, uint32_t object) {
    uint64_t z = job_seed + (object + 1ull) * 0x9e3779b97f4a7c15ull;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
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

/* A sequence's rows of [heads][sequences]. */
static void copy_weights(struct run* run, const struct unit* unit, uint32_t s) {
    const struct wave* wave = unit->wave;
    const uint32_t sequence = wave->first + s;
    const struct window window = sequence_window(run, sequence);
    const struct token_range clustered = window_clustered(&window);
    const uint64_t source_stride = window.prompt * 2ull;
    const struct aqpim_gpu_copy copy = {
        .header = header_of(AQPIM_GPU_COPY, AQPIM_GPU_FLAG_TARGET_BUS, PREFILL_STEP, unit->layer),
        .source = importance_address(run, unit, sequence) + unit->set.first * source_stride + clustered.first * 2ull,
        .target = run->pim_bus + run->plan.pim_weights[unit->buffer] + s * wave->pim_weights_stride,
        .row_bytes = clustered.count * 2ull,
        .rows = unit->set.heads,
        .source_stride = source_stride,
        .target_stride = wave->sequences * wave->pim_weights_stride,
    };
    if (clustered.count > 0) {
        aqpim_queue_put(&run->copy, &copy);
    }
}

/* What the job asks of every clustering. */
static uint16_t cluster_flags(const struct aqpim_job* job) {
    const uint16_t weighted = job->prefill_query_rows > 0 ? AQPIM_PIM_FLAG_WEIGHTED : 0;
    const uint16_t farthest = (job->flags & AQPIM_JOB_FARTHEST) != 0 ? AQPIM_PIM_FLAG_FARTHEST : 0;
    const uint16_t highest = (job->flags & AQPIM_JOB_HIGHEST) != 0 ? AQPIM_PIM_FLAG_HIGHEST : 0;
    return weighted | farthest | highest | AQPIM_FLAG_INTERRUPT;
}

/* The elements of one codebook window, whose initial centroids are those of the window before. */
static uint64_t submit_window(struct run* run, struct aqpim_pim_cluster cluster, const struct wave* wave,
                              uint32_t index) {
    const uint32_t columns = aqpim_codebook_columns(&wave->layout, run->job->centroids);
    const uint32_t each = window_elements(run) > 0 ? window_elements(run) : wave->image_elements;
    const uint32_t left = wave->image_elements - index * each;
    cluster.first = index * each;
    cluster.elements = left < each ? left : each;
    if (index > 0) {
        cluster.initial = AQPIM_INITIAL_CODEBOOK;
        cluster.column_initial = cluster.column_codebook + (index - 1) * columns;
    }
    cluster.column_codebook += index * columns;
    return aqpim_queue_submit(&run->pim, &cluster);
}

static uint64_t submit_cluster(struct run* run, const struct unit* unit, int tensor) {
    const struct aqpim_job* job = run->job;
    const struct wave* wave = unit->wave;
    const struct aqpim_job_object* object = object_of(run, wave, unit->layer, tensor, unit->set.index);
    const struct aqpim_pim_cluster cluster = {
        .header = header_of(AQPIM_PIM_CLUSTER, cluster_flags(job), PREFILL_STEP, unit->layer),
        .shape = shape_of(run, wave, &unit->set),
        .sequences = (uint16_t)wave->sequences,
        .initial = (uint16_t)job->initial,
        .iterations = job->iterations,
        .column_image = run->plan.column_image[tensor],
        .column_codebook = object->column_codebook,
        .column_initial = run->plan.column_initial[tensor],
        .column_scratch = run->plan.column_scratch,
        .table = wave->pim_prefill_table,
        .codes = pages_of(object),
        .weights = run->plan.pim_weights[unit->buffer],
        .weights_stride = wave->pim_weights_stride,
        .seed = cluster_seed(job->seed, object_index(run, wave, unit->layer, tensor, unit->set.index)),
    };
    uint64_t ticket = 0;
    for (uint32_t index = 0; index < wave->codebooks; index++) {
        ticket = submit_window(run, cluster, wave, index);
    }
    return ticket;
}

static uint64_t submit_quantize(struct run* run, const struct unit* unit, int tensor) {
    const struct wave* wave = unit->wave;
    const struct aqpim_job_object* object = object_of(run, wave, unit->layer, tensor, unit->set.index);
    const uint16_t per_token = tensor == VALUE ? AQPIM_PIM_FLAG_PER_TOKEN : 0;
    const struct aqpim_pim_quantize quantize = {
        .header = header_of(AQPIM_PIM_QUANTIZE, per_token | AQPIM_FLAG_INTERRUPT, PREFILL_STEP, unit->layer),
        .shape = shape_of(run, wave, &unit->set),
        .sequences = wave->sequences,
        .table = wave->pim_prefill_table,
        .column_image = run->plan.column_image[tensor],
        .column_codes = object->column_codes,
        .column_parameters = object->column_codebook,
    };
    return aqpim_queue_submit(&run->pim, &quantize);
}

/* Sinks and recent tokens go straight to where they stay. Returns the ticket of the last copy. */
static uint64_t copy_uncoded(struct run* run, const struct unit* unit) {
    uint64_t copied = 0;
    for (int tensor = KEY; tensor < TENSORS; tensor++) {
        const uint32_t columns = uncoded_columns(run, unit->wave, tensor);
        const uint64_t source = run->plan.gpu_uncoded[unit->buffer][tensor];
        const uint32_t column = object_of(run, unit->wave, unit->layer, tensor, unit->set.index)->column_uncoded;
        copied = copy_columns(run, unit, source, column, columns, tensor == VALUE ? AQPIM_FLAG_INTERRUPT : 0);
    }
    return copied;
}

/* The image, and the initial centroids if they are given. */
static uint64_t copy_image(struct run* run, const struct unit* unit, int tensor) {
    const struct plan* plan = &run->plan;
    const struct aqpim_layout* layout = &unit->wave->layout;
    if (gives_codebooks(run)) {
        copy_columns(run, unit, plan->gpu_initial[unit->buffer][tensor], plan->column_initial[tensor],
                     aqpim_vector_columns(layout, run->job->centroids), 0);
    }
    return copy_columns(run, unit, plan->gpu_image[unit->buffer][tensor], plan->column_image[tensor],
                        aqpim_vector_columns(layout, unit->wave->image_elements), AQPIM_FLAG_INTERRUPT);
}

/* Copies a tensor's image into its prefill buffer, once the command before has read it, and has it quantized. */
static bool copy_and_quantize(struct run* run, const struct unit* unit, int tensor, struct in_flight* in_flight) {
    if (in_flight->valid[tensor] && !aqpim_queue_wait(&run->pim, in_flight->ticket[tensor])) {
        return false;
    }
    for (uint32_t s = 0; tensor == KEY && run->job->prefill_query_rows > 0 && s < unit->wave->sequences; s++) {
        copy_weights(run, unit, s);
    }
    if (!aqpim_queue_wait(&run->copy, copy_image(run, unit, tensor))) {
        return false;
    }
    in_flight->ticket[tensor] =
        is_uniform(run) ? submit_quantize(run, unit, tensor) : submit_cluster(run, unit, tensor);
    in_flight->valid[tensor] = true;
    return true;
}

static bool wait_for_all(struct run* run, const struct in_flight* in_flight) {
    return !in_flight->valid[VALUE] || aqpim_queue_wait(&run->pim, in_flight->ticket[VALUE]);
}

static bool move_unit(struct run* run, const struct unit* unit, struct in_flight* in_flight) {
    const bool has_slots = unit->wave->slots > 0;
    const uint64_t uncoded = has_slots ? copy_uncoded(run, unit) : 0;
    if (!take_prefill_pages(run, unit->wave, unit->layer, unit->set.index)) {
        return false;
    }
    const bool quantizes = unit->wave->image_elements > 0;
    for (int tensor = KEY; quantizes && tensor < TENSORS; tensor++) {
        if (!copy_and_quantize(run, unit, tensor, in_flight)) {
            return false;
        }
    }
    /* Else the unit behind the next would find its buffer of weights in use. */
    if (!quantizes && !wait_for_all(run, in_flight)) {
        return false;
    }
    return !has_slots || aqpim_queue_wait(&run->copy, uncoded);
}

/* Phases of a layer, from its first unit to its last. */
static void begin_layer(const struct unit* unit) {
    if (unit->wave->index == 0 && unit->set.index == 0) {
        aqpim_trace_begin(AQPIM_PHASE_LAYER, unit->layer);
    }
}

static void end_layer(struct run* run, const struct unit* unit) {
    if (unit->wave->index + 1 == run->wave_count && unit->set.index + 1 == unit->wave->head_sets) {
        run->job->result.layers_quantized++;
        aqpim_trace_end(AQPIM_PHASE_LAYER);
    }
}

static bool fail_layer(void) {
    aqpim_trace_end(AQPIM_PHASE_LAYER);
    return false;
}

/* Of the layers in the PIM memory. `computed`: the ticket of the first unit, then of the first layer behind them that
 * goes to RAM. */
static bool run_units(struct run* run, struct in_flight* in_flight, uint64_t* computed) {
    struct unit next = first_unit(run);
    bool more = true;
    while (more) {
        const struct unit unit = next;
        begin_layer(&unit);
        if (!aqpim_queue_wait(&run->compute, *computed)) {
            return fail_layer();
        }
        more = next_unit(run, &next);
        if (more) {
            *computed = submit_compute(run, &next);
        } else if (layers_in_ram(run) > 0) {
            *computed = submit_gpu_layer(run, run->kept_layers);
        }
        if (!move_unit(run, &unit, in_flight)) {
            return fail_layer();
        }
        end_layer(run, &unit);
    }
    return true;
}

/* While the last clustering goes on, the layers that go to RAM are computed and copied. */
static bool run_layers(struct run* run) {
    struct in_flight in_flight = {0};
    uint64_t computed;
    if (run->kept_layers > 0) {
        const struct unit first = first_unit(run);
        computed = submit_compute(run, &first);
        if (!run_units(run, &in_flight, &computed)) {
            return false;
        }
    } else {
        computed = submit_gpu_layer(run, 0);
    }
    return prefill_gpu_layers(run, run->kept_layers, computed) && wait_for_all(run, &in_flight);
}

/* Memory is taken as if the prefill had been. */
static bool skip_units(struct run* run) {
    struct unit unit = first_unit(run);
    bool more = run->kept_layers > 0;
    while (more) {
        if (!take_prefill_pages(run, unit.wave, unit.layer, unit.set.index)) {
            return false;
        }
        more = next_unit(run, &unit);
    }
    return true;
}

static bool skips(const struct run* run) {
    return (run->job->flags & AQPIM_JOB_SKIP_PREFILL) != 0;
}

static bool prefill_pim(struct run* run) {
    write_prefill_tables(run);
    return skips(run) ? skip_units(run) : run_layers(run);
}

static bool prefill_gpu(struct run* run) {
    for (uint32_t b = 0; b < run->job->batch; b++) {
        run->sequences[b] = (struct aqpim_job_sequence){.prompt = run->sequences[b].prompt};
    }
    return skips(run) || prefill_gpu_layers(run, 0, submit_gpu_layer(run, 0));
}

bool run_prefill(struct run* run) {
    aqpim_trace_begin(AQPIM_PHASE_PREFILL, 0);
    const bool done = keeps_in_pim(run) ? prefill_pim(run) : prefill_gpu(run);
    aqpim_trace_end(AQPIM_PHASE_PREFILL);
    return done;
}
