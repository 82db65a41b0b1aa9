#pragma once

#include <cstdint>

#include "models/cpu/float/float_format.h"

/// How operations take operands apart and round their results. Only for this folder's sources.
namespace aqpim::fp::exact {

__extension__ using Wide = unsigned __int128;

inline constexpr int operand_point = 62;
inline constexpr int result_point = 2 * operand_point;

/// A finite operand: significand / 2^operand_point * 2^exponent, with 1 <= significand / 2^operand_point < 2, or zero.
struct Operand {
    bool negative;
    int exponent;
    std::uint64_t significand;
};

/// What an operation found before rounding: significand / 2^result_point * 2^exponent, not normalised. Where it knows
/// the bits only down to some place (at least two beyond the format's precision), the lowest bit tells whether any was
/// set below ("sticky").
struct Result {
    bool negative;
    int exponent;
    Wide significand;
};

/// `a` is finite.
template <Bits B>
Operand unpack(B a);

/// Rounds to the format and raises inexact, underflow and overflow (IEEE 754-2008, 4.3 and 7.4 to 7.6).
template <Bits B>
B round(const Result& result, Rounding rounding, std::uint8_t& flags);

/// Whether a magnitude that lies between two neighbours, `lower_odd` telling of the lower one's last bit, goes to the
/// upper one. `remainder` is its distance from the lower one, of which `half` is half the way.
constexpr bool rounds_up(std::uint64_t remainder, std::uint64_t half, bool lower_odd, bool negative,
                         Rounding rounding) {
    switch (rounding) {
        case Rounding::nearest_even:
            return remainder > half || (remainder == half && lower_odd);
        case Rounding::nearest_away:
            return remainder >= half;
        case Rounding::down:
            return negative && remainder != 0;
        case Rounding::up:
            return !negative && remainder != 0;
        case Rounding::to_zero:
            break;
    }
    return false;
}

/// `value` / 2^`distance`; what is shifted out leaves the lowest bit set.
template <class T>
constexpr T shift_right_sticky(T value, int distance) {
    constexpr int width = 8 * sizeof(T);
    if (distance == 0) {
        return value;
    }
    if (distance >= width) {
        return value != 0;
    }
    const bool lost = value << (width - distance) != 0;
    return value >> distance | lost;
}

template <Bits B>
constexpr B signed_value(bool negative, B magnitude) {
    return negative ? negate(magnitude) : magnitude;
}

template <Bits B>
constexpr B invalid_result(std::uint8_t& flags) {
    flags |= invalid;
    return canonical_nan<B>;
}

/// The result of an operation that has a NaN among its operands (IEEE 754-2008, 6.2).
template <Bits B, class... Others>
constexpr B nan_result(std::uint8_t& flags, B a, Others... others) {
    if (is_signaling(a) || (is_signaling(others) || ...)) {
        flags |= invalid;
    }
    return canonical_nan<B>;
}

}  // namespace aqpim::fp::exact
