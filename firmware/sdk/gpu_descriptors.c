#include "aqpim/sdk/gpu.h"

static uint16_t source_flag(struct aqpim_gpu_place source) {
    return source.on_bus ? AQPIM_GPU_FLAG_SOURCE_BUS : 0;
}

static uint16_t target_flag(struct aqpim_gpu_place target) {
    return target.on_bus ? AQPIM_GPU_FLAG_TARGET_BUS : 0;
}

struct aqpim_gpu_copy aqpim_gpu_make_copy(struct aqpim_gpu_place source, struct aqpim_gpu_place target,
                                          uint64_t bytes) {
    return aqpim_gpu_make_copy_2d(source, 0, target, 0, bytes, 1);
}

struct aqpim_gpu_copy aqpim_gpu_make_copy_2d(struct aqpim_gpu_place source, uint64_t source_stride,
                                             struct aqpim_gpu_place target, uint64_t target_stride, uint64_t row_bytes,
                                             uint64_t rows) {
    return (struct aqpim_gpu_copy){
        .header = {.opcode = AQPIM_GPU_COPY, .flags = source_flag(source) | target_flag(target)},
        .source = source.address,
        .target = target.address,
        .row_bytes = row_bytes,
        .rows = rows,
        .source_stride = source_stride,
        .target_stride = target_stride,
    };
}

struct aqpim_gpu_fill aqpim_gpu_make_fill(uint64_t pattern, struct aqpim_gpu_place target, uint64_t bytes) {
    return (struct aqpim_gpu_fill){
        .header = {.opcode = AQPIM_GPU_FILL, .flags = target_flag(target)},
        .pattern = pattern,
        .target = target.address,
        .row_bytes = bytes,
        .rows = 1,
    };
}

struct aqpim_gpu_gather aqpim_gpu_make_gather(struct aqpim_gpu_place list, uint64_t entries, bool sources_on_bus,
                                              bool targets_on_bus) {
    return (struct aqpim_gpu_gather){
        .header = {.opcode = AQPIM_GPU_GATHER,
                   .flags = (list.on_bus ? AQPIM_GPU_FLAG_LIST_BUS : 0) |
                            (sources_on_bus ? AQPIM_GPU_FLAG_SOURCE_BUS : 0) |
                            (targets_on_bus ? AQPIM_GPU_FLAG_TARGET_BUS : 0)},
        .list = list.address,
        .entries = entries,
    };
}

static struct aqpim_gpu_semaphore make_semaphore(uint16_t opcode, struct aqpim_gpu_place word, uint64_t value,
                                                 uint64_t timeout_ns) {
    return (struct aqpim_gpu_semaphore){
        .header = {.opcode = opcode, .flags = target_flag(word)},
        .address = word.address,
        .value = value,
        .timeout_ns = timeout_ns,
    };
}

struct aqpim_gpu_semaphore aqpim_gpu_make_timestamp(struct aqpim_gpu_place target) {
    return make_semaphore(AQPIM_GPU_TIMESTAMP, target, 0, 0);
}

struct aqpim_gpu_semaphore aqpim_gpu_make_release(struct aqpim_gpu_place word, uint64_t value) {
    return make_semaphore(AQPIM_GPU_RELEASE, word, value, 0);
}

struct aqpim_gpu_semaphore aqpim_gpu_make_acquire(struct aqpim_gpu_place word, uint64_t value, uint64_t timeout_ns) {
    return make_semaphore(AQPIM_GPU_ACQUIRE, word, value, timeout_ns);
}

static struct aqpim_gpu_event make_event(uint16_t opcode, uint32_t event, uint64_t value) {
    return (struct aqpim_gpu_event){.header = {.opcode = opcode}, .event = event, .value = value};
}

struct aqpim_gpu_event aqpim_gpu_make_signal(uint32_t event, uint64_t value) {
    return make_event(AQPIM_GPU_SIGNAL, event, value);
}

struct aqpim_gpu_event aqpim_gpu_make_wait(uint32_t event, uint64_t value) {
    return make_event(AQPIM_GPU_WAIT, event, value);
}

struct aqpim_gpu_fixed aqpim_gpu_make_nop(void) {
    return (struct aqpim_gpu_fixed){.header = {.opcode = AQPIM_GPU_NOP}};
}

struct aqpim_gpu_kernel aqpim_gpu_make_kernel(uint64_t flop, uint64_t bytes) {
    return (struct aqpim_gpu_kernel){.header = {.opcode = AQPIM_GPU_KERNEL}, .flop = flop, .bytes = bytes};
}

struct aqpim_gpu_matmul aqpim_gpu_make_matmul(uint32_t m, uint32_t n, uint32_t k, uint32_t count) {
    return (struct aqpim_gpu_matmul){.header = {.opcode = AQPIM_GPU_MATMUL}, .m = m, .n = n, .k = k, .count = count};
}

struct aqpim_gpu_fixed aqpim_gpu_make_fixed(uint64_t time_ps) {
    return (struct aqpim_gpu_fixed){.header = {.opcode = AQPIM_GPU_FIXED}, .time_ps = time_ps};
}

struct aqpim_gpu_elementwise aqpim_gpu_make_norm(uint32_t count) {
    return (struct aqpim_gpu_elementwise){.header = {.opcode = AQPIM_GPU_NORM}, .count = count};
}

struct aqpim_gpu_elementwise aqpim_gpu_make_activation(uint32_t count) {
    return (struct aqpim_gpu_elementwise){.header = {.opcode = AQPIM_GPU_ACTIVATION}, .count = count};
}

struct aqpim_gpu_attention aqpim_gpu_make_attention(const struct aqpim_gpu_attention_shape* shape, uint64_t keys,
                                                    uint64_t values, uint64_t queries, uint64_t output,
                                                    enum aqpim_gpu_format format) {
    const uint64_t head_stride = (uint64_t)shape->tokens * shape->head_dim * 2; /* 16-bit values */
    return (struct aqpim_gpu_attention){
        .header = {.opcode = AQPIM_GPU_ATTENTION},
        .keys = keys,
        .values = values,
        .sequence_stride = head_stride * shape->kv_heads,
        .head_stride = head_stride,
        .queries = queries,
        .output = output,
        .most_tokens = shape->tokens,
        .sequences = shape->sequences,
        .kv_heads = shape->kv_heads,
        .group = shape->group,
        .head_dim = shape->head_dim,
        .format = (uint16_t)format,
        .total_tokens = (uint64_t)shape->tokens * shape->sequences,
    };
}
