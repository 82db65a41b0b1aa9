#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "aqpim/gpu.h"

namespace aqpim {

/// Exact values of `count` 16-bit words. Quick: without a branch, so that it vectorises.
void widen(const std::uint16_t* words, std::size_t count, aqpim_gpu_format format, float* values);
std::vector<float> widen(const std::vector<std::uint16_t>& words, aqpim_gpu_format format);

/// Nearest 16-bit words, ties to even.
std::vector<std::uint16_t> narrow(const std::vector<float>& values, aqpim_gpu_format format);

}  // namespace aqpim
