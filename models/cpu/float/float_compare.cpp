#include "models/cpu/float/float_arithmetic.h"
#include "models/cpu/float/float_rounding.h"

namespace aqpim::fp {

namespace {

/// Whether `a` stands before `b` on the number line, where -0 stands before +0.
template <Bits B>
bool before(B a, B b) {
    if (is_negative(a) != is_negative(b)) {
        return is_negative(a);
    }
    return is_negative(a) ? b < a : a < b;
}

/// minimumNumber or maximumNumber: `a` when it is to be preferred to `b`.
template <Bits B>
B number_of(B a, B b, bool prefer_a, std::uint8_t& flags) {
    if (is_signaling(a) || is_signaling(b)) {
        flags |= invalid;
    }
    if (is_nan(a)) {
        return is_nan(b) ? canonical_nan<B> : b;
    }
    return is_nan(b) || prefer_a ? a : b;
}

template <Bits B>
bool unordered(B a, B b) {
    return is_nan(a) || is_nan(b);
}

}  // namespace

template <Bits B>
B minimum(B a, B b, std::uint8_t& flags) {
    return number_of(a, b, before(a, b), flags);
}

template <Bits B>
B maximum(B a, B b, std::uint8_t& flags) {
    return number_of(a, b, before(b, a), flags);
}

template <Bits B>
bool equal(B a, B b, std::uint8_t& flags) {
    if (is_signaling(a) || is_signaling(b)) {
        flags |= invalid;
    }
    return !unordered(a, b) && (a == b || (is_zero(a) && is_zero(b)));
}

template <Bits B>
bool less(B a, B b, std::uint8_t& flags) {
    if (unordered(a, b)) {
        flags |= invalid;
        return false;
    }
    return before(a, b) && !(is_zero(a) && is_zero(b));
}

template <Bits B>
bool less_or_equal(B a, B b, std::uint8_t& flags) {
    if (unordered(a, b)) {
        flags |= invalid;
        return false;
    }
    return !before(b, a) || (is_zero(a) && is_zero(b));
}

template <Bits B>
std::uint64_t classify(B a) {
    if (is_nan(a)) {
        return is_signaling(a) ? 1u << 8 : 1u << 9;
    }
    // From zero outwards: 4 to 7 for plus, 3 down to 0 for minus.
    const B size = magnitude(a);
    const unsigned place = is_infinite(a) ? 3 : size >= Format<B>::hidden_bit ? 2 : size != 0 ? 1 : 0;
    return 1u << (is_negative(a) ? 3 - place : 4 + place);
}

template std::uint32_t minimum(std::uint32_t, std::uint32_t, std::uint8_t&);
template std::uint64_t minimum(std::uint64_t, std::uint64_t, std::uint8_t&);
template std::uint32_t maximum(std::uint32_t, std::uint32_t, std::uint8_t&);
template std::uint64_t maximum(std::uint64_t, std::uint64_t, std::uint8_t&);
template bool equal(std::uint32_t, std::uint32_t, std::uint8_t&);
template bool equal(std::uint64_t, std::uint64_t, std::uint8_t&);
template bool less(std::uint32_t, std::uint32_t, std::uint8_t&);
template bool less(std::uint64_t, std::uint64_t, std::uint8_t&);
template bool less_or_equal(std::uint32_t, std::uint32_t, std::uint8_t&);
template bool less_or_equal(std::uint64_t, std::uint64_t, std::uint8_t&);
template std::uint64_t classify(std::uint32_t);
template std::uint64_t classify(std::uint64_t);

}  // namespace aqpim::fp
