#pragma once

#include <cmath>
#include <cstdint>

#include "models/cpu/float/float_exact.h"
#include "models/cpu/float/float_format.h"
#include "models/cpu/float/float_host.h"

/// The arithmetic of the F and D extensions on encodings: every result and every flag as IEEE 754-2008 and RISC-V
/// (Unprivileged ISA 20191213, chapters 11 and 12) define them, the same on any machine. Each operation or-s the
/// exceptions it raises into `flags`. A NaN result is the canonical NaN; tininess is detected after rounding.
///
/// Sums, products, quotients, roots and fused multiply-adds take the host's arithmetic where float_host.h tells that it
/// gives the same.
namespace aqpim::fp {

template <Bits B>
B add(B a, B b, Rounding rounding, std::uint8_t& flags) {
    if (rounding == Rounding::nearest_even) {
        const B result = host::bits<B>(host::number(a) + host::number(b));
        if (host::is_finite(result) && ((flags & inexact) != 0 || host::sum_is_exact(a, b, result))) {
            return result;
        }
    }
    return exact::add(a, b, rounding, flags);
}

template <Bits B>
B subtract(B a, B b, Rounding rounding, std::uint8_t& flags) {
    return add(a, negate(b), rounding, flags);
}

template <Bits B>
B multiply(B a, B b, Rounding rounding, std::uint8_t& flags) {
    if (rounding == Rounding::nearest_even && ((flags & inexact) != 0 || host::product_is_exact(a, b))) {
        const B result = host::bits<B>(host::number(a) * host::number(b));
        if (host::is_in_range(result, is_zero(a) || is_zero(b))) {
            return result;
        }
    }
    return exact::multiply(a, b, rounding, flags);
}

template <Bits B>
B divide(B a, B b, Rounding rounding, std::uint8_t& flags) {
    if (rounding == Rounding::nearest_even) {
        const B result = host::bits<B>(host::number(a) / host::number(b));
        if (host::is_in_range(result, is_zero(a)) &&
            ((flags & inexact) != 0 || host::quotient_is_exact(a, b, result))) {
            return result;
        }
    }
    return exact::divide(a, b, rounding, flags);
}

template <Bits B>
B square_root(B a, Rounding rounding, std::uint8_t& flags) {
    if (rounding == Rounding::nearest_even && (flags & inexact) != 0) {
        const B result = host::bits<B>(std::sqrt(host::number(a)));
        if (host::is_finite(result)) {
            return result;
        }
    }
    return exact::square_root(a, rounding, flags);
}

/// a * b + c, rounded once. Infinity times zero is invalid even if c is a quiet NaN (11.6).
template <Bits B>
B fused_multiply_add(B a, B b, B c, Rounding rounding, std::uint8_t& flags) {
    if (rounding == Rounding::nearest_even && (flags & inexact) != 0) {
        const B result = host::bits<B>(std::fma(host::number(a), host::number(b), host::number(c)));
        if (host::is_in_range(result, is_zero(a) || is_zero(b))) {
            return result;
        }
    } else if (host::product_is_exact(a, b)) {  // so rounding the sum is rounding once, in any mode
        const B product = host::bits<B>(host::number(a) * host::number(b));
        if (host::is_in_range(product, is_zero(a) || is_zero(b))) {
            return add(product, c, rounding, flags);
        }
    }
    return exact::fused_multiply_add(a, b, c, rounding, flags);
}

/// minimumNumber and maximumNumber of IEEE 754-2019 (11.6): -0 is below +0, a number wins over a NaN, a signaling NaN
/// is invalid.
template <Bits B>
B minimum(B a, B b, std::uint8_t& flags);
template <Bits B>
B maximum(B a, B b, std::uint8_t& flags);

/// Only a signaling NaN is invalid.
template <Bits B>
bool equal(B a, B b, std::uint8_t& flags);
/// Any NaN is invalid.
template <Bits B>
bool less(B a, B b, std::uint8_t& flags);
template <Bits B>
bool less_or_equal(B a, B b, std::uint8_t& flags);

/// The mask of FCLASS, one of ten bits (table 11.5).
template <Bits B>
std::uint64_t classify(B a);

template <class T>
concept Integer = std::same_as<T, std::int32_t> || std::same_as<T, std::uint32_t> || std::same_as<T, std::int64_t> ||
    std::same_as<T, std::uint64_t>;

/// What does not fit is invalid and gives the nearest integer that does, a NaN the largest (table 11.4).
template <Integer Int, Bits B>
Int to_integer(B a, Rounding rounding, std::uint8_t& flags);
template <Bits B, Integer Int>
B from_integer(Int value, Rounding rounding, std::uint8_t& flags);

/// Between the two formats.
template <Bits To, Bits From>
To convert(From a, Rounding rounding, std::uint8_t& flags);

}  // namespace aqpim::fp
