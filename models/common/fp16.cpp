#include "models/common/fp16.h"

#include <bit>
#include <cmath>

namespace aqpim {

Half to_half(float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    const auto sign = static_cast<Half>(bits >> 16 & 0x8000);
    const std::uint32_t magnitude = bits & 0x7fffffff;
    if (magnitude > 0x7f800000) {
        return static_cast<Half>(sign | 0x7e00);
    }
    if (magnitude >= 0x477ff000) {  // 65520 and above round to infinity
        return static_cast<Half>(sign | 0x7c00);
    }
    if (magnitude < 0x38800000) {  // below 2^-14 binary16 is subnormal: a multiple of 2^-24
        const float scaled = std::bit_cast<float>(magnitude) * 0x1p24F;
        return static_cast<Half>(sign | static_cast<Half>(std::nearbyint(scaled)));
    }
    const std::uint32_t rounded = magnitude + 0xfff + (magnitude >> 13 & 1);
    return static_cast<Half>(sign | (rounded - 0x38000000) >> 13);
}

float to_float(Half value) {
    const std::uint32_t sign = std::uint32_t{value} << 16 & 0x80000000;
    const std::uint32_t exponent = value >> 10 & 0x1f;
    const std::uint32_t fraction = value & 0x3ff;
    if (exponent == 0) {
        const float magnitude = static_cast<float>(fraction) * 0x1p-24F;
        return std::bit_cast<float>(sign | std::bit_cast<std::uint32_t>(magnitude));
    }
    const std::uint32_t wide = exponent == 31 ? 0xff : exponent + 112;
    return std::bit_cast<float>(sign | wide << 23 | fraction << 13);
}

float largest_rounding_to_half(Half value) {
    const float rounded = to_float(value);
    if (std::isinf(rounded)) {
        return rounded;
    }
    const bool subnormal = value < 0x400;
    const std::uint32_t middle =
        subnormal ? std::bit_cast<std::uint32_t>(rounded + 0x1p-25F) : std::bit_cast<std::uint32_t>(rounded) + 0x1000;
    // A tie goes to the even one of its neighbours.
    return std::bit_cast<float>(middle - (value & 1));
}

}  // namespace aqpim
