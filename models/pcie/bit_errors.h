#pragma once

#include <cstdint>

namespace aqpim {

/// Probability that at least one bit of `bytes` bytes is wrong: 1 - (1 - rate)^(8 bytes). By multiplication alone, so
/// that it is the same on every machine.
inline double damaged_share(double bit_error_rate, std::uint64_t bytes) {
    double good = 1;
    double power = 1 - bit_error_rate;
    for (std::uint64_t bits = bytes * 8; bits != 0; bits >>= 1) {
        good *= (bits & 1) != 0 ? power : 1;
        power *= power;
    }
    return 1 - good;
}

}  // namespace aqpim
