#include "models/cpu/float/float_exact.h"
#include "models/cpu/float/float_rounding.h"

namespace aqpim::fp::exact {

namespace {

Result widened(const Operand& a) {
    return {a.negative, a.exponent, Wide{a.significand} << operand_point};
}

Result product(const Operand& a, const Operand& b) {
    return {a.negative != b.negative, a.exponent + b.exponent, Wide{a.significand} * b.significand};
}

/// Both have their leading one in bit result_point or the one above, or are zero. An exact zero is -0 when rounding
/// down and both signs are not plus (IEEE 754-2008, 6.3).
///
/// Bits are lost only when the exponents are far apart; then the sum keeps its leading bits. Were they close, the
/// zeros below the significands would take up the shift.
Result sum(const Result& a, const Result& b, Rounding rounding) {
    if (b.significand == 0 && a.significand != 0) {
        return a;
    }
    if (a.significand == 0 && b.significand != 0) {
        return b;
    }
    if (a.exponent < b.exponent) {
        return sum(b, a, rounding);
    }
    const Wide lower = shift_right_sticky(b.significand, a.exponent - b.exponent);
    if (a.negative == b.negative) {
        return {a.negative, a.exponent, a.significand + lower};
    }
    if (a.significand == lower) {
        return {rounding == Rounding::down, 0, 0};
    }
    return a.significand > lower ? Result{a.negative, a.exponent, a.significand - lower}
                                 : Result{b.negative, a.exponent, lower - a.significand};
}

}  // namespace

template <Bits B>
B add(B a, B b, Rounding rounding, std::uint8_t& flags) {
    if (is_nan(a) || is_nan(b)) {
        return nan_result(flags, a, b);
    }
    if (is_infinite(a)) {
        return b == negate(a) ? invalid_result<B>(flags) : a;
    }
    if (is_infinite(b)) {
        return b;
    }
    return round<B>(sum(widened(unpack(a)), widened(unpack(b)), rounding), rounding, flags);
}

template <Bits B>
B multiply(B a, B b, Rounding rounding, std::uint8_t& flags) {
    if (is_nan(a) || is_nan(b)) {
        return nan_result(flags, a, b);
    }
    if (is_infinite(a) || is_infinite(b)) {
        return is_zero(a) || is_zero(b) ? invalid_result<B>(flags) : copy_sign(Format<B>::infinity, a ^ b);
    }
    return round<B>(product(unpack(a), unpack(b)), rounding, flags);
}

template <Bits B>
B fused_multiply_add(B a, B b, B c, Rounding rounding, std::uint8_t& flags) {
    if ((is_infinite(a) && is_zero(b)) || (is_zero(a) && is_infinite(b))) {
        return invalid_result<B>(flags);
    }
    if (is_nan(a) || is_nan(b) || is_nan(c)) {
        return nan_result(flags, a, b, c);
    }
    if (is_infinite(a) || is_infinite(b)) {
        const B infinite_product = copy_sign(Format<B>::infinity, a ^ b);
        return c == negate(infinite_product) ? invalid_result<B>(flags) : infinite_product;
    }
    if (is_infinite(c)) {
        return c;
    }
    return round<B>(sum(product(unpack(a), unpack(b)), widened(unpack(c)), rounding), rounding, flags);
}

template std::uint32_t add(std::uint32_t, std::uint32_t, Rounding, std::uint8_t&);
template std::uint64_t add(std::uint64_t, std::uint64_t, Rounding, std::uint8_t&);
template std::uint32_t multiply(std::uint32_t, std::uint32_t, Rounding, std::uint8_t&);
template std::uint64_t multiply(std::uint64_t, std::uint64_t, Rounding, std::uint8_t&);
template std::uint32_t fused_multiply_add(std::uint32_t, std::uint32_t, std::uint32_t, Rounding, std::uint8_t&);
template std::uint64_t fused_multiply_add(std::uint64_t, std::uint64_t, std::uint64_t, Rounding, std::uint8_t&);

}  // namespace aqpim::fp::exact
