#include "gpu_cache.h"

/* As the copy engine's bursts, so that those of a cache in RAM and of a staging buffer end at the same places. */
#define GPU_ALIGN 4096u

static uint32_t min(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}
static uint32_t max(uint32_t a, uint32_t b) {
    return a > b ? a : b;
}

static uint32_t longest_sequence(const struct run* run, uint32_t batch, uint32_t longest) {
    uint32_t tokens = 0;
    for (uint32_t b = 0; b < batch; b++) {
        tokens = max(tokens, min(run->sequences[b].prompt, longest));
    }
    return tokens + run->job->steps;
}

static uint64_t take(uint64_t* end, uint64_t bytes) {
    const uint64_t address = (*end + GPU_ALIGN - 1) / GPU_ALIGN * GPU_ALIGN;
    *end = address + bytes;
    return address;
}

static struct gpu_cache shape_of_cache(const struct run* run, uint32_t tokens) {
    struct gpu_cache cache = {.sequence_stride = tokens * vector_bytes(run)};
    cache.head_stride = run->batch * cache.sequence_stride;
    cache.tensor_stride = run->job->kv_heads * cache.head_stride;
    cache.layer_stride = TENSORS * cache.tensor_stride;
    cache.ram_bytes = layers_in_ram(run) * cache.layer_stride;
    cache.bytes = keeps_in_pim(run) ? 0 : run->job->layers * cache.layer_stride - cache.ram_bytes;
    return cache;
}

static void take_stagings(const struct run* run, struct gpu_cache* cache) {
    cache->stagings = (run->job->flags & AQPIM_JOB_PREFETCH) != 0 ? 2 : 1;
    for (uint32_t i = 0; i < cache->stagings; i++) {
        cache->staging[i] = take(&cache->gpu_end, cache->layer_stride);
    }
}

static bool prompts_are_equal(const struct run* run) {
    for (uint32_t b = 1; b < run->job->batch; b++) {
        if (run->sequences[b].prompt != run->sequences[0].prompt) {
            return false;
        }
    }
    return true;
}

void plan_cache(struct run* run) {
    const struct aqpim_job* job = run->job;
    struct gpu_cache* cache = &run->cache;
    *cache = (struct gpu_cache){.gpu_end = job->gpu_scratch};
    if (!attends_on_gpu(run, job->layers - 1)) {
        return;
    }
    *cache = shape_of_cache(run, longest_sequence(run, run->batch, run->longest));
    cache->together = prompts_are_equal(run) ? job->batch : 1;
    cache->gpu_end = job->gpu_scratch;
    cache->tokens = take(&cache->gpu_end, run->batch * sizeof(uint32_t));
    cache->ram = job->host_kv;
    if (layers_in_ram(run) > 0) {
        take_stagings(run, cache);
    }
    if (cache->bytes > 0) {
        cache->base = take(&cache->gpu_end, cache->bytes);
    }
}

uint32_t cached_tokens(const struct run* run, uint32_t sequence, uint32_t step) {
    return run->sequences[sequence].prompt + step;
}

static uint64_t within_layer(const struct run* run, int tensor, uint32_t sequence) {
    return (uint64_t)tensor * run->cache.tensor_stride + sequence * run->cache.sequence_stride;
}

uint32_t ram_index(const struct run* run, uint32_t layer) {
    return layer - (run->job->layers - layers_in_ram(run));
}

uint64_t cache_address(const struct run* run, uint32_t layer, int tensor, uint32_t sequence) {
    const struct gpu_cache* cache = &run->cache;
    const bool in_ram = is_in_ram(run, layer);
    const uint64_t base = in_ram ? cache->ram : cache->base;
    return base + (in_ram ? ram_index(run, layer) : layer) * cache->layer_stride + within_layer(run, tensor, sequence);
}

uint64_t attended_address(const struct run* run, uint32_t step, uint32_t layer, int tensor, uint32_t sequence) {
    if (!is_in_ram(run, layer)) {
        return cache_address(run, layer, tensor, sequence);
    }
    const uint64_t fetch = (uint64_t)step * layers_in_ram(run) + ram_index(run, layer);
    return run->cache.staging[fetch % run->cache.stagings] + within_layer(run, tensor, sequence);
}
