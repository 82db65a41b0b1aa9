#include "decode.h"

#include "aqpim/gpu.h"
#include "aqpim/sdk/trace.h"
#include "exchange.h"
#include "gpu_attention.h"
#include "kernels.h"
#include "tables.h"
#include "wave.h"

static struct aqpim_job_object* object_of_serving(const struct run* run, const struct serving* serving, int tensor) {
    return object_of(run, serving->wave, serving->layer, tensor, serving->set.index);
}

static uint16_t append_flags(const struct run* run, int tensor) {
    if (is_uniform(run)) {
        return AQPIM_PIM_FLAG_UNIFORM | (tensor == VALUE ? AQPIM_PIM_FLAG_PER_TOKEN : 0);
    }
    return !keeps_whole(run) && (run->job->flags & AQPIM_JOB_HIGHEST) != 0 ? AQPIM_PIM_FLAG_HIGHEST : 0;
}

/* Columns from one block of uncompressed values to the next. */
static uint32_t value_block_stride(const struct run* run, const struct wave* wave) {
    const struct tensor_parts values = parts_of(run, wave, VALUE);
    return part_columns(&values, wave->slots);
}

static void put_append(struct run* run, const struct serving* serving, int tensor) {
    const struct aqpim_job_object* object = object_of_serving(run, serving, tensor);
    const struct tensor_parts parts = new_parts(run, serving->wave, tensor);
    struct aqpim_pim_append append = {
        .header = header_of(AQPIM_PIM_APPEND, append_flags(run, tensor), serving->step, serving->layer),
        .shape = shape_of(run, serving->wave, &serving->set),
        .sequences = serving->wave->sequences,
        .table = serving->wave->pim_step_table,
        .column_codebook = object->column_codebook,
        .column_scratch = run->plan.column_scratch,
        .window = window_elements(run),
        .codes = pages_of(object),
        .column_codes = object->column_codes,
        .value_block_stride = is_uniform(run) && tensor == VALUE ? value_block_stride(run, serving->wave) : 0,
    };
    append.shape.head_dim = (uint16_t)parts.dims;
    for (uint32_t part = 0; part < parts.count; part++) {
        append.source = new_vectors(run, serving, tensor, part);
        append.column_uncoded = object->column_uncoded + part * part_columns(&parts, serving->wave->slots);
        aqpim_queue_put(&run->pim, &append);
    }
}

static uint64_t submit_attend(struct run* run, const struct serving* serving) {
    const struct aqpim_job_object* key = object_of_serving(run, serving, KEY);
    const struct aqpim_job_object* value = object_of_serving(run, serving, VALUE);
    const struct aqpim_pim_attend attend = {
        .header = header_of(AQPIM_PIM_ATTEND, AQPIM_FLAG_INTERRUPT, serving->step, serving->layer),
        .shape = shape_of(run, serving->wave, &serving->set),
        .queries_per_head = (uint16_t)query_group(run),
        .value_path = (uint16_t)run->job->value_path,
        .sequences = serving->wave->sequences,
        .window = window_elements(run),
        .column_key_codebook = key->column_codebook,
        .column_key_uncoded = key->column_uncoded,
        .column_value_codebook = value->column_codebook,
        .column_value_uncoded = value->column_uncoded,
        .column_scratch = run->plan.column_scratch,
        .table = serving->wave->pim_step_table,
        .key_codes = pages_of(key),
        .value_codes = pages_of(value),
        .query = query_address(serving),
        .output = output_address(serving),
    };
    return aqpim_queue_submit(&run->pim, &attend);
}

/* Columns from what one head set of a layer has to what the next has. */
static uint32_t set_stride(const struct run* run, const struct serving* first) {
    if (first->wave->head_sets == 1) {
        return 0;
    }
    return object_of(run, first->wave, first->layer, KEY, 1)->column_uncoded -
           object_of_serving(run, first, KEY)->column_uncoded;
}

