#include "exchange.h"

#include "aqpim/gpu.h"
#include "wave.h"

struct tensor_parts new_parts(const struct run* run, const struct wave* wave, int tensor) {
    if (is_fp16(run)) {
        return parts_of(run, wave, tensor);
    }
    return (struct tensor_parts){.count = 1, .dims = run->job->head_dim, .layout = wave->layout};
}

uint64_t new_vectors(const struct run* run, const struct serving* serving, int tensor, uint32_t part) {
    const struct wave* wave = serving->wave;
    const uint64_t vectors = (uint64_t)serving->set.heads * wave->sequences;
    const uint64_t part_bytes = vectors * new_parts(run, wave, tensor).dims * 2;
    return wave->pim_new[tensor] + serving->set.index * wave->pim_set_stride + part * part_bytes;
}

uint64_t query_address(const struct serving* serving) {
    return serving->wave->pim_query + serving->set.index * serving->wave->pim_query_stride;
}

uint64_t output_address(const struct serving* serving) {
    return serving->wave->pim_output + serving->set.index * serving->wave->pim_query_stride;
}

static bool is_whole_batch(const struct run* run, const struct wave* wave) {
    return wave->sequences == run->job->batch;
}

/* Rows of the GPU's [heads][batch] of which the wave has a stretch in each head. Where it has all, one row will do. */
static struct aqpim_gpu_copy copy_of_heads(const struct run* run, const struct serving* serving, uint64_t bytes_each) {
    const uint64_t heads = serving->set.heads;
    const uint64_t bytes = serving->wave->sequences * bytes_each;
    const bool whole = is_whole_batch(run, serving->wave);
    return (struct aqpim_gpu_copy){
        .row_bytes = whole ? heads * bytes : bytes,
        .rows = whole ? 1 : heads,
        .source_stride = run->job->batch * bytes_each,
        .target_stride = bytes,
    };
}

/* The first vector of the serving in gpu_new_keys or gpu_new_values. */
static uint64_t new_source(const struct run* run, const struct serving* serving, int tensor) {
    const struct aqpim_job* job = run->job;
    const uint64_t vector = (uint64_t)serving->set.first * job->batch + serving->wave->first;
    return (tensor == KEY ? job->gpu_new_keys : job->gpu_new_values) + serving->step * job->new_step_stride +
           serving->layer * job->new_layer_stride + vector * vector_bytes(run);
}

static struct aqpim_descriptor_header to_pim(const struct serving* serving, uint16_t flags) {
    return header_of(AQPIM_GPU_COPY, AQPIM_GPU_FLAG_TARGET_BUS | flags, serving->step, serving->layer);
}

/* One part of `vectors` vectors that follow one another. */
static void copy_part(struct run* run, const struct serving* serving, uint64_t source, uint64_t target,
                      uint64_t vectors, uint64_t part_bytes) {
    const struct aqpim_gpu_copy copy = {
        .header = to_pim(serving, 0),
        .source = source,
        .target = run->pim_bus + target,
        .row_bytes = part_bytes,
        .rows = vectors,
        .source_stride = vector_bytes(run),
        .target_stride = part_bytes,
    };
    aqpim_queue_put(&run->copy, &copy);
}

static void copy_parts(struct run* run, const struct serving* serving, int tensor, const struct tensor_parts* parts) {
    const struct wave* wave = serving->wave;
    const uint64_t bytes = parts->dims * 2ull;
    const uint64_t source = new_source(run, serving, tensor);
    const bool whole = is_whole_batch(run, wave);
    const uint32_t stretches = whole ? 1 : serving->set.heads;
    const uint64_t vectors = whole ? (uint64_t)serving->set.heads * wave->sequences : wave->sequences;
    for (uint32_t part = 0; part < parts->count; part++) {
        const uint64_t target = new_vectors(run, serving, tensor, part);
        for (uint32_t i = 0; i < stretches; i++) {
            copy_part(run, serving, source + i * run->job->batch * vector_bytes(run) + part * bytes,
                      target + i * vectors * bytes, vectors, bytes);
        }
    }
}

static void copy_new_vectors(struct run* run, const struct serving* serving, int tensor) {
    const struct tensor_parts parts = new_parts(run, serving->wave, tensor);
    if (parts.count > 1) {
        copy_parts(run, serving, tensor, &parts);
        return;
    }
    struct aqpim_gpu_copy copy = copy_of_heads(run, serving, vector_bytes(run));
    copy.header = to_pim(serving, 0);
    copy.source = new_source(run, serving, tensor);
    copy.target = run->pim_bus + new_vectors(run, serving, tensor, 0);
    aqpim_queue_put(&run->copy, &copy);
}

/* Offset of the serving's first query in gpu_queries and gpu_output. */
static uint64_t query_offset(const struct run* run, const struct serving* serving) {
    const struct aqpim_job* job = run->job;
    const uint64_t first = ((uint64_t)serving->set.first * job->batch + serving->wave->first) * query_group(run);
    return serving->step * job->query_step_stride + serving->layer * job->query_layer_stride +
           first * vector_bytes(run);
}

static uint64_t copy_query(struct run* run, const struct serving* serving) {
    struct aqpim_gpu_copy copy = copy_of_heads(run, serving, query_group(run) * vector_bytes(run));
    copy.header = to_pim(serving, AQPIM_FLAG_INTERRUPT);
    copy.source = run->job->gpu_queries + query_offset(run, serving);
    copy.target = run->pim_bus + query_address(serving);
    return aqpim_queue_submit(&run->copy, &copy);
}

uint64_t copy_inputs(struct run* run, const struct serving* serving) {
    copy_new_vectors(run, serving, KEY);
    copy_new_vectors(run, serving, VALUE);
    return copy_query(run, serving);
}

uint64_t copy_output(struct run* run, const struct serving* serving) {
    struct aqpim_gpu_copy copy = copy_of_heads(run, serving, query_group(run) * vector_bytes(run));
    const uint64_t gpu_stride = copy.source_stride;
    copy.header =
        header_of(AQPIM_GPU_COPY, AQPIM_GPU_FLAG_SOURCE_BUS | AQPIM_FLAG_INTERRUPT, serving->step, serving->layer);
    copy.source = run->pim_bus + output_address(serving);
    copy.target = run->job->gpu_output + query_offset(run, serving);
    copy.source_stride = copy.target_stride;
    copy.target_stride = gpu_stride;
    return aqpim_queue_submit(&run->copy, &copy);
}
