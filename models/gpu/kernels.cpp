#include "models/gpu/kernels.h"

#include <algorithm>
#include <cmath>

#include "aqpim/pim_layout.h"

namespace aqpim {

std::vector<PackPiece> pack_pieces(const aqpim_gpu_pack& pack, std::uint32_t head, std::uint32_t element) {
    const aqpim_layout layout =
        aqpim_make_layout(pack.channels, pack.banks_per_channel, pack.group_banks, pack.subvectors, pack.head_dim);
    const std::uint32_t group = pack.first_group + head * pack.group_stride;
    std::vector<PackPiece> pieces;
    for (std::uint32_t i = 0; i < pack.subvectors; ++i) {
        const std::uint32_t bank = aqpim_element_bank(&layout, pack.subvectors, i, element);
        std::uint64_t byte = std::uint64_t{element / layout.splits} * layout.subvector_bytes;
        std::uint64_t source = std::uint64_t{i} * layout.subvector_bytes;
        std::uint32_t left = layout.subvector_bytes;
        while (left != 0) {
            const auto run = std::min<std::uint32_t>(left, AQPIM_BURST_BYTES - byte % AQPIM_BURST_BYTES);
            const std::uint64_t column = aqpim_slot_column(&layout, i, byte / AQPIM_BURST_BYTES);
            const std::uint64_t in_burst = byte % AQPIM_BURST_BYTES;
            pieces.push_back({source, aqpim_bank_address(&layout, group, bank, column, in_burst), run});
            source += run;
            byte += run;
            left -= run;
        }
    }
    return pieces;
}

float importance_scale(std::size_t rows) {
    constexpr float largest = 32768.0F;
    return std::exp2(std::floor(std::log2(largest / static_cast<float>(rows))));
}

namespace {

/// Adds one query's softmaxed attention over the first `visible` tokens to `sums`.
void add_attention(const std::vector<float>& keys, const float* query, std::size_t visible, std::size_t head_dim,
                   std::vector<double>& sums) {
    std::vector<float> scores(visible);
    const float scale = 1.0F / std::sqrt(static_cast<float>(head_dim));
    for (std::size_t token = 0; token < visible; ++token) {
        float dot = 0;
        for (std::size_t j = 0; j < head_dim; ++j) {
            dot += query[j] * keys[token * head_dim + j];
        }
        scores[token] = dot * scale;
    }
    const float most = *std::max_element(scores.begin(), scores.end());
    double total = 0;
    for (float& score : scores) {
        score = std::exp(score - most);
        total += score;
    }
    for (std::size_t token = 0; token < visible; ++token) {
        sums[token] += scores[token] / total;
    }
}

}  // namespace

std::vector<Half> importance(const std::vector<float>& keys, const std::vector<float>& queries, std::size_t tokens,
                             std::size_t query_rows, std::size_t group, std::size_t head_dim) {
    std::vector<double> sums(tokens);
    for (std::size_t row = 0; row < query_rows; ++row) {
        const std::size_t visible = tokens - query_rows + row + 1;
        for (std::size_t g = 0; g < group; ++g) {
            add_attention(keys, &queries[(row * group + g) * head_dim], visible, head_dim, sums);
        }
    }
    const float scale = importance_scale(query_rows * group);
    std::vector<Half> weights(tokens);
    std::transform(sums.begin(), sums.end(), weights.begin(),
                   [&](double sum) { return to_half(static_cast<float>(sum) * scale); });
    return weights;
}

}  // namespace aqpim
