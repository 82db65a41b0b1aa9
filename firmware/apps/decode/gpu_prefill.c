#include "gpu_prefill.h"

#include "aqpim/gpu.h"
#include "aqpim/sdk/trace.h"
#include "gpu_cache.h"
#include "kernels.h"

uint64_t submit_gpu_layer(struct run* run, uint32_t layer) {
    for (uint32_t b = 0; b < run->job->batch; b++) {
        put_prefill_layer(run, b, layer);
    }
    const struct pass pass = {.step = PREFILL_STEP, .layer = layer};
    return submit_end(run, &pass);
}

static struct aqpim_gpu_copy copy_of_prompt(const struct run* run, uint32_t layer, uint32_t sequence, int tensor) {
    const uint16_t flags = is_in_ram(run, layer) ? AQPIM_GPU_FLAG_TARGET_BUS : 0;
    return (struct aqpim_gpu_copy){
        .header = header_of(AQPIM_GPU_COPY, flags, PREFILL_STEP, layer),
        .source = vectors_address(run, sequence, layer, tensor, 0),
        .target = cache_address(run, layer, tensor, sequence),
        .row_bytes = run->sequences[sequence].prompt * vector_bytes(run),
        .rows = run->job->kv_heads,
        .source_stride = run->job->head_stride,
        .target_stride = run->cache.head_stride,
    };
}

/* Returns the ticket of the last. */
static uint64_t put_copies(struct run* run, uint32_t layer) {
    const uint32_t count = run->job->batch * TENSORS;
    uint64_t ticket = 0;
    for (uint32_t index = 0; index < count; index++) {
        struct aqpim_gpu_copy copy = copy_of_prompt(run, layer, index / TENSORS, (int)(index % TENSORS));
        copy.header.flags |= index + 1 == count ? AQPIM_FLAG_INTERRUPT : 0;
        ticket = aqpim_queue_put(&run->copy, &copy);
    }
    return ticket;
}

/* `computed` is the ticket of this layer's kernels, then of the next one's. */
static bool prefill_layer(struct run* run, uint32_t layer, uint64_t* computed) {
    if (!aqpim_queue_wait(&run->compute, *computed)) {
        return false;
    }
    if (layer + 1 < run->job->layers) {
        *computed = submit_gpu_layer(run, layer + 1);
    }
    return aqpim_queue_wait(&run->copy, put_copies(run, layer));
}

bool prefill_gpu_layers(struct run* run, uint32_t first, uint64_t computed) {
    for (uint32_t layer = first; layer < run->job->layers; layer++) {
        aqpim_trace_begin(AQPIM_PHASE_LAYER, layer);
        const bool done = prefill_layer(run, layer, &computed);
        aqpim_trace_end(AQPIM_PHASE_LAYER);
        if (!done) {
            return false;
        }
        run->job->result.layers_quantized++;
    }
    return true;
}
