#pragma once

#include <cstdint>
#include <vector>

#include "aqpim/gpu.h"

namespace aqpim {

/// Normally distributed values times `spread`, as words of `format`.
std::vector<std::uint16_t> random_words(std::size_t count, unsigned seed, aqpim_gpu_format format, float spread = 1);

/// Attention of all queries to all keys in float64, straight from its definition.
std::vector<double> reference_attention(const std::vector<std::uint16_t>& keys,
                                        const std::vector<std::uint16_t>& values,
                                        const std::vector<std::uint16_t>& queries, std::size_t head_dim,
                                        aqpim_gpu_format format);

/// True if `word` is `expected` rounded to its format after arithmetic in fp32.
bool is_near(std::uint16_t word, double expected, aqpim_gpu_format format);

}  // namespace aqpim
