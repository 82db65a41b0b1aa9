#include "decode.h"

#include "aqpim/gpu.h"
#include "aqpim/sdk/trace.h"
#include "kernels.h"

static uint32_t query_group(const struct run* run) {
    return run->job->heads / run->job->kv_heads;
}

/* Offset of a step's and layer's first head in gpu_queries and gpu_output. */
static uint64_t query_offset(const struct run* run, uint32_t step, uint32_t layer, const struct head_set* set) {
    const uint64_t row = (uint64_t)step * run->job->layers + layer;
    return (row * run->job->heads + set->first * query_group(run)) * vector_bytes(run);
}

static uint64_t query_bytes(const struct run* run, const struct head_set* set) {
    return set->heads * query_group(run) * vector_bytes(run);
}

/* Where a part of the new token's vectors waits in the PIM memory. */
static uint64_t new_vectors(const struct run* run, const struct head_set* set, int tensor, uint32_t part) {
    const uint64_t part_bytes = set->heads * parts_of(run, tensor).dims * 2ull;
    return run->plan.pim_new[tensor] + set->index * run->plan.pim_set_stride + part * part_bytes;
}

/* Copies the new token's key or value of each head. */
static void copy_new_vectors(struct run* run, uint32_t step, uint32_t layer, const struct head_set* set, int tensor) {
    const struct tensor_parts parts = parts_of(run, tensor);
    const uint32_t token = run->job->prompt + step;
    for (uint32_t part = 0; part < parts.count; part++) {
        const uint64_t bytes = parts.dims * 2ull;
        const struct aqpim_gpu_copy copy = {
            .header = header_of(AQPIM_GPU_COPY, AQPIM_GPU_FLAG_TARGET_BUS, step, layer),
            .source = vectors_address(run, layer, tensor, set->first) + token * vector_bytes(run) + part * bytes,
            .target = run->pim_bus + new_vectors(run, set, tensor, part),
            .row_bytes = bytes,
            .rows = set->heads,
            .source_stride = head_stride(run),
            .target_stride = bytes,
        };
        aqpim_queue_put(&run->copy, &copy);
    }
}

static uint64_t copy_query(struct run* run, uint32_t step, uint32_t layer, const struct head_set* set) {
    const struct aqpim_gpu_copy copy = {
        .header = header_of(AQPIM_GPU_COPY, AQPIM_GPU_FLAG_TARGET_BUS | AQPIM_FLAG_INTERRUPT, step, layer),
        .source = run->job->gpu_queries + query_offset(run, step, layer, set),
        .target = run->pim_bus + run->plan.pim_query + set->index * run->plan.pim_query_stride,
        .row_bytes = query_bytes(run, set),
        .rows = 1,
    };
    return aqpim_queue_submit(&run->copy, &copy);
}

static uint64_t copy_inputs(struct run* run, uint32_t step, uint32_t layer, const struct head_set* set) {
    copy_new_vectors(run, step, layer, set, KEY);
    copy_new_vectors(run, step, layer, set, VALUE);
    return copy_query(run, step, layer, set);
}

static uint64_t copy_output(struct run* run, uint32_t step, uint32_t layer, const struct head_set* set) {
    const struct aqpim_gpu_copy copy = {
        .header = header_of(AQPIM_GPU_COPY, AQPIM_GPU_FLAG_SOURCE_BUS | AQPIM_FLAG_INTERRUPT, step, layer),
        .source = run->pim_bus + run->plan.pim_output + set->index * run->plan.pim_query_stride,
        .target = run->job->gpu_output + query_offset(run, step, layer, set),
        .row_bytes = query_bytes(run, set),
        .rows = 1,
    };
    return aqpim_queue_submit(&run->copy, &copy);
}

static void put_append(struct run* run, uint32_t step, uint32_t layer, const struct head_set* set, int tensor) {
    const struct token_place place = window_step(&run->window, step);
    struct aqpim_job_object* object = object_of(run, layer, tensor, set->index);
    const struct tensor_parts parts = parts_of(run, tensor);
    struct aqpim_pim_append append = {
        .header = header_of(AQPIM_PIM_APPEND, 0, step, layer),
        .shape = shape_of(run, set),
        .slot = place.slot,
        .element = place.element,
        .column_codebook = object->column_codebook,
        .column_codes = object->column_codes,
        .column_scratch = run->plan.column_scratch,
    };
    append.shape.head_dim = (uint16_t)parts.dims;
    for (uint32_t part = 0; part < parts.count; part++) {
        append.source = new_vectors(run, set, tensor, part);
        append.column_uncoded = object->column_uncoded + part * part_columns(&parts, window_slots(&run->window));
        aqpim_queue_put(&run->pim, &append);
    }
    object->coded = place.coded;
}

