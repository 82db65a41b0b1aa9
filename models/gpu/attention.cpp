#include "models/gpu/attention.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "models/gpu/formats.h"

namespace aqpim {

namespace {

constexpr std::size_t block_tokens = 64;  // widened at once: they stay in the cache for all queries

/// The sum's order is fixed, with as many partial sums as the host adds at once.
float dot(const float* a, const float* b, std::size_t length) {
    constexpr std::size_t lanes = 8;
    std::array<float, lanes> sums{};
    std::size_t i = 0;
    for (; i + lanes <= length; i += lanes) {
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            sums[lane] += a[i + lane] * b[i + lane];
        }
    }
    for (; i < length; ++i) {
        sums[i % lanes] += a[i] * b[i];
    }
    return std::accumulate(sums.begin(), sums.end(), 0.0F);
}

/// Calls `body(first, count, values)` for each block of a tensor's tokens, widened.
template <class Body>
void for_each_block(const AttentionHead& head, const std::vector<std::uint16_t>& tensor, Body body) {
    std::vector<float> block(block_tokens * head.head_dim);
    for (std::size_t first = 0; first < head.tokens; first += block_tokens) {
        const std::size_t count = std::min(block_tokens, head.tokens - first);
        widen(&tensor[first * head.head_dim], count * head.head_dim, head.format, block.data());
        body(first, count, block.data());
    }
}

/// [group][tokens]
std::vector<float> scores_of(const AttentionHead& head) {
    const std::vector<float> queries = widen(head.queries, head.format);
    const float scale = 1.0F / std::sqrt(static_cast<float>(head.head_dim));
    std::vector<float> scores(head.group * head.tokens);
    for_each_block(head, head.keys, [&](std::size_t first, std::size_t count, const float* keys) {
        for (std::size_t g = 0; g < head.group; ++g) {
            for (std::size_t i = 0; i < count; ++i) {
                scores[g * head.tokens + first + i] =
                    dot(&queries[g * head.head_dim], keys + i * head.head_dim, head.head_dim) * scale;
            }
        }
    });
    return scores;
}

/// Turns one query's scores into exponentials; returns their sum.
double exponentiate(float* scores, std::size_t tokens) {
    const float most = *std::max_element(scores, scores + tokens);
    double sum = 0;
    for (std::size_t token = 0; token < tokens; ++token) {
        scores[token] = std::exp(scores[token] - most);
        sum += scores[token];
    }
    return sum;
}

/// Sum over tokens of weight times value: [group][head_dim]
std::vector<float> weighted_values(const AttentionHead& head, const std::vector<float>& weights) {
    std::vector<float> sums(head.group * head.head_dim);
    std::vector<float> block_sums(head.head_dim);
    for_each_block(head, head.values, [&](std::size_t first, std::size_t count, const float* values) {
        for (std::size_t g = 0; g < head.group; ++g) {
            std::fill(block_sums.begin(), block_sums.end(), 0.0F);
            for (std::size_t i = 0; i < count; ++i) {
                const float weight = weights[g * head.tokens + first + i];
                for (std::size_t j = 0; j < head.head_dim; ++j) {
                    block_sums[j] += weight * values[i * head.head_dim + j];
                }
            }
            for (std::size_t j = 0; j < head.head_dim; ++j) {
                sums[g * head.head_dim + j] += block_sums[j];
            }
        }
    });
    return sums;
}

}  // namespace

std::vector<std::uint16_t> dense_attention(const AttentionHead& head) {
    std::vector<float> weights = scores_of(head);
    std::vector<double> totals(head.group);
    for (std::size_t g = 0; g < head.group; ++g) {
        totals[g] = exponentiate(&weights[g * head.tokens], head.tokens);
    }
    std::vector<float> outputs = weighted_values(head, weights);
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        outputs[i] = static_cast<float>(outputs[i] / totals[i / head.head_dim]);
    }
    return narrow(outputs, head.format);
}

}  // namespace aqpim
