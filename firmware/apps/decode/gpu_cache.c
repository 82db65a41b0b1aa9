#include "gpu_cache.h"

#include "capacity.h"

/* As the copy engine's bursts, so that those of a cache in RAM and of a staging buffer end at the same places. */
#define GPU_ALIGN 4096u

static uint32_t min(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}
static uint32_t max(uint32_t a, uint32_t b) {
    return a > b ? a : b;
}

bool cache_in_ram(const struct run* run) {
    return run->job->kv == AQPIM_KV_HOST;
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

static struct gpu_cache shape_of_cache(const struct run* run, uint32_t batch, uint32_t tokens) {
    struct gpu_cache cache = {.sequence_stride = tokens * vector_bytes(run)};
    cache.head_stride = batch * cache.sequence_stride;
    cache.tensor_stride = run->job->kv_heads * cache.head_stride;
    cache.layer_stride = TENSORS * cache.tensor_stride;
    cache.bytes = run->job->layers * cache.layer_stride;
    return cache;
}

bool cache_fits(struct run* run, uint32_t batch, uint32_t longest) {
    const struct aqpim_job* job = run->job;
    struct gpu_cache* cache = &run->cache;
    *cache = shape_of_cache(run, batch, longest_sequence(run, batch, longest));
    cache->gpu_end = job->gpu_scratch;
    cache->tokens = take(&cache->gpu_end, batch * sizeof(uint32_t));
    if (cache_in_ram(run)) {
        cache->base = job->host_kv;
        cache->stagings = (job->flags & AQPIM_JOB_PREFETCH) != 0 ? 2 : 1;
        for (uint32_t i = 0; i < cache->stagings; i++) {
            cache->staging[i] = take(&cache->gpu_end, cache->layer_stride);
        }
    } else {
        cache->base = take(&cache->gpu_end, cache->bytes);
    }
    const struct shortage shortage = cache_shortage(run);
    return shortage.wanted <= shortage.bytes;
}

struct shortage cache_shortage(const struct run* run) {
    const struct aqpim_job* job = run->job;
    if (cache_in_ram(run) && run->cache.bytes > job->host_kv_bytes) {
        return (struct shortage){"RAM for the cache", job->host_kv_bytes, run->cache.bytes};
    }
    return (struct shortage){"GPU's memory", run->gpu_memory_bytes, run->cache.gpu_end + job->weights_bytes};
}

static bool prompts_are_equal(const struct run* run) {
    for (uint32_t b = 1; b < run->job->batch; b++) {
        if (run->sequences[b].prompt != run->sequences[0].prompt) {
            return false;
        }
    }
    return true;
}

bool place_cache(struct run* run) {
    if (!cache_fits(run, run->job->batch, run->job->prompt)) {
        report_capacity(run);
        return false;
    }
    run->cache.together = prompts_are_equal(run) ? run->job->batch : 1;
    return true;
}

uint32_t cached_tokens(const struct run* run, uint32_t sequence, uint32_t step) {
    return run->sequences[sequence].prompt + step;
}

uint64_t cache_address(const struct run* run, uint32_t layer, int tensor, uint32_t sequence) {
    const struct gpu_cache* cache = &run->cache;
    return cache->base + layer * cache->layer_stride + (uint64_t)tensor * cache->tensor_stride +
           sequence * cache->sequence_stride;
}

uint64_t attended_address(const struct run* run, uint64_t turn, int tensor, uint32_t sequence) {
    const struct gpu_cache* cache = &run->cache;
    if (!cache_in_ram(run)) {
        return cache_address(run, (uint32_t)(turn % run->job->layers), tensor, sequence);
    }
    return cache->staging[turn % cache->stagings] + (uint64_t)tensor * cache->tensor_stride +
           sequence * cache->sequence_stride;
}