static uint64_t submit_attend(struct run* run, uint32_t step, uint32_t layer, const struct head_set* set) {
    const struct token_place seen = window_step(&run->window, step);
    const struct aqpim_job_object* key = object_of(run, layer, KEY, set->index);
    const struct aqpim_job_object* value = object_of(run, layer, VALUE, set->index);
    const struct aqpim_pim_attend attend = {
        .header = header_of(AQPIM_PIM_ATTEND, AQPIM_FLAG_INTERRUPT, step, layer),
        .shape = shape_of(run, set),
        .queries_per_head = (uint16_t)query_group(run),
        .value_path = (uint16_t)run->job->value_path,
        .coded = seen.coded,
        .uncoded = seen.uncoded,
        .column_key_codebook = key->column_codebook,
        .column_key_codes = key->column_codes,
        .column_key_uncoded = key->column_uncoded,
        .column_value_codebook = value->column_codebook,
        .column_value_codes = value->column_codes,
        .column_value_uncoded = value->column_uncoded,
        .column_scratch = run->plan.column_scratch,
        .query = run->plan.pim_query + set->index * run->plan.pim_query_stride,
        .output = run->plan.pim_output + set->index * run->plan.pim_query_stride,
    };
    return aqpim_queue_submit(&run->pim, &attend);
}

/* All head sets at once: their scores and values are pipelined. */
static uint64_t submit_attend_fp16(struct run* run, uint32_t step, uint32_t layer) {
    const struct head_set first = head_set(run, 0);
    const struct tensor_parts values = parts_of(run, VALUE);
    const uint32_t key = object_of(run, layer, KEY, 0)->column_uncoded;
    const uint32_t stride = run->head_sets > 1 ? object_of(run, layer, KEY, 1)->column_uncoded - key : 0;
    const struct aqpim_pim_attend_fp16 attend = {
        .header = header_of(AQPIM_PIM_ATTEND_FP16, AQPIM_FLAG_INTERRUPT, step, layer),
        .shape = shape_of(run, &first),
        .queries_per_head = (uint16_t)query_group(run),
        .kv_heads = (uint16_t)run->job->kv_heads,
        .tokens = window_step(&run->window, step).uncoded,
        .column_key = key,
        .column_value = object_of(run, layer, VALUE, 0)->column_uncoded,
        .set_stride = stride,
        .value_block_stride = part_columns(&values, window_slots(&run->window)),
        .query = run->plan.pim_query,
        .output = run->plan.pim_output,
    };
    return aqpim_queue_submit(&run->pim, &attend);
}

/* Attention of all head sets. What is copied for one set overlaps with the PIM device's work for the one before. */
static bool attend_layer(struct run* run, uint32_t step, uint32_t layer) {
    uint64_t attended[MOST_HEAD_SETS];
    uint64_t returned = 0;
    for (uint32_t index = 0; index < run->head_sets; index++) {
        const struct head_set set = head_set(run, index);
        if (!aqpim_queue_wait(&run->copy, copy_inputs(run, step, layer, &set))) {
            return false;
        }
        put_append(run, step, layer, &set, KEY);
        put_append(run, step, layer, &set, VALUE);
        if (!is_fp16(run)) {
            attended[index] = submit_attend(run, step, layer, &set);
        } else if (index + 1 == run->head_sets) {
            attended[index] = submit_attend_fp16(run, step, layer);
        }
    }
    for (uint32_t index = 0; index < run->head_sets; index++) {
        const struct head_set set = head_set(run, index);
        const uint32_t last = is_fp16(run) ? run->head_sets - 1 : index;
        if (!aqpim_queue_wait(&run->pim, attended[last])) {
            return false;
        }
        returned = copy_output(run, step, layer, &set);
    }
    return aqpim_queue_wait(&run->copy, returned);
}

/* The GPU's queue runs in order, so the next layer's projections, or the vocabulary's, start behind this layer's
 * feed-forward network without the hart's help. `projected` is the ticket of this layer's projections, then of what was
 * put behind. */
static bool run_layer(struct run* run, uint32_t step, uint32_t layer, uint64_t* projected) {
    if (!aqpim_queue_wait(&run->compute, *projected) || !attend_layer(run, step, layer)) {
        return false;
    }
    const uint64_t finished = put_ffn_kernel(run, step, layer, AQPIM_FLAG_INTERRUPT);
    *projected = finished;
    if (layer + 1 < run->job->layers) {
        *projected = put_qkv_kernel(run, step, layer + 1, AQPIM_FLAG_INTERRUPT);
    } else if (run->job->vocab > 0) {
        *projected = put_vocabulary_kernel(run, step, AQPIM_FLAG_INTERRUPT);
    }
    return aqpim_queue_wait(&run->compute, finished);
}

static bool run_step(struct run* run, uint32_t step) {
    uint64_t projected = put_qkv_kernel(run, step, 0, AQPIM_FLAG_INTERRUPT);
    for (uint32_t layer = 0; layer < run->job->layers; layer++) {
        aqpim_trace_begin(AQPIM_PHASE_LAYER, layer);
        const bool done = run_layer(run, step, layer, &projected);
        aqpim_trace_end(AQPIM_PHASE_LAYER);
        if (!done) {
            return false;
        }
    }
    return aqpim_queue_wait(&run->compute, projected);
}

bool run_decode(struct run* run) {
    for (uint32_t step = 0; step < run->job->steps; step++) {
        aqpim_trace_begin(AQPIM_PHASE_DECODE, step);
        const bool done = run_step(run, step);
        aqpim_trace_end(AQPIM_PHASE_DECODE);
        if (!done) {
            return false;
        }
        run->job->result.steps_done++;
    }
    return true;
}
