// Conversions and comparisons on a million random operands in each rounding mode against the host.

#include <limits>

#include "tests/cpu/float/host_fpu.h"

using namespace aqpim::fp;
using namespace aqpim::fp::test;

namespace {

/// Table 11.4 of the Unprivileged ISA on an integral value; the host's own conversions differ out of range.
template <class Int, class N>
Int clamped(N integral, bool& fits) {
    const N above = std::ldexp(N{1}, std::numeric_limits<Int>::digits);
    const N lowest = std::numeric_limits<Int>::is_signed ? -above : N{0};
    fits = integral >= lowest && integral < above;
    if (fits) {
        return static_cast<Int>(integral);
    }
    return integral < lowest ? std::numeric_limits<Int>::min() : std::numeric_limits<Int>::max();
}

template <class Int, class N>
Outcome<Int> expected_integer(N number, Rounding rounding) {
    const bool away = rounding == Rounding::nearest_away;
    const auto integral =
        on_host(rounding, [&] { return away ? std::round(opaque(number)) : std::rint(opaque(number)); });
    bool fits = false;
    const Int value = clamped<Int>(integral.value, fits);
    const unsigned rounded = integral.value != number ? inexact : 0;
    return {value, fits ? rounded : unsigned{invalid}};
}

template <class Int, Bits B>
void compare_to_integer() {
    RandomOperands random(sizeof(B));
    for (int i = 0; i < cases; ++i) {
        const B a = random_number<B>(random);
        for (const Rounding rounding : rounding_modes) {
            compare(expected_integer<Int>(host::number(a), rounding),
                    ours([&](std::uint8_t& flags) { return to_integer<Int>(a, rounding, flags); }), rounding, a);
        }
    }
}

/// The host's number of `a`; ties away from zero where a Quad shows the exact value to be half-way.
template <Bits B, class From>
Outcome<B> expected_number(From a, Rounding rounding) {
    const auto reference = [&] { return static_cast<Number<B>>(opaque(a)); };
    const auto nearest = encoded<B>(on_host(rounding, reference));
    if (rounding != Rounding::nearest_away) {
        return nearest;
    }
    const auto down = on_host(Rounding::down, reference).value;
    const auto up = on_host(Rounding::up, reference).value;
    const bool between = std::isfinite(down) && std::isfinite(up) && down != up;
    if (!between || (Quad{down} + Quad{up}) / 2 != static_cast<Quad>(a)) {
        return nearest;
    }
    return {std::bit_cast<B>(std::abs(down) > std::abs(up) ? down : up), nearest.flags};
}

template <Bits B, class Int>
void compare_from_integer() {
    RandomOperands random(sizeof(Int));
    for (int i = 0; i < cases; ++i) {
        const auto a = static_cast<Int>(random.integer());
        for (const Rounding rounding : rounding_modes) {
            compare(expected_number<B>(a, rounding),
                    ours([&](std::uint8_t& flags) { return from_integer<B>(a, rounding, flags); }), rounding, a);
        }
    }
}

template <Bits To, Bits From>
void compare_formats() {
    RandomOperands random(sizeof(From));
    for (int i = 0; i < cases; ++i) {
        const From a = random_number<From>(random);
        for (const Rounding rounding : rounding_modes) {
            compare(expected_number<To>(host::number(a), rounding),
                    ours([&](std::uint8_t& flags) { return convert<To>(a, rounding, flags); }), rounding, a);
        }
    }
}

/// minimumNumber of IEEE 754-2019 by the host's comparisons.
template <Bits B>
B expected_minimum(B a, B b) {
    const auto x = host::number(a);
    const auto y = host::number(b);
    if (std::isnan(x)) {
        return std::isnan(y) ? canonical_nan<B> : b;
    }
    if (x == y) {
        return std::signbit(x) ? a : b;
    }
    return std::isnan(y) || std::isless(x, y) ? a : b;
}

template <Bits B>
unsigned signaling_flag(B a, B b) {
    return is_signaling(a) || is_signaling(b) ? invalid : 0;
}

}  // namespace

