#include "models/pim/softmax.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace aqpim {

namespace {

/// Taylor's series of exp to the 13th power, highest first: 1 / 13! … 1 / 0!. On |r| <= ln 2 / 2 the rest is below
/// 5e-18.
constexpr std::array<double, 14> reciprocal_factorials = {
    1.0 / 6227020800, 1.0 / 479001600, 1.0 / 39916800, 1.0 / 3628800, 1.0 / 362880, 1.0 / 40320, 1.0 / 5040,
    1.0 / 720,        1.0 / 120,       1.0 / 24,       1.0 / 6,       0.5,          1.0,         1.0};

template <typename Policy>
float exponentials_by(std::vector<float>& scores, float scale) {
    float most = -std::numeric_limits<float>::infinity();
    for (const float score : scores) {
        most = score > most ? score : most;
    }
    std::array<float, sum_lanes> sums{};
    for (std::size_t t = 0; t < scores.size(); ++t) {
        const float below = scores[t] == most ? 0.0F : Policy::lane(scores[t] - most);
        scores[t] = Policy::move(static_cast<float>(exponential(static_cast<double>(Policy::lane(below * scale)))));
        sums[t % sum_lanes] = Policy::lane(sums[t % sum_lanes] + scores[t]);
    }
    return add_lanes<Policy>(sums);
}

}  // namespace

double exponential(double x) {
    if (std::isnan(x)) {
        return x;
    }
    constexpr double underflow = -700;  // far below what any 16-bit format holds
    if (x < underflow) {
        return 0;
    }
    const double turns = std::floor(x * 0x1.71547652b82fep0 + 0.5);  // x / ln 2
    // ln 2 in two parts, of which the first times `turns` is exact.
    const double rest = x - turns * 0x1.62e42fep-1 - turns * 0x1.f473de6af278fp-30;
    double sum = 0;
    for (const double coefficient : reciprocal_factorials) {
        sum = sum * rest + coefficient;
    }
    const auto exponent = static_cast<std::int64_t>(turns) + 1023;
    return sum * std::bit_cast<double>(static_cast<std::uint64_t>(exponent) << 52);
}

float exponentials(std::vector<float>& scores, float scale, Arithmetic arithmetic) {
    return with_arithmetic(arithmetic, [&](auto policy) { return exponentials_by<decltype(policy)>(scores, scale); });
}

float score_scale(std::size_t head_dim) {
    return 1.0F / std::sqrt(static_cast<float>(head_dim));
}

}  // namespace aqpim
