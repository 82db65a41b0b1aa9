#include "models/cpu/float/float_exact.h"
#include "models/cpu/float/float_rounding.h"

namespace aqpim::fp::exact {

namespace {

/// `b` is not zero.
Result quotient(const Operand& a, const Operand& b) {
    const Wide dividend = Wide{a.significand} << operand_point;
    const Wide whole = dividend / b.significand;
    const bool sticky = whole * b.significand != dividend;
    return {a.negative != b.negative, a.exponent - b.exponent, whole << operand_point | sticky};
}

/// Bit by bit, as on paper, to two bits more than `precision`. `a` is not negative.
Result root(const Operand& a, int precision) {
    const int odd = a.exponent & 1;
    Wide remainder = Wide{a.significand} << (operand_point + odd);
    Wide found = 0;
    for (int place = operand_point; place >= operand_point - precision - 1; --place) {
        const Wide bit = Wide{1} << place;
        const Wide step = (2 * found + bit) << place;  // (found + bit)^2 - found^2
        if (step <= remainder) {
            remainder -= step;
            found += bit;
        }
    }
    const bool sticky = remainder != 0;
    return {false, (a.exponent - odd) / 2, found << operand_point | sticky};
}

}  // namespace

template <Bits B>
B divide(B a, B b, Rounding rounding, std::uint8_t& flags) {
    if (is_nan(a) || is_nan(b)) {
        return nan_result(flags, a, b);
    }
    if ((is_infinite(a) && is_infinite(b)) || (is_zero(a) && is_zero(b))) {
        return invalid_result<B>(flags);
    }
    if (is_infinite(b)) {
        return copy_sign(B{0}, a ^ b);
    }
    if (is_zero(b) && !is_infinite(a)) {
        flags |= divide_by_zero;
    }
    if (is_zero(b) || is_infinite(a)) {
        return copy_sign(Format<B>::infinity, a ^ b);
    }
    return round<B>(quotient(unpack(a), unpack(b)), rounding, flags);
}

template <Bits B>
B square_root(B a, Rounding rounding, std::uint8_t& flags) {
    if (is_nan(a)) {
        return nan_result(flags, a);
    }
    if (is_zero(a)) {
        return a;
    }
    if (is_negative(a)) {
        return invalid_result<B>(flags);
    }
    if (is_infinite(a)) {
        return a;
    }
    return round<B>(root(unpack(a), Format<B>::fraction_bits + 1), rounding, flags);
}

template std::uint32_t divide(std::uint32_t, std::uint32_t, Rounding, std::uint8_t&);
template std::uint64_t divide(std::uint64_t, std::uint64_t, Rounding, std::uint8_t&);
template std::uint32_t square_root(std::uint32_t, Rounding, std::uint8_t&);
template std::uint64_t square_root(std::uint64_t, Rounding, std::uint8_t&);

}  // namespace aqpim::fp::exact
