#include "models/cpu/float/float_arithmetic.h"
#include "models/cpu/float/float_rounding.h"

namespace aqpim::fp {

using exact::Operand;
using exact::operand_point;
using exact::Wide;

namespace {

/// The magnitude in units of 2^-64. `a` is below 2^64.
Wide fixed_point(const Operand& a) {
    const int up = a.exponent + 64 - operand_point;
    return up >= 0 ? Wide{a.significand} << up : exact::shift_right_sticky(Wide{a.significand}, -up);
}

/// What stands for all that is too large for `Int` on this side.
template <Integer Int>
Int saturated(bool negative, std::uint8_t& flags) {
    flags |= invalid;
    return negative ? std::numeric_limits<Int>::min() : std::numeric_limits<Int>::max();
}

}  // namespace

template <Integer Int, Bits B>
Int to_integer(B a, Rounding rounding, std::uint8_t& flags) {
    if (is_nan(a) || is_infinite(a)) {
        return saturated<Int>(!is_nan(a) && is_negative(a), flags);
    }
    const Operand operand = exact::unpack(a);
    if (operand.exponent >= 64) {
        return saturated<Int>(operand.negative, flags);
    }
    const Wide fixed = fixed_point(operand);
    const auto lower = static_cast<std::uint64_t>(fixed >> 64);
    const auto remainder = static_cast<std::uint64_t>(fixed);
    // No carry out of 64 bits: what has a fraction is below 2^53.
    const std::uint64_t whole =
        lower + exact::rounds_up(remainder, std::uint64_t{1} << 63, lower % 2 != 0, operand.negative, rounding);

    const auto max = static_cast<std::uint64_t>(std::numeric_limits<Int>::max());
    const std::uint64_t limit = !operand.negative ? max : std::numeric_limits<Int>::is_signed ? max + 1 : 0;
    if (whole > limit) {
        return saturated<Int>(operand.negative, flags);
    }
    if (remainder != 0) {
        flags |= inexact;
    }
    return static_cast<Int>(operand.negative ? -whole : whole);
}

template <Bits B, Integer Int>
B from_integer(Int value, Rounding rounding, std::uint8_t& flags) {
    const bool negative = value < 0;
    const auto extended = static_cast<std::uint64_t>(value);
    return exact::round<B>({negative, exact::result_point, negative ? -extended : extended}, rounding, flags);
}

template <Bits To, Bits From>
To convert(From a, Rounding rounding, std::uint8_t& flags) {
    if (is_nan(a)) {
        exact::nan_result(flags, a);
        return canonical_nan<To>;
    }
    if (is_infinite(a)) {
        return exact::signed_value(is_negative(a), Format<To>::infinity);
    }
    const Operand operand = exact::unpack(a);
    return exact::round<To>({operand.negative, operand.exponent, Wide{operand.significand} << operand_point}, rounding,
                            flags);
}

template std::int32_t to_integer(std::uint32_t, Rounding, std::uint8_t&);
template std::int32_t to_integer(std::uint64_t, Rounding, std::uint8_t&);
template std::uint32_t to_integer(std::uint32_t, Rounding, std::uint8_t&);
template std::uint32_t to_integer(std::uint64_t, Rounding, std::uint8_t&);
template std::int64_t to_integer(std::uint32_t, Rounding, std::uint8_t&);
template std::int64_t to_integer(std::uint64_t, Rounding, std::uint8_t&);
template std::uint64_t to_integer(std::uint32_t, Rounding, std::uint8_t&);
template std::uint64_t to_integer(std::uint64_t, Rounding, std::uint8_t&);

template std::uint32_t from_integer(std::int32_t, Rounding, std::uint8_t&);
template std::uint32_t from_integer(std::uint32_t, Rounding, std::uint8_t&);
template std::uint32_t from_integer(std::int64_t, Rounding, std::uint8_t&);
template std::uint32_t from_integer(std::uint64_t, Rounding, std::uint8_t&);
template std::uint64_t from_integer(std::int32_t, Rounding, std::uint8_t&);
template std::uint64_t from_integer(std::uint32_t, Rounding, std::uint8_t&);
template std::uint64_t from_integer(std::int64_t, Rounding, std::uint8_t&);
template std::uint64_t from_integer(std::uint64_t, Rounding, std::uint8_t&);

template std::uint32_t convert(std::uint64_t, Rounding, std::uint8_t&);
template std::uint64_t convert(std::uint32_t, Rounding, std::uint8_t&);

}  // namespace aqpim::fp
