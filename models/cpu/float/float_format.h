#pragma once

#include <concepts>
#include <cstdint>
#include <limits>

/// The formats of the F and D extensions as their encodings, and what needs nothing but the encoding (IEEE 754-2008,
/// 3.4; RISC-V Unprivileged ISA 20191213, chapters 11 and 12).
namespace aqpim::fp {

/// Rounding modes, as in frm (table 11.1).
enum class Rounding : std::uint8_t { nearest_even = 0, to_zero = 1, down = 2, up = 3, nearest_away = 4 };

/// Accrued exceptions, as in fflags (table 11.2).
enum Flag : std::uint8_t { inexact = 1, underflow = 2, overflow = 4, divide_by_zero = 8, invalid = 16 };

/// The encoding of a binary32 or a binary64.
template <class T>
concept Bits = std::same_as<T, std::uint32_t> || std::same_as<T, std::uint64_t>;

template <Bits B>
struct Format {
    static_assert(std::numeric_limits<float>::is_iec559 && std::numeric_limits<double>::is_iec559);

    static constexpr int width = std::numeric_limits<B>::digits;
    static constexpr int fraction_bits = width == 32 ? 23 : 52;
    static constexpr int max_exponent = width == 32 ? 127 : 1023;
    static constexpr int min_exponent = 1 - max_exponent;

    static constexpr B sign_mask = B{1} << (width - 1);
    static constexpr B hidden_bit = B{1} << fraction_bits;
    static constexpr B fraction_mask = hidden_bit - 1;
    static constexpr B quiet_bit = hidden_bit >> 1;
    static constexpr B infinity = ~sign_mask & ~fraction_mask;
    static constexpr B largest = infinity - 1;
};

/// What every operation delivers for a NaN (11.3).
template <Bits B>
inline constexpr B canonical_nan = Format<B>::infinity | Format<B>::quiet_bit;

template <Bits B>
constexpr bool is_negative(B a) {
    return (a & Format<B>::sign_mask) != 0;
}
template <Bits B>
constexpr B magnitude(B a) {
    return a & ~Format<B>::sign_mask;
}
template <Bits B>
constexpr bool is_zero(B a) {
    return magnitude(a) == 0;
}
template <Bits B>
constexpr bool is_infinite(B a) {
    return magnitude(a) == Format<B>::infinity;
}
template <Bits B>
constexpr bool is_nan(B a) {
    return magnitude(a) > Format<B>::infinity;
}
template <Bits B>
constexpr bool is_signaling(B a) {
    return is_nan(a) && (a & Format<B>::quiet_bit) == 0;
}

template <Bits B>
constexpr B negate(B a) {
    return a ^ Format<B>::sign_mask;
}

// FSGNJ, FSGNJN, FSGNJX: no flags, NaNs keep their bits.
template <Bits B>
constexpr B copy_sign(B value, B sign) {
    return magnitude(value) | (sign & Format<B>::sign_mask);
}
template <Bits B>
constexpr B copy_sign_negated(B value, B sign) {
    return copy_sign(value, negate(sign));
}
template <Bits B>
constexpr B copy_sign_xored(B value, B sign) {
    return value ^ (sign & Format<B>::sign_mask);
}

/// A binary32 in a 64-bit register: NaN-boxed, upper bits all ones (12.2).
constexpr std::uint64_t box(std::uint32_t value) {
    return 0xffff'ffff'0000'0000 | value;
}

/// The binary32 in a 64-bit register; the canonical NaN where it is not boxed (12.2).
constexpr std::uint32_t unbox(std::uint64_t value) {
    return value >> 32 == 0xffff'ffff ? static_cast<std::uint32_t>(value) : canonical_nan<std::uint32_t>;
}

}  // namespace aqpim::fp
