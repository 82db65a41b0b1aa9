// Conversions at the limits of each type: Unprivileged ISA 20191213, 11.7 with table 11.4, and 12.5.

#include <bit>
#include <limits>

#include "tests/cpu/float/edges.h"

using namespace aqpim::fp;
using namespace aqpim::fp::test;

namespace {

template <class Int, Bits B>
Outcome<Int> integer(B a, Rounding rounding = even) {
    return ours([&](auto& flags) { return to_integer<Int>(a, rounding, flags); });
}

template <Bits B, class Int>
Outcome<B> number(Int value, Rounding rounding = even) {
    return ours([&](auto& flags) { return from_integer<B>(value, rounding, flags); });
}

template <Bits To, Bits From>
Outcome<To> converted(From a, Rounding rounding = even) {
    return ours([&](auto& flags) { return convert<To>(a, rounding, flags); });
}

template <class Int>
constexpr Int lowest = std::numeric_limits<Int>::min();
template <class Int>
constexpr Int highest = std::numeric_limits<Int>::max();

template <class Int, Bits B>
void check_saturation() {
    using V = Values<B>;
    constexpr int digits = std::numeric_limits<Int>::digits;
    for (const Rounding rounding : rounding_modes) {
        for (const B a : {V::normal(digits), V::normal(64), V::largest, V::infinity, V::quiet, V::quiet_with_payload,
                          V::signaling}) {
            CHECK(integer<Int>(a, rounding) == Outcome<Int>{highest<Int>, invalid});
        }
        for (const B a : {V::normal(digits + 1), V::normal(64), V::largest, V::infinity}) {
            CHECK(integer<Int>(negate(a), rounding) == Outcome<Int>{lowest<Int>, invalid});
        }
    }
}

constexpr std::uint64_t bits(double value) {
    return std::bit_cast<std::uint64_t>(value);
}
constexpr std::uint32_t bits(float value) {
    return std::bit_cast<std::uint32_t>(value);
}

}  // namespace

TEMPLATE_TEST_CASE("what no integer holds is invalid and saturates, a NaN as plus infinity", "", std::uint32_t,
                   std::uint64_t) {
    check_saturation<std::int32_t, TestType>();
    check_saturation<std::uint32_t, TestType>();
    check_saturation<std::int64_t, TestType>();
    check_saturation<std::uint64_t, TestType>();
}

