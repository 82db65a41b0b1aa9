#pragma once

#include <catch2/catch.hpp>

#include <array>

#include "tests/cpu/float/outcome.h"
#include "tests/cpu/float/values.h"

/// Short names for what tests of edges say often.
namespace aqpim::fp::test {

template <class Value>
constexpr Outcome<Value> exactly(Value value) {
    return {value, 0};
}
template <Bits B>
inline constexpr Outcome<B> invalid_operation = {canonical_nan<B>, invalid};
template <Bits B>
inline constexpr Outcome<B> nan_without_flags = {canonical_nan<B>, 0};

inline constexpr auto even = Rounding::nearest_even;

template <Bits B>
Outcome<B> sum(B a, B b, Rounding rounding = even) {
    return ours([&](auto& flags) { return add(a, b, rounding, flags); });
}
template <Bits B>
Outcome<B> difference(B a, B b, Rounding rounding = even) {
    return ours([&](auto& flags) { return subtract(a, b, rounding, flags); });
}
template <Bits B>
Outcome<B> product(B a, B b, Rounding rounding = even) {
    return ours([&](auto& flags) { return multiply(a, b, rounding, flags); });
}
template <Bits B>
Outcome<B> quotient(B a, B b, Rounding rounding = even) {
    return ours([&](auto& flags) { return divide(a, b, rounding, flags); });
}
template <Bits B>
Outcome<B> root(B a, Rounding rounding = even) {
    return ours([&](auto& flags) { return square_root(a, rounding, flags); });
}
template <Bits B>
Outcome<B> fused(B a, B b, B c, Rounding rounding = even) {
    return ours([&](auto& flags) { return fused_multiply_add(a, b, c, rounding, flags); });
}

/// A result in the order of frm: nearest_even, to_zero, down, up, nearest_away.
template <class Value>
using PerMode = std::array<Value, 5>;

template <class Value>
void check_modes(const PerMode<Value>& expected, unsigned flags, const auto& operation) {
    for (const Rounding rounding : rounding_modes) {
        const auto mode = static_cast<std::size_t>(rounding);
        INFO("rounding mode " << mode);
        CHECK(operation(rounding) == Outcome<Value>{expected[mode], flags});
    }
}

}  // namespace aqpim::fp::test