/* All head sets at once: their scores and values are pipelined. */
static uint64_t submit_attend_whole(struct run* run, struct serving first) {
    first.set = head_set(run, first.wave, 0);
    const struct aqpim_job_object* key = object_of_serving(run, &first, KEY);
    const struct aqpim_job_object* value = object_of_serving(run, &first, VALUE);
    const uint16_t opcode = is_uniform(run) ? AQPIM_PIM_ATTEND_UNIFORM : AQPIM_PIM_ATTEND_FP16;
    const struct aqpim_pim_attend_whole attend = {
        .header = header_of(opcode, AQPIM_FLAG_INTERRUPT, first.step, first.layer),
        .shape = shape_of(run, first.wave, &first.set),
        .queries_per_head = (uint16_t)query_group(run),
        .kv_heads = (uint16_t)run->job->kv_heads,
        .sequences = first.wave->sequences,
        .column_key = key->column_uncoded,
        .column_value = value->column_uncoded,
        .set_stride = set_stride(run, &first),
        .value_block_stride = value_block_stride(run, first.wave),
        .column_key_codes = key->column_codes,
        .column_key_parameters = key->column_codebook,
        .column_value_codes = value->column_codes,
        .column_value_parameters = value->column_codebook,
        .table = first.wave->pim_step_table,
        .query = query_address(&first),
        .output = output_address(&first),
    };
    return aqpim_queue_submit(&run->pim, &attend);
}

static bool next_serving(const struct run* run, struct serving* serving) {
    if (serving->set.index + 1 < serving->wave->head_sets) {
        serving->set = head_set(run, serving->wave, serving->set.index + 1);
        return true;
    }
    if (serving->wave->index + 1 == run->wave_count) {
        return false;
    }
    serving->wave++;
    serving->set = head_set(run, serving->wave, 0);
    return true;
}

/* Hands the commands over once their inputs are there. `attended` is the attention's ticket: kept whole, all head sets
 * of a wave have it with the last. */
static bool serve(struct run* run, const struct serving* serving, uint64_t* attended) {
    if (!aqpim_queue_wait(&run->copy, copy_inputs(run, serving))) {
        return false;
    }
    put_append(run, serving, KEY);
    put_append(run, serving, VALUE);
    if (!keeps_whole(run)) {
        *attended = submit_attend(run, serving);
    } else if (serving->set.index + 1 == serving->wave->head_sets) {
        *attended = submit_attend_whole(run, *serving);
    }
    return true;
}

/* Attention of all waves and head sets. What is copied for one overlaps with the PIM device's work for the one before.
 */
static bool attend_in_pim(struct run* run, uint32_t step, uint32_t layer) {
    uint64_t attended[MOST_HEAD_SETS];
    uint64_t returned = 0;
    uint32_t index = 0;
    const struct wave* wave = &run->waves[0];
    const struct serving first = {step, layer, wave, head_set(run, wave, 0)};
    struct serving serving = first;
    do {
        if (!serve(run, &serving, &attended[index++])) {
            return false;
        }
    } while (next_serving(run, &serving));
    serving = first;
    index = 0;
    do {
        const uint32_t later = keeps_whole(run) ? serving.wave->head_sets - 1 - serving.set.index : 0;
        if (!aqpim_queue_wait(&run->pim, attended[index + later])) {
            return false;
        }
        returned = copy_output(run, &serving);
        index++;
    } while (next_serving(run, &serving));
    return aqpim_queue_wait(&run->copy, returned);
}

/* Attention of a layer, once its projections, whose ticket this is, are there. On the GPU it need not be over yet: what
 * follows in the compute queue follows it. */
static bool attend_layer(struct run* run, uint32_t step, uint32_t layer, uint64_t projected) {
    if (attends_on_gpu(run, layer)) {
        return attend_on_gpu(run, step, layer, projected);
    }
    return aqpim_queue_wait(&run->compute, projected) && attend_in_pim(run, step, layer);
}

/* The GPU's queue runs in order, so the next layer's projections, or the vocabulary's, start behind this layer's
 * feed-forward network without the hart's help. `projected` is the ticket of this layer's projections, then of what was
 * put behind. */
static bool run_layer(struct run* run, uint32_t step, uint32_t layer, uint64_t* projected) {
    if (!attend_layer(run, step, layer, *projected)) {
        return false;
    }
    const struct pass pass = step_pass(run, step, layer);
    const uint64_t finished = put_feed_forward(run, &pass, AQPIM_FLAG_INTERRUPT);
    *projected = finished;
    if (layer + 1 < run->job->layers) {
        const struct pass next = step_pass(run, step, layer + 1);
        *projected = put_projections(run, &next, AQPIM_FLAG_INTERRUPT);
    } else if (run->job->vocab > 0) {
        *projected = put_vocabulary(run, &pass, AQPIM_FLAG_INTERRUPT);
    }
    return aqpim_queue_wait(&run->compute, finished);
}

static bool run_step(struct run* run, uint32_t step) {
    const struct pass first = step_pass(run, step, 0);
    put_projections(run, &first, 0);
    uint64_t projected = submit_end(run, &first);
    if (keeps_in_pim(run) && !write_step_tables(run, step)) {
        return false;
    }
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
