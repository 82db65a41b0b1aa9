#include "models/gpu/kernel_work.h"

#include <algorithm>
#include <initializer_list>

#include "models/common/fp16.h"

namespace aqpim {

namespace {

constexpr std::uint64_t most_elements = std::uint64_t{1} << 30;  // of one head's tensor
constexpr std::uint64_t most_scores = std::uint64_t{1} << 28;    // of one KV head's queries, which stay on chip
// With strides times any 16-bit index twice, address arithmetic does not wrap.
constexpr std::uint64_t largest_address = std::uint64_t{1} << 47;

bool in_range(std::initializer_list<std::uint64_t> addresses_and_strides) {
    return std::all_of(addresses_and_strides.begin(), addresses_and_strides.end(),
                       [](std::uint64_t value) { return value < largest_address; });
}

/// Nothing if a factor is zero, or the product more than most_work.
std::optional<std::uint64_t> product(std::initializer_list<std::uint64_t> factors) {
    std::uint64_t result = 1;
    for (const std::uint64_t factor : factors) {
        if (factor == 0 || result > most_work / factor) {
            return std::nullopt;
        }
        result *= factor;
    }
    return result;
}

std::optional<KernelWork> checked(const std::optional<std::uint64_t>& flop, std::uint64_t bytes) {
    if (!flop || bytes > most_work) {
        return std::nullopt;
    }
    return KernelWork{*flop, bytes};
}

bool is_valid(const aqpim_gpu_pack& pack) {
    return pack.subvectors != 0 && pack.head_dim % pack.subvectors == 0 && pack.head_dim >= pack.subvectors &&
           pack.banks_per_channel != 0 && pack.group_banks != 0 &&
           (pack.first_group + (pack.heads - 1ULL) * pack.group_stride + 1) * pack.group_banks <=
               std::uint64_t{pack.channels} * pack.banks_per_channel &&
           in_range({pack.source, pack.source_head_stride, pack.source_stride, pack.target}) &&
           product({pack.vectors, std::max<std::uint64_t>(pack.source_stride, 1)});
}

bool is_valid(const aqpim_gpu_importance& importance) {
    return importance.kv_heads != 0 && importance.heads % importance.kv_heads == 0 &&
           importance.format <= AQPIM_GPU_BF16 && importance.query_rows <= importance.tokens &&
           std::uint64_t{importance.tokens} * importance.head_dim < most_elements &&
           std::uint64_t{importance.query_rows} * importance.heads * importance.head_dim < most_elements &&
           in_range({importance.keys, importance.keys_head_stride, importance.queries, importance.queries_stride,
                     importance.target}) &&
           product({importance.query_rows, std::max<std::uint64_t>(importance.queries_stride, 1)});
}

bool is_valid(const aqpim_gpu_attention& attention) {
    const std::uint64_t most_total = std::uint64_t{attention.sequences} * attention.most_tokens;
    const std::uint64_t least_total = attention.tokens == 0 ? most_total : attention.sequences;
    return attention.format <= AQPIM_GPU_BF16 &&
           std::uint64_t{attention.most_tokens} * attention.head_dim < most_elements &&
           std::uint64_t{attention.group} * attention.head_dim < most_elements &&
           std::uint64_t{attention.most_tokens} * attention.group <= most_scores &&
           attention.total_tokens >= least_total && attention.total_tokens <= most_total &&
           in_range({attention.keys, attention.values, attention.sequence_stride, attention.head_stride,
                     attention.queries, attention.output, attention.tokens});
}

}  // namespace

std::optional<KernelWork> work_of(const aqpim_gpu_kernel& kernel) {
    return checked(kernel.flop <= most_work ? std::optional(kernel.flop) : std::nullopt, kernel.bytes);
}

std::optional<KernelWork> work_of(const aqpim_gpu_pack& pack) {
    // Every byte is read and written.
    const auto bytes = product({2, pack.heads, pack.vectors, pack.head_dim, fp16_bytes});
    return bytes && is_valid(pack) ? std::optional(KernelWork{0, *bytes}) : std::nullopt;
}

std::optional<KernelWork> work_of(const aqpim_gpu_importance& importance) {
    if (!is_valid(importance)) {
        return std::nullopt;
    }
    // A multiply and an add for each score's head_dim; the scores stay on chip.
    const auto flop = product({2, importance.heads, importance.query_rows, importance.tokens, importance.head_dim});
    return checked(flop, std::uint64_t{importance.kv_heads} * importance.tokens * importance.head_dim * fp16_bytes);
}

std::optional<KernelWork> work_of(const aqpim_gpu_matmul& matmul) {
    const std::uint64_t m = matmul.m;
    const std::uint64_t n = matmul.n;
    const std::uint64_t k = matmul.k;
    const auto flop = product({2, m, n, k, matmul.count});
    // No term is more than the operations, so the sum does not wrap.
    return checked(flop, flop ? fp16_bytes * (n * k + m * k + m * n) * matmul.count : 0);
}

std::optional<KernelWork> work_of(const aqpim_gpu_attention& attention) {
    const auto flop = product({4, attention.group, attention.head_dim, attention.kv_heads, attention.total_tokens});
    if (!flop || attention.sequences == 0 || !is_valid(attention)) {
        return std::nullopt;
    }
    const std::uint64_t vector_bytes = attention.head_dim * fp16_bytes;
    const std::uint64_t keys_and_values = 2 * attention.total_tokens * attention.kv_heads * vector_bytes;
    const std::uint64_t queries_and_outputs =
        2ULL * attention.kv_heads * attention.sequences * attention.group * vector_bytes;
    return checked(flop, keys_and_values + queries_and_outputs);
}

}  // namespace aqpim
