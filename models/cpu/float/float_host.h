#pragma once

#include <bit>
#include <cfloat>
#include <cmath>
#include <type_traits>

#include "models/cpu/float/float_format.h"

/// When the host's own arithmetic gives the result and the flags that the integer arithmetic would. The host conforms
/// to IEEE 754, evaluates in the operands' format and is left in its default mode, which rounds to nearest, ties to
/// even, and keeps subnormals; std::fma rounds once. So its results are right for that rounding mode. Its flags are
/// costly to read. They are known without that when
/// - the result is finite: an invalid operation would have given a NaN, overflow and division by zero an infinity;
/// - nothing underflowed: always so for sums, which are exact when subnormal, and for square roots; otherwise when the
///   result is well above the subnormals, or zero because a factor or the dividend is;
/// - inexact is set already, or the operation is seen to be exact.
namespace aqpim::fp::host {

static_assert(FLT_EVAL_METHOD == 0);

template <Bits B>
using Number = std::conditional_t<Format<B>::width == 32, float, double>;

template <Bits B>
Number<B> number(B a) {
    return std::bit_cast<Number<B>>(a);
}

template <Bits B>
B bits(Number<B> number) {
    return std::bit_cast<B>(number);
}

template <Bits B>
bool is_finite(B result) {
    return magnitude(result) < Format<B>::infinity;
}

/// Finite, and not so small that it may have been rounded up from below the smallest normal number.
template <Bits B>
bool is_normal(B result) {
    constexpr B lowest = 2 * Format<B>::hidden_bit;
    return magnitude(result) - lowest < Format<B>::infinity - lowest;
}

/// Of a product or quotient; `zero_operand` tells whether its exact value is zero.
template <Bits B>
bool is_in_range(B result, bool zero_operand) {
    return is_normal(result) || (is_zero(result) && zero_operand);
}

/// Knuth's two-sum gives the error of a sum rounded to nearest, or a NaN where it leaves the range.
template <Bits B>
bool sum_is_exact(B a, B b, B result) {
    const Number<B> part_b = number(result) - number(a);
    const Number<B> part_a = number(result) - part_b;
    return (number(a) - part_a) + (number(b) - part_b) == 0;
}

/// Factors whose significant bits together fit into one significand have an exact product, where it is in range. Says
/// no to some that would do.
template <Bits B>
bool product_is_exact(B a, B b) {
    const auto trailing_zeros = [](B factor) { return std::countr_zero(B{factor | Format<B>::hidden_bit}); };
    return trailing_zeros(a) + trailing_zeros(b) > Format<B>::fraction_bits;
}

/// Where the way back by an exact product leads to the dividend.
template <Bits B>
bool quotient_is_exact(B a, B b, B result) {
    return product_is_exact(result, b) && is_normal(a) && bits<B>(number(result) * number(b)) == a;
}

}  // namespace aqpim::fp::host
