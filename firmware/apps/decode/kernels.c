#include "kernels.h"

#include "aqpim/gpu.h"

struct pass step_pass(const struct run* run, uint32_t step, uint32_t layer) {
    return (struct pass){run->job->batch, step, layer};
}

static struct aqpim_descriptor_header header_in(const struct pass* pass, uint16_t opcode, uint16_t flags) {
    return header_of(opcode, flags, pass->step, pass->layer);
}

static uint64_t put_nothing(struct run* run, const struct pass* pass, uint16_t flags) {
    const struct aqpim_gpu_kernel nothing = {.header = header_in(pass, AQPIM_GPU_NOP, flags)};
    return aqpim_queue_put(&run->compute, &nothing);
}

/* The pass's tokens, `k` values each, times a matrix of weights. */
static uint64_t put_matmul(struct run* run, const struct pass* pass, uint32_t n, uint32_t k, uint16_t flags) {
    const struct aqpim_gpu_matmul matmul = {
        .header = header_in(pass, AQPIM_GPU_MATMUL, flags), .m = pass->tokens, .n = n, .k = k, .count = 1};
    return aqpim_queue_put(&run->compute, &matmul);
}

/* Norm or activation. */
static void put_elementwise(struct run* run, const struct pass* pass, uint16_t opcode) {
    const struct aqpim_gpu_elementwise elementwise = {.header = header_in(pass, opcode, 0), .count = 1};
    aqpim_queue_put(&run->compute, &elementwise);
}

uint64_t put_projections(struct run* run, const struct pass* pass, uint16_t flags) {
    const struct aqpim_job* job = run->job;
    if (job->hidden == 0) {
        return put_nothing(run, pass, flags);
    }
    put_elementwise(run, pass, AQPIM_GPU_NORM);
    return put_matmul(run, pass, (job->heads + 2 * job->kv_heads) * job->head_dim, job->hidden, flags);
}

uint64_t put_feed_forward(struct run* run, const struct pass* pass, uint16_t flags) {
    const struct aqpim_job* job = run->job;
    if (job->hidden == 0) {
        return put_nothing(run, pass, flags);
    }
    const uint32_t in = job->heads * job->head_dim;
    if (job->ffn == 0) {
        return put_matmul(run, pass, job->hidden, in, flags);
    }
    const uint32_t projections_up = (job->flags & AQPIM_JOB_PLAIN_FFN) != 0 ? 1 : 2;
    put_matmul(run, pass, job->hidden, in, 0);
    put_elementwise(run, pass, AQPIM_GPU_NORM);
    put_matmul(run, pass, projections_up * job->ffn, job->hidden, 0);
    put_elementwise(run, pass, AQPIM_GPU_ACTIVATION);
    return put_matmul(run, pass, job->hidden, job->ffn, flags);
}

uint64_t put_vocabulary(struct run* run, const struct pass* pass, uint16_t flags) {
    const struct aqpim_job* job = run->job;
    if (job->hidden == 0) {
        return put_nothing(run, pass, flags);
    }
    put_elementwise(run, pass, AQPIM_GPU_NORM);
    return put_matmul(run, pass, job->vocab, job->hidden, flags);
}

/* Causal: scores and values, a multiply and an add each, over half the square. Reads queries, keys and values once and
 * writes the output, as a kernel that keeps its scores on the chip (Dao et al., "FlashAttention", NeurIPS 2022). */
static void put_prompt_attention(struct run* run, const struct pass* pass) {
    const struct aqpim_job* job = run->job;
    const uint64_t tokens = pass->tokens;
    const struct aqpim_gpu_kernel kernel = {
        .header = header_in(pass, AQPIM_GPU_KERNEL, 0),
        .flop = 2ull * job->heads * job->head_dim * tokens * tokens,
        .bytes = 2ull * (job->heads + job->kv_heads) * vector_bytes(run) * tokens,
    };
    aqpim_queue_put(&run->compute, &kernel);
}

void put_prefill_layer(struct run* run, uint32_t sequence, uint32_t layer) {
    const struct aqpim_job* job = run->job;
    const struct pass pass = {run->sequences[sequence].prompt, PREFILL_STEP, layer};
    put_projections(run, &pass, 0);
    put_prompt_attention(run, &pass);
    put_feed_forward(run, &pass, 0);
    if (job->vocab > 0 && layer + 1 == job->layers && sequence + 1 == job->batch) {
        const struct pass last_tokens = step_pass(run, PREFILL_STEP, layer);
        put_vocabulary(run, &last_tokens, 0);
    }
}

uint64_t submit_end(struct run* run, const struct pass* pass) {
    const struct aqpim_gpu_kernel end = {.header = header_in(pass, AQPIM_GPU_NOP, AQPIM_FLAG_INTERRUPT)};
    return aqpim_queue_submit(&run->compute, &end);
}
