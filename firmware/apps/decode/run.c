#include "run.h"

#include <stddef.h>
#include <stdio.h>

static uint32_t min(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

static uint32_t heads_per_set(const struct run* run) {
    return min(run->job->kv_heads, run->layout.groups);
}

void lay_out(struct run* run) {
    const struct aqpim_job* job = run->job;
    const uint32_t channels = run->memory.channels;
    const uint32_t group_channels = is_fp16(run) ? aqpim_fp16_group_channels(channels, job->heads, job->kv_heads)
                                                 : aqpim_group_channels(channels, job->kv_heads);
    run->layout =
        aqpim_make_layout(channels, run->memory.banks_per_channel, group_channels, job->subvectors, job->head_dim);
    run->head_sets = aqpim_ceil_div(job->kv_heads, heads_per_set(run));
}

struct head_set head_set(const struct run* run, uint32_t index) {
    const uint32_t first = index * heads_per_set(run);
    return (struct head_set){index, first, min(heads_per_set(run), run->job->kv_heads - first)};
}

uint32_t object_index(const struct run* run, uint32_t layer, int tensor, uint32_t set) {
    return (layer * TENSORS + (uint32_t)tensor) * run->head_sets + set;
}

struct aqpim_job_object* object_of(const struct run* run, uint32_t layer, int tensor, uint32_t set) {
    return &run->objects[object_index(run, layer, tensor, set)];
}

struct tensor_parts parts_of(const struct run* run, int tensor) {
    const struct aqpim_job* job = run->job;
    const bool divided = is_fp16(run) && tensor == VALUE;
    const uint32_t count = divided ? aqpim_fp16_value_blocks(job->head_dim, job->subvectors) : 1;
    struct tensor_parts parts = {.count = count, .dims = job->head_dim / count, .layout = run->layout};
    parts.layout.subvector_bytes /= count;
    return parts;
}

uint32_t part_columns(const struct tensor_parts* parts, uint32_t elements) {
    return aqpim_vector_columns(&parts->layout, elements);
}

bool is_fp16(const struct run* run) {
    return run->job->policy == AQPIM_POLICY_FP16;
}

struct aqpim_pim_shape shape_of(const struct run* run, const struct head_set* set) {
    const struct aqpim_job* job = run->job;
    return (struct aqpim_pim_shape){.heads = (uint16_t)set->heads,
                                    .group_channels = (uint16_t)run->layout.group_channels,
                                    .head_dim = (uint16_t)job->head_dim,
                                    .subvectors = (uint16_t)job->subvectors,
                                    .centroids = (uint16_t)job->centroids};
}

uint32_t tokens_of(const struct run* run) {
    return run->job->prompt + run->job->steps;
}

uint64_t vector_bytes(const struct run* run) {
    return (uint64_t)run->job->head_dim * 2;
}

uint64_t head_stride(const struct run* run) {
    return tokens_of(run) * vector_bytes(run);
}

uint64_t vectors_address(const struct run* run, uint32_t layer, int tensor, uint32_t head) {
    const uint64_t base = tensor == KEY ? run->job->gpu_keys : run->job->gpu_values;
    return base + ((uint64_t)layer * run->job->kv_heads + head) * head_stride(run);
}

uint64_t column_bytes(const struct run* run, uint64_t columns) {
    return columns * run->memory.column_set_bytes;
}

uint64_t column_bus(const struct run* run, uint32_t column) {
    return run->pim_bus + column_bytes(run, column);
}

struct aqpim_descriptor_header header_of(uint16_t opcode, uint16_t flags, uint32_t step, uint32_t layer) {
    return (struct aqpim_descriptor_header){opcode, flags, step << 8 | (layer & 0xffu)};
}

static void report_stop(const struct aqpim_queue* queue, unsigned status) {
    static const char* const names[] = {"disabled",          "running", "a descriptor could not be read",
                                        "bad configuration", "overrun", "a completion could not be written"};
    printf("error: %s queue has stopped: status %u (%s)\n", queue->name, status,
           status < sizeof names / sizeof *names ? names[status] : "unknown");
}

void report_error(struct aqpim_queue* queue, const struct aqpim_descriptor_header* descriptor, unsigned status) {
    static const char* const names[] = {"done", "bad opcode", "bad field", "address error", "unsupported"};
    if (descriptor == NULL) {
        report_stop(queue, status);
        return;
    }
    const uint32_t step = descriptor->cookie >> 8;
    printf("error: %s queue: descriptor %lu, opcode %u, layer %u, ", queue->name, (unsigned long)queue->completed,
           descriptor->opcode, (unsigned)(descriptor->cookie & 0xffu));
    if (step == PREFILL_STEP) {
        printf("prefill");
    } else {
        printf("step %u", (unsigned)step);
    }
    printf(": status %u (%s)\n", status, status < sizeof names / sizeof *names ? names[status] : "unknown");
}
