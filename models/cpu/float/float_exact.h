#pragma once

#include "models/cpu/float/float_format.h"

/// The arithmetic in integers, for every operand and rounding mode. float_arithmetic.h goes around it where the host's
/// own arithmetic gives the same.
namespace aqpim::fp::exact {

template <Bits B>
B add(B a, B b, Rounding rounding, std::uint8_t& flags);
template <Bits B>
B multiply(B a, B b, Rounding rounding, std::uint8_t& flags);
template <Bits B>
B fused_multiply_add(B a, B b, B c, Rounding rounding, std::uint8_t& flags);
template <Bits B>
B divide(B a, B b, Rounding rounding, std::uint8_t& flags);
template <Bits B>
B square_root(B a, Rounding rounding, std::uint8_t& flags);

}  // namespace aqpim::fp::exact
