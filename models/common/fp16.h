#pragma once

#include <bit>
#include <cstdint>

namespace aqpim {

/// IEEE 754 binary16 as its bits.
using Half = std::uint16_t;
inline constexpr std::uint64_t fp16_bytes = sizeof(Half);

/// Nearest binary16, ties to even; overflow gives infinity, NaN stays a (quiet) NaN.
Half to_half(float value);

/// Exact.
float to_float(Half value);

/// The largest float that rounds to `value`, which is not negative and not NaN: all others up to it round to no more.
float largest_rounding_to_half(Half value);

/// `value` rounded to binary16 and back: what a register or a memory of fp16 keeps of it. Equal to
/// `to_float(to_half(value))`, without a branch, so that loops over it vectorise.
inline float round_to_half(float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    const std::uint32_t magnitude = bits & 0x7fffffff;
    const std::uint32_t normal = (magnitude + 0xfff + (magnitude >> 13 & 1)) & 0xffffe000;
    // The floats from 0.5 to 1 are the multiples of 2^-24, as binary16's subnormals are.
    const auto subnormal = std::bit_cast<std::uint32_t>((std::bit_cast<float>(magnitude) + 0.5F) - 0.5F);
    std::uint32_t rounded = magnitude < 0x38800000 ? subnormal : normal;
    rounded = magnitude >= 0x477ff000 ? 0x7f800000 : rounded;
    rounded = magnitude > 0x7f800000 ? 0x7fc00000 : rounded;
    return std::bit_cast<float>((bits & 0x80000000) | rounded);
}

}  // namespace aqpim