TEMPLATE_TEST_CASE("numbers become the integers that the host rounds them to", "", std::uint32_t, std::uint64_t) {
    compare_to_integer<std::int32_t, TestType>();
    compare_to_integer<std::uint32_t, TestType>();
    compare_to_integer<std::int64_t, TestType>();
    compare_to_integer<std::uint64_t, TestType>();
}

TEMPLATE_TEST_CASE("integers become the host's numbers", "", std::uint32_t, std::uint64_t) {
    compare_from_integer<TestType, std::int32_t>();
    compare_from_integer<TestType, std::uint32_t>();
    compare_from_integer<TestType, std::int64_t>();
    compare_from_integer<TestType, std::uint64_t>();
}

TEST_CASE("numbers change their format as on the host") {
    compare_formats<std::uint32_t, std::uint64_t>();
    compare_formats<std::uint64_t, std::uint32_t>();
}

TEMPLATE_TEST_CASE("comparisons are the host's", "", std::uint32_t, std::uint64_t) {
    using B = TestType;
    RandomOperands random(sizeof(B));
    const auto mode = Rounding::nearest_even;
    for (int i = 0; i < cases; ++i) {
        const B a = random_number<B>(random);
        const B b = i % 8 == 0 ? a : i % 8 == 1 ? negate(a) : random_number<B>(random);
        const auto x = host::number(a);
        const auto y = host::number(b);
        compare(on_host(mode, [&] { return opaque(x) == opaque(y); }),
                ours([&](std::uint8_t& flags) { return equal(a, b, flags); }), mode, a, b);
        compare(on_host(mode, [&] { return opaque(x) < opaque(y); }),
                ours([&](std::uint8_t& flags) { return less(a, b, flags); }), mode, a, b);
        compare(on_host(mode, [&] { return opaque(x) <= opaque(y); }),
                ours([&](std::uint8_t& flags) { return less_or_equal(a, b, flags); }), mode, a, b);
    }
}

TEMPLATE_TEST_CASE("minimum and maximum follow the host's comparisons", "", std::uint32_t, std::uint64_t) {
    using B = TestType;
    RandomOperands random(sizeof(B));
    for (int i = 0; i < cases; ++i) {
        const B a = random_number<B>(random);
        const B b = i % 8 == 0 ? negate(a) : random_number<B>(random);
        const B least = expected_minimum(a, b);
        // The other one of two numbers.
        const B most = is_nan(a) || is_nan(b) ? least : least == a ? b : a;
        const auto mode = Rounding::nearest_even;
        compare<B>({least, signaling_flag(a, b)}, ours([&](std::uint8_t& flags) { return minimum(a, b, flags); }), mode,
                   a, b);
        compare<B>({most, signaling_flag(a, b)}, ours([&](std::uint8_t& flags) { return maximum(a, b, flags); }), mode,
                   a, b);
    }
}

TEMPLATE_TEST_CASE("classes are the host's", "", std::uint32_t, std::uint64_t) {
    using B = TestType;
    RandomOperands random(sizeof(B));
    for (int i = 0; i < cases; ++i) {
        const B a = random_number<B>(random);
        const auto x = host::number(a);
        const bool minus = std::signbit(x);
        std::uint64_t expected = 0;
        switch (std::fpclassify(x)) {
            case FP_INFINITE:
                expected = minus ? 1 << 0 : 1 << 7;
                break;
            case FP_NORMAL:
                expected = minus ? 1 << 1 : 1 << 6;
                break;
            case FP_SUBNORMAL:
                expected = minus ? 1 << 2 : 1 << 5;
                break;
            case FP_ZERO:
                expected = minus ? 1 << 3 : 1 << 4;
                break;
            default:
                expected = is_signaling(a) ? 1 << 8 : 1 << 9;
                break;
        }
        if (classify(a) != expected) {
            FAIL(fmt::format("{:#x}: expected {:#x}, found {:#x}", a, expected, classify(a)));
        }
    }
}
