#include "platform/kv_bytes.h"

#include <algorithm>

#include "aqpim/pim_layout.h"
#include "platform/buffer_plan.h"

namespace aqpim {

namespace {

constexpr std::uint64_t tensors = 2;  // keys, values

std::uint64_t bytes_for(std::uint64_t bits) {
    constexpr std::uint64_t bits_per_byte = 8;
    return (bits + bits_per_byte - 1) / bits_per_byte;
}

/// Of the keys and values of one KV head of a sequence in one layer.
std::uint64_t compressed_bytes(const aqpim_job& job, const aqpim_job_sequence& sequence) {
    const std::uint64_t bits = aqpim_code_bits(job.centroids);
    if (job.policy == AQPIM_POLICY_UNIFORM) {
        constexpr std::uint64_t parameters = 2;  // scale and zero, of a channel's keys and of a token's values
        const std::uint64_t channels = sequence.coded == 0 ? 0 : job.head_dim;
        return tensors * bytes_for(sequence.coded * job.head_dim * bits) +
               (channels + sequence.coded) * parameters * word_bytes;
    }
    const std::uint64_t codebooks = std::uint64_t{sequence.windows} * job.centroids * job.head_dim * word_bytes;
    return tensors * (codebooks + bytes_for(sequence.coded * job.subvectors * bits));
}

}  // namespace

std::uint64_t kv_bytes_fp16(const aqpim_job& job, const std::vector<aqpim_job_sequence>& sequences) {
    std::uint64_t tokens = 0;
    for (const aqpim_job_sequence& sequence : sequences) {
        tokens += sequence.prompt + job.steps;
    }
    return tensors * tokens * job.layers * job.kv_heads * job.head_dim * word_bytes;
}

std::uint64_t kv_bytes_packed(const aqpim_job& job, const std::vector<aqpim_job_sequence>& sequences) {
    std::uint64_t bytes = 0;
    for (const aqpim_job_sequence& sequence : sequences) {
        const std::uint64_t uncoded = sequence.prompt + job.steps - sequence.coded;
        bytes += tensors * uncoded * job.head_dim * word_bytes + compressed_bytes(job, sequence);
    }
    return bytes * kept_layers(job) * job.kv_heads;
}

std::uint32_t kept_layers(const aqpim_job& job) {
    return job.layers - static_cast<std::uint32_t>(std::min<std::uint64_t>(job.result.layers_spilled, job.layers));
}

std::uint64_t host_kv_bytes(const Shape& shape) {
    constexpr std::uint64_t page = 4096;
    const std::uint64_t vectors = std::uint64_t{shape.kv_heads} * shape.batch() * shape.tokens();
    const std::uint64_t tensor_bytes = (vectors * shape.head_dim * word_bytes + page - 1) / page * page;
    return tensors * shape.layers * tensor_bytes;
}

}  // namespace aqpim
