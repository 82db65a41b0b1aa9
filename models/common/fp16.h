#pragma once

#include <cstdint>

namespace aqpim {

/// IEEE 754 binary16 as its bits.
using Half = std::uint16_t;

/// Nearest binary16, ties to even; overflow gives infinity, NaN stays a (quiet) NaN.
Half to_half(float value);

/// Exact.
float to_float(Half value);

/// `value` rounded to binary16 and back: what a register or a memory of fp16 keeps of it.
inline float round_to_half(float value) {
    return to_float(to_half(value));
}

}  // namespace aqpim
