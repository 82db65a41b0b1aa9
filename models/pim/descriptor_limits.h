#pragma once

#include <cstdint>

#include "aqpim/pim.h"

namespace aqpim::limits {

inline constexpr std::uint64_t half_bytes = 2;
// With these no size that aqpim/pim_layout.h works out in 32 bits overflows.
inline constexpr std::uint32_t most_elements = 1U << 20;
inline constexpr std::uint32_t most_head_dim = 1024;
inline constexpr std::uint32_t most_iterations = 100;
inline constexpr std::uint32_t most_queries = 1024;
inline constexpr std::uint32_t most_heads = 1024;
inline constexpr std::uint32_t most_sequences = 4096;

inline bool is_given(const aqpim_pim_sequence& sequence) {
    return sequence.coded <= most_elements && sequence.uncoded <= most_elements && sequence.windows <= most_elements;
}

}  // namespace aqpim::limits
