#pragma once

#include <bit>
#include <cstdint>

namespace aqpim {

/// bfloat16 as its bits: the upper half of a binary32.
using Bfloat = std::uint16_t;

/// Nearest bfloat16, ties to even; overflow gives infinity, NaN stays a (quiet) NaN, subnormals are kept.
Bfloat to_bfloat(float value);

/// Exact.
float bfloat_to_float(Bfloat value);

/// The largest float that rounds to `value`, which is not negative and not NaN: all others up to it round to no more.
float largest_rounding_to_bfloat(Bfloat value);

/// `value` rounded to bfloat16 and back, without a branch, so that loops over it vectorise.
inline float round_to_bfloat(float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    const std::uint32_t magnitude = bits & 0x7fffffff;
    const std::uint32_t number = (magnitude + 0x7fff + (magnitude >> 16 & 1)) & 0xffff0000;
    const std::uint32_t rounded = magnitude > 0x7f800000 ? 0x7fc00000 : number;
    return std::bit_cast<float>((bits & 0x80000000) | rounded);
}

}  // namespace aqpim
