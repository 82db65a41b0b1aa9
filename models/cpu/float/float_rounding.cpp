#include "models/cpu/float/float_rounding.h"

#include <bit>

namespace aqpim::fp::exact {

namespace {

/// `significand` without its low `bits`.
struct Rounded {
    std::uint64_t significand;
    bool inexact;
};

Rounded round_off(std::uint64_t significand, int bits, bool negative, Rounding rounding) {
    const std::uint64_t remainder = significand & ((std::uint64_t{1} << bits) - 1);
    const std::uint64_t lower = significand >> bits;
    const bool up = rounds_up(remainder, std::uint64_t{1} << (bits - 1), lower % 2 != 0, negative, rounding);
    return {lower + up, remainder != 0};
}

/// IEEE 754-2008, 7.4.
template <Bits B>
B overflowed(bool negative, Rounding rounding, std::uint8_t& flags) {
    flags |= overflow | inexact;
    const bool to_largest = rounding == Rounding::to_zero || rounding == (negative ? Rounding::up : Rounding::down);
    return signed_value<B>(negative, to_largest ? Format<B>::largest : Format<B>::infinity);
}

int leading_zeros(Wide value) {
    const auto upper = static_cast<std::uint64_t>(value >> 64);
    return upper != 0 ? std::countl_zero(upper) : 64 + std::countl_zero(static_cast<std::uint64_t>(value));
}

}  // namespace

template <Bits B>
Operand unpack(B a) {
    using F = Format<B>;
    if (is_zero(a)) {
        return {is_negative(a), 0, 0};
    }
    const auto field = static_cast<int>(magnitude(a) >> F::fraction_bits);
    const std::uint64_t fraction = a & F::fraction_mask;
    const std::uint64_t significand = field == 0 ? fraction : fraction | F::hidden_bit;
    const int exponent = F::min_exponent + (field == 0 ? 0 : field - 1);
    const int shift = std::countl_zero(significand) - (63 - operand_point);
    return {is_negative(a), exponent - (shift - (operand_point - F::fraction_bits)), significand << shift};
}

template <Bits B>
B round(const Result& result, Rounding rounding, std::uint8_t& flags) {
    using F = Format<B>;
    constexpr int excess = 64 - (F::fraction_bits + 1);
    if (result.significand == 0) {
        return signed_value<B>(result.negative, 0);
    }
    const int shift = leading_zeros(result.significand);
    int exponent = result.exponent + (127 - result_point) - shift;
    auto significand = static_cast<std::uint64_t>(shift_right_sticky(result.significand << shift, 64));

    bool tiny = false;
    if (exponent < F::min_exponent) {
        // After rounding as if exponents had no limit, only a carry makes it 2^min_exponent.
        const auto unlimited = round_off(significand, excess, result.negative, rounding);
        const bool carried = unlimited.significand >> (F::fraction_bits + 1) != 0;
        tiny = exponent < F::min_exponent - 1 || !carried;
        significand = shift_right_sticky(significand, F::min_exponent - exponent);
        exponent = F::min_exponent;
    }
    const auto rounded = round_off(significand, excess, result.negative, rounding);
    // The hidden bit, where there is one, adds one to the exponent's field; so does a carry.
    const std::uint64_t magnitude =
        (static_cast<std::uint64_t>(exponent - F::min_exponent) << F::fraction_bits) + rounded.significand;
    if (magnitude >= F::infinity) {
        return overflowed<B>(result.negative, rounding, flags);
    }
    if (rounded.inexact) {
        flags |= tiny ? inexact | underflow : inexact;
    }
    return signed_value(result.negative, static_cast<B>(magnitude));
}

template Operand unpack(std::uint32_t);
template Operand unpack(std::uint64_t);
template std::uint32_t round(const Result&, Rounding, std::uint8_t&);
template std::uint64_t round(const Result&, Rounding, std::uint8_t&);

}  // namespace aqpim::fp::exact