TEST_CASE("the range of an integer type counts after rounding") {
    check_modes<std::int32_t>(
        {highest<std::int32_t>, 0x7ffffffe, 0x7ffffffe, highest<std::int32_t>, highest<std::int32_t>}, inexact,
        [](Rounding mode) { return integer<std::int32_t>(bits(2147483646.75), mode); });
    const auto above = bits(2147483647.5);
    CHECK(integer<std::int32_t>(above, Rounding::down) == Outcome<std::int32_t>{highest<std::int32_t>, inexact});
    CHECK(integer<std::int32_t>(above, Rounding::to_zero) == Outcome<std::int32_t>{highest<std::int32_t>, inexact});
    for (const auto mode : {Rounding::nearest_even, Rounding::up, Rounding::nearest_away}) {
        CHECK(integer<std::int32_t>(above, mode) == Outcome<std::int32_t>{highest<std::int32_t>, invalid});
    }
    const auto below = bits(-2147483648.5);
    for (const auto mode : {Rounding::nearest_even, Rounding::to_zero, Rounding::up}) {
        CHECK(integer<std::int32_t>(below, mode) == Outcome<std::int32_t>{lowest<std::int32_t>, inexact});
    }
    for (const auto mode : {Rounding::down, Rounding::nearest_away}) {
        CHECK(integer<std::int32_t>(below, mode) == Outcome<std::int32_t>{lowest<std::int32_t>, invalid});
    }
    CHECK(integer<std::int64_t>(bits(-0x1p63)) == exactly(lowest<std::int64_t>));
    CHECK(integer<std::uint64_t>(bits(0x1.fffffffffffffp63)) == exactly(std::uint64_t{0xffff'ffff'ffff'f800}));
    CHECK(integer<std::uint32_t>(bits(0x1.fffffep31F)) == exactly(std::uint32_t{0xffff'ff00}));
}

TEST_CASE("a negative number becomes unsigned only if it rounds to zero") {
    check_modes<std::uint32_t>({0, 0, 0, 0, 0}, 0,
                               [](Rounding mode) { return integer<std::uint32_t>(bits(-0.0F), mode); });
    const auto half = bits(-0.5F);
    for (const auto mode : {Rounding::nearest_even, Rounding::to_zero, Rounding::up}) {
        CHECK(integer<std::uint64_t>(half, mode) == Outcome<std::uint64_t>{0, inexact});
    }
    for (const auto mode : {Rounding::down, Rounding::nearest_away}) {
        CHECK(integer<std::uint64_t>(half, mode) == Outcome<std::uint64_t>{0, invalid});
    }
    CHECK(integer<std::uint32_t>(bits(-1.0)) == Outcome<std::uint32_t>{0, invalid});
}

TEMPLATE_TEST_CASE("fractions round to integers as the mode says", "", std::uint32_t, std::uint64_t) {
    using B = TestType;
    using V = Values<B>;
    const B two_and_half = V::normal(1, Format<B>::hidden_bit / 4);
    check_modes<std::int64_t>({2, 2, 2, 3, 3}, inexact,
                              [=](Rounding mode) { return integer<std::int64_t>(two_and_half, mode); });
    check_modes<std::int64_t>({-2, -2, -3, -2, -3}, inexact,
                              [=](Rounding mode) { return integer<std::int64_t>(negate(two_and_half), mode); });
    check_modes<std::int32_t>({0, 0, 0, 1, 0}, inexact,
                              [](Rounding mode) { return integer<std::int32_t>(V::smallest, mode); });
    check_modes<std::int32_t>({1, 0, 0, 1, 1}, inexact,
                              [](Rounding mode) { return integer<std::int32_t>(V::before_one, mode); });
    CHECK(integer<std::int32_t>(negate(V::three)) == exactly(std::int32_t{-3}));
}

TEST_CASE("integers that a format holds become numbers exactly, others are rounded") {
    CHECK(number<std::uint32_t>(std::int32_t{0}, Rounding::down) == exactly(bits(0.0F)));
    CHECK(number<std::uint32_t>(std::int32_t{-1}) == exactly(bits(-1.0F)));
    CHECK(number<std::uint64_t>(lowest<std::int32_t>) == exactly(bits(-0x1p31)));
    CHECK(number<std::uint64_t>(highest<std::uint32_t>) == exactly(bits(4294967295.0)));
    CHECK(number<std::uint32_t>(lowest<std::int64_t>) == exactly(bits(-0x1p63F)));
    const auto below = bits(0x1.fffffep23F);
    CHECK(number<std::uint32_t>(std::int32_t{0xffffff}) == exactly(below));
    check_modes<std::uint32_t>(
        {bits(0x1p24F), bits(0x1p24F), bits(0x1p24F), bits(0x1.000002p24F), bits(0x1.000002p24F)}, inexact,
        [](Rounding mode) { return number<std::uint32_t>(std::int32_t{0x1000001}, mode); });
    check_modes<std::uint64_t>(
        {bits(0x1p64), bits(0x1.fffffffffffffp63), bits(0x1.fffffffffffffp63), bits(0x1p64), bits(0x1p64)}, inexact,
        [](Rounding mode) { return number<std::uint64_t>(highest<std::uint64_t>, mode); });
    check_modes<std::uint64_t>(
        {bits(-0x1p63), bits(-0x1.fffffffffffffp62), bits(-0x1p63), bits(-0x1.fffffffffffffp62), bits(-0x1p63)},
        inexact, [](Rounding mode) { return number<std::uint64_t>(lowest<std::int64_t> + 1, mode); });
}

TEST_CASE("every binary32 widens exactly") {
    CHECK(converted<std::uint64_t>(bits(0x1p-149F)) == exactly(bits(0x1p-149)));
    CHECK(converted<std::uint64_t>(bits(-0x1.fffffcp-127F)) == exactly(bits(-0x1.fffffcp-127)));
    CHECK(converted<std::uint64_t>(bits(0x1.fffffep127F)) == exactly(bits(0x1.fffffep127)));
    CHECK(converted<std::uint64_t>(bits(-0.0F)) == exactly(bits(-0.0)));
    CHECK(converted<std::uint64_t>(Values<std::uint32_t>::minus_infinity) ==
          exactly(Values<std::uint64_t>::minus_infinity));
}

TEST_CASE("a binary64 narrows with rounding, overflow and underflow") {
    using V = Values<std::uint32_t>;
    check_modes<std::uint32_t>({V::one, V::one, V::one, V::after_one, V::after_one}, inexact,
                               [](Rounding mode) { return converted<std::uint32_t>(bits(0x1.000001p0), mode); });
    check_modes<std::uint32_t>({V::infinity, V::largest, V::largest, V::infinity, V::infinity}, overflow | inexact,
                               [](Rounding mode) { return converted<std::uint32_t>(bits(0x1p128), mode); });
    check_modes<std::uint32_t>({0, 0, 0, V::smallest, 0}, underflow | inexact,
                               [](Rounding mode) { return converted<std::uint32_t>(bits(0x1p-1074), mode); });
    check_modes<std::uint32_t>({0, 0, 0, V::smallest, V::smallest}, underflow | inexact,
                               [](Rounding mode) { return converted<std::uint32_t>(bits(0x1p-150), mode); });
    CHECK(converted<std::uint32_t>(bits(0x1.fffffefffffffp127)) == Outcome<std::uint32_t>{V::largest, inexact});
    CHECK(converted<std::uint32_t>(bits(0x1.ffffffp127)) == Outcome<std::uint32_t>{V::infinity, overflow | inexact});
    CHECK(converted<std::uint32_t>(bits(-0x1p-149)) == exactly(negate(V::smallest)));
    CHECK(converted<std::uint32_t>(bits(-0.0)) == exactly(V::minus_zero));
}

TEST_CASE("a NaN changes its format to the canonical NaN") {
    using Single = Values<std::uint32_t>;
    using Double = Values<std::uint64_t>;
    CHECK(converted<std::uint64_t>(Single::quiet_with_payload) == nan_without_flags<std::uint64_t>);
    CHECK(converted<std::uint64_t>(Single::signaling) == invalid_operation<std::uint64_t>);
    CHECK(converted<std::uint32_t>(Double::quiet_with_payload) == nan_without_flags<std::uint32_t>);
    CHECK(converted<std::uint32_t>(Double::signaling) == invalid_operation<std::uint32_t>);
}
