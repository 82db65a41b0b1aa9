#include "run.h"

#include <stddef.h>
#include <stdio.h>

uint32_t object_index(const struct run* run, const struct wave* wave, uint32_t layer, int tensor, uint32_t set) {
    return ((wave->index * run->job->layers + layer) * TENSORS + (uint32_t)tensor) * run->head_sets + set;
}

uint32_t object_count(const struct run* run) {
    return run->wave_count * run->job->layers * TENSORS * run->head_sets;
}

struct aqpim_job_object* object_of(const struct run* run, const struct wave* wave, uint32_t layer, int tensor,
                                   uint32_t set) {
    return &run->objects[object_index(run, wave, layer, tensor, set)];
}

struct window sequence_window(const struct run* run, uint32_t sequence) {
    const struct aqpim_job* job = run->job;
    const uint32_t given = run->sequences[sequence].prompt;
    const uint32_t prompt = given < run->longest ? given : run->longest;
    if (is_fp16(run)) {
        return (struct window){.prompt = prompt, .steps = job->steps, .sinks = prompt + job->steps};
    }
    return (struct window){prompt, job->steps, job->sinks, job->recent, window_elements(run)};
}

bool keeps_in_pim(const struct run* run) {
    return run->job->kv == AQPIM_KV_PIM;
}

bool attends_on_gpu(const struct run* run, uint32_t layer) {
    return !keeps_in_pim(run) || is_in_ram(run, layer);
}

uint32_t layers_in_ram(const struct run* run) {
    return run->job->kv == AQPIM_KV_HOST ? run->job->layers : run->job->layers - run->kept_layers;
}

bool is_in_ram(const struct run* run, uint32_t layer) {
    return layer >= run->job->layers - layers_in_ram(run);
}

bool keeps_whole(const struct run* run) {
    return run->job->policy != AQPIM_POLICY_AQPIM;
}

bool is_fp16(const struct run* run) {
    return run->job->policy == AQPIM_POLICY_FP16;
}

bool is_uniform(const struct run* run) {
    return run->job->policy == AQPIM_POLICY_UNIFORM;
}

bool gives_codebooks(const struct run* run) {
    return !keeps_whole(run) && run->job->initial == AQPIM_INITIAL_VECTORS;
}

uint32_t window_elements(const struct run* run) {
    return keeps_whole(run) ? 0 : run->job->window;
}

uint32_t query_group(const struct run* run) {
    return run->job->heads / run->job->kv_heads;
}

uint64_t vector_bytes(const struct run* run) {
    return (uint64_t)run->job->head_dim * 2;
}

uint64_t vectors_address(const struct run* run, uint32_t sequence, uint32_t layer, int tensor, uint32_t head) {
    const struct aqpim_job* job = run->job;
    return (tensor == KEY ? job->gpu_keys : job->gpu_values) + sequence * job->sequence_stride +
           layer * job->layer_stride + head * job->head_stride;
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

void report_stop(const struct aqpim_queue* queue, unsigned status) {
    static const char* const names[] = {"disabled",          "running", "a descriptor could not be read",
                                        "bad configuration", "overrun", "a completion could not be written"};
    if (status == UINT32_MAX) {
        printf("error: %s queue: the device does not answer\n", queue->name);
        return;
    }
    printf("error: %s queue has stopped: status %u (%s)\n", queue->name, status,
           status < sizeof names / sizeof *names ? names[status] : "unknown");
}

void report_error(struct aqpim_queue* queue, const struct aqpim_descriptor_header* descriptor, unsigned status) {
    static const char* const names[] = {"done",        "bad opcode", "bad field", "address error",
                                        "unsupported", "bus error",  "timed out"};
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
