#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "models/pim/arithmetic.h"

namespace aqpim {

/// Sums over tokens run in this many lanes: token t is added in lane t mod 16, in the order of tokens; the lanes come
/// together at the end, lane l and l + 8, then l and l + 4, l + 2, l + 1.
constexpr std::size_t sum_lanes = 16;

/// The lanes together.
template <typename Policy>
float add_lanes(std::array<float, sum_lanes> lanes) {
    for (std::size_t half = sum_lanes / 2; half != 0; half /= 2) {
        for (std::size_t lane = 0; lane < half; ++lane) {
            lanes[lane] = Policy::lane(lanes[lane] + lanes[lane + half]);
        }
    }
    return lanes[0];
}

/// e to the power of `x`, which is at most 0: the float64 result within 1e-14 of itself, the same on every machine.
double exponential(double x);

/// Numerators of a softmax over all tokens of a head, as the buffer engine computes them: exp((score - most) · scale)
/// rounded to 16 bits, in place, where `most` is the highest score. Returns their sum, by `sum_lanes`. A score equal to
/// the highest has weight 1, so infinite scores share all of it. A NaN score is never the highest; its weight is NaN,
/// and so is the sum: a head with a NaN score has no result.
float exponentials(std::vector<float>& scores, float scale, Arithmetic arithmetic);

/// 1 / sqrt(head_dim): what scores are multiplied with.
float score_scale(std::size_t head_dim);

}  // namespace aqpim
