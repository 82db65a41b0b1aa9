#include "models/common/bf16.h"

namespace aqpim {

Bfloat to_bfloat(float value) {
    return static_cast<Bfloat>(std::bit_cast<std::uint32_t>(round_to_bfloat(value)) >> 16);
}

float bfloat_to_float(Bfloat value) {
    return std::bit_cast<float>(std::uint32_t{value} << 16);
}

float largest_rounding_to_bfloat(Bfloat value) {
    const std::uint32_t rounded = std::uint32_t{value} << 16;
    if (rounded == 0x7f800000) {
        return std::bit_cast<float>(rounded);
    }
    // A tie goes to the even one of its neighbours.
    return std::bit_cast<float>(rounded + 0x8000 - (value & 1));
}

}  // namespace aqpim
