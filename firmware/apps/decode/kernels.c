#include "kernels.h"

#include "aqpim/gpu.h"

/* Weights of a layer and activations of one token that a kernel reads or writes. */
struct cost {
    uint64_t weights;
    uint64_t activations;
};

static struct cost qkv_cost(const struct aqpim_job* job) {
    const uint64_t out = ((uint64_t)job->heads + 2ull * job->kv_heads) * job->head_dim;
    return (struct cost){job->hidden * out, job->hidden + out};
}

/* The feed-forward network is gated: two projections up and one down. */
static struct cost ffn_cost(const struct aqpim_job* job) {
    const uint64_t in = (uint64_t)job->heads * job->head_dim;
    return (struct cost){in * job->hidden + 3ull * job->hidden * job->ffn, in + 2ull * job->hidden + 2ull * job->ffn};
}

static struct cost sum(struct cost a, struct cost b) {
    return (struct cost){a.weights + b.weights, a.activations + b.activations};
}

/* Of the prompt's own causal attention: scores and values, a multiply and an add each, over half the square. */
static uint64_t attention_flop(const struct aqpim_job* job, uint32_t prompt) {
    return 2ull * job->heads * job->head_dim * prompt * prompt;
}

static struct aqpim_gpu_kernel kernel_of(struct cost cost, uint64_t tokens, uint64_t more_flop,
                                         struct aqpim_descriptor_header header) {
    return (struct aqpim_gpu_kernel){
        .header = header,
        .flop = 2 * cost.weights * tokens + more_flop,
        .bytes = 2 * (cost.weights + cost.activations * tokens),
    };
}

static uint64_t put(struct run* run, struct cost cost, uint64_t tokens, uint64_t more_flop,
                    struct aqpim_descriptor_header header) {
    const struct aqpim_gpu_kernel kernel = kernel_of(cost, tokens, more_flop, header);
    return aqpim_queue_put(&run->compute, &kernel);
}

uint64_t put_prefill_kernel(struct run* run, uint32_t sequence, uint32_t layer, uint16_t flags) {
    const uint32_t prompt = run->sequences[sequence].prompt;
    return put(run, sum(qkv_cost(run->job), ffn_cost(run->job)), prompt, attention_flop(run->job, prompt),
               header_of(AQPIM_GPU_KERNEL, flags, PREFILL_STEP, layer));
}

uint64_t submit_qkv_kernel(struct run* run, uint32_t step, uint32_t layer, uint16_t flags) {
    const struct aqpim_gpu_kernel kernel =
        kernel_of(qkv_cost(run->job), run->job->batch, 0, header_of(AQPIM_GPU_KERNEL, flags, step, layer));
    return aqpim_queue_submit(&run->compute, &kernel);
}

uint64_t put_ffn_kernel(struct run* run, uint32_t step, uint32_t layer, uint16_t flags) {
    return put(run, ffn_cost(run->job), run->job->batch, 0, header_of(AQPIM_GPU_KERNEL, flags, step, layer));
}

uint64_t put_vocabulary_kernel(struct run* run, uint32_t step, uint16_t flags) {
    const struct aqpim_job* job = run->job;
    const struct cost cost = {(uint64_t)job->hidden * job->vocab, (uint64_t)job->hidden + job->vocab};
    return put(run, cost, job->batch, 0, header_of(AQPIM_GPU_KERNEL, flags, step, job->layers - 1));
}
