#include "models/gpu/memory_kernels.h"

#include <algorithm>
#include <numeric>

#include "models/common/fp16.h"
#include "models/common/parallel.h"
#include "models/gpu/attention.h"
#include "models/gpu/formats.h"
#include "models/gpu/kernels.h"

namespace aqpim {

namespace {

void pack_head(KernelMemory& memory, const aqpim_gpu_pack& descriptor, std::uint32_t head) {
    for (std::uint32_t i = 0; i < descriptor.vectors; ++i) {
        const std::uint64_t source =
            descriptor.source + head * descriptor.source_head_stride + i * descriptor.source_stride;
        const auto vector = memory.read<std::uint8_t>(source, descriptor.head_dim * fp16_bytes);
        for (const PackPiece& piece : pack_pieces(descriptor, head, descriptor.target_first + i)) {
            memory.write_bytes(descriptor.target + piece.target, vector.data() + piece.source, piece.bytes);
        }
    }
}

void weigh_head(KernelMemory& memory, const aqpim_gpu_importance& descriptor, std::uint32_t kv_head) {
    const std::size_t group = descriptor.heads / descriptor.kv_heads;
    const std::size_t row_words = group * descriptor.head_dim;
    const auto keys = memory.read<Half>(descriptor.keys + kv_head * descriptor.keys_head_stride,
                                        std::uint64_t{descriptor.tokens} * descriptor.head_dim);
    std::vector<Half> queries;
    for (std::uint32_t row = 0; row < descriptor.query_rows; ++row) {
        const auto words = memory.read<Half>(
            descriptor.queries + row * descriptor.queries_stride + kv_head * row_words * fp16_bytes, row_words);
        queries.insert(queries.end(), words.begin(), words.end());
    }
    const auto format = static_cast<aqpim_gpu_format>(descriptor.format);
    memory.write(descriptor.target + std::uint64_t{kv_head} * descriptor.tokens * fp16_bytes,
                 importance(widen(keys, format), widen(queries, format), descriptor.tokens, descriptor.query_rows,
                            group, descriptor.head_dim));
}

/// KV head `unit / sequences` of sequence `unit % sequences`.
AttentionHead read_head(const KernelMemory& memory, const aqpim_gpu_attention& descriptor, std::uint32_t tokens,
                        std::uint64_t unit) {
    const std::uint64_t offset =
        unit % descriptor.sequences * descriptor.sequence_stride + unit / descriptor.sequences * descriptor.head_stride;
    const std::uint64_t words = std::uint64_t{tokens} * descriptor.head_dim;
    const std::uint64_t query_words = std::uint64_t{descriptor.group} * descriptor.head_dim;
    return {tokens,
            descriptor.group,
            descriptor.head_dim,
            static_cast<aqpim_gpu_format>(descriptor.format),
            memory.read<std::uint16_t>(descriptor.keys + offset, words),
            memory.read<std::uint16_t>(descriptor.values + offset, words),
            memory.read<std::uint16_t>(descriptor.queries + unit * query_words * fp16_bytes, query_words)};
}

/// How many KV heads are held at once: enough for the host's cores, and little enough to stay near them.
std::uint64_t units_at_once(const aqpim_gpu_attention& descriptor) {
    constexpr std::uint64_t words_at_once = std::uint64_t{1} << 22;
    constexpr std::uint64_t fewest = 8;
    const std::uint64_t unit_words = std::uint64_t{2} * descriptor.most_tokens * descriptor.head_dim;
    return std::max(fewest, words_at_once / unit_words);
}

}  // namespace

void pack(KernelMemory& memory, const aqpim_gpu_pack& descriptor) {
    for (std::uint32_t head = 0; head < descriptor.heads; ++head) {
        pack_head(memory, descriptor, head);
    }
}

void weigh_importance(KernelMemory& memory, const aqpim_gpu_importance& descriptor) {
    for (std::uint32_t kv_head = 0; kv_head < descriptor.kv_heads; ++kv_head) {
        weigh_head(memory, descriptor, kv_head);
    }
}

std::vector<std::uint32_t> token_counts(const KernelMemory& memory, const aqpim_gpu_attention& descriptor) {
    if (descriptor.tokens == 0) {
        return std::vector<std::uint32_t>(descriptor.sequences, descriptor.most_tokens);
    }
    auto tokens = memory.read<std::uint32_t>(descriptor.tokens, descriptor.sequences);
    const bool in_range = std::all_of(tokens.begin(), tokens.end(), [&](std::uint32_t count) {
        return count != 0 && count <= descriptor.most_tokens;
    });
    if (!in_range || std::accumulate(tokens.begin(), tokens.end(), std::uint64_t{0}) != descriptor.total_tokens) {
        tokens.clear();
    }
    return tokens;
}

void attend(KernelMemory& memory, const aqpim_gpu_attention& descriptor, const std::vector<std::uint32_t>& tokens) {
    const std::uint64_t units = std::uint64_t{descriptor.kv_heads} * descriptor.sequences;
    const std::uint64_t output_bytes = std::uint64_t{descriptor.group} * descriptor.head_dim * fp16_bytes;
    memory.check(descriptor.output, units * output_bytes);
    const std::uint64_t at_once = units_at_once(descriptor);
    for (std::uint64_t first = 0; first < units; first += at_once) {
        std::vector<AttentionHead> heads;
        for (std::uint64_t unit = first; unit < std::min(units, first + at_once); ++unit) {
            heads.push_back(read_head(memory, descriptor, tokens[unit % descriptor.sequences], unit));
        }
        std::vector<std::vector<std::uint16_t>> outputs(heads.size());
        parallel_for(heads.size(), [&](std::size_t i) { outputs[i] = dense_attention(heads[i]); });
        for (std::size_t i = 0; i < outputs.size(); ++i) {
            memory.write(descriptor.output + (first + i) * output_bytes, outputs[i]);
        }
    }
}

}  // namespace aqpim
