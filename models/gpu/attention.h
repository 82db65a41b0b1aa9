#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "aqpim/gpu.h"

namespace aqpim {

/// What one KV head of one sequence holds: 16-bit words of `format`.
struct AttentionHead {
    std::size_t tokens;
    std::size_t group;  ///< query heads that share this KV head
    std::size_t head_dim;
    aqpim_gpu_format format;
    std::vector<std::uint16_t> keys;     ///< [tokens][head_dim]
    std::vector<std::uint16_t> values;   ///< the same
    std::vector<std::uint16_t> queries;  ///< [group][head_dim]
};

/// softmax(q K^T / sqrt(head_dim)) V for each query; returns [group][head_dim] in the head's format. Products, scores
/// and exponentials (less the greatest score) are fp32, sums over tokens fp32 by blocks of 64, the softmax's sum
/// float64. Words that are infinite or NaN give what IEEE 754 makes of them.
std::vector<std::uint16_t> dense_attention(const AttentionHead& head);

}  // namespace aqpim
