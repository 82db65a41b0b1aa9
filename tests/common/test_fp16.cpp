#include <catch2/catch.hpp>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "models/common/fp16.h"

using namespace aqpim;

namespace {

/// Value of a binary16 by the definition of IEEE 754-2019, 3.4.
double by_definition(Half bits) {
    const int sign = (bits & 0x8000) != 0 ? -1 : 1;
    const int exponent = bits >> 10 & 0x1f;
    const int fraction = bits & 0x3ff;
    if (exponent == 31) {
        return fraction == 0 ? sign * std::numeric_limits<double>::infinity() : std::nan("");
    }
    return exponent == 0 ? sign * std::ldexp(fraction, -24) : sign * std::ldexp(1024 + fraction, exponent - 25);
}

}  // namespace

TEST_CASE("every binary16 widens to its value and comes back") {
    for (std::uint32_t bits = 0; bits <= 0xffff; ++bits) {
        const auto half = static_cast<Half>(bits);
        const double expected = by_definition(half);
        if (std::isnan(expected)) {
            CHECK(std::isnan(to_float(half)));
            CHECK(std::isnan(to_float(to_half(to_float(half)))));
            continue;
        }
        if (to_float(half) != expected || to_half(to_float(half)) != half) {
            FAIL("bits " << bits);
        }
    }
}

TEST_CASE("narrowing takes the nearest binary16, ties to even") {
    for (std::uint32_t bits = 0; bits < 0x7bff; ++bits) {
        const auto low = static_cast<Half>(bits);
        const auto high = static_cast<Half>(bits + 1);
        const auto middle = static_cast<float>((by_definition(low) + by_definition(high)) / 2);
        const Half even = bits % 2 == 0 ? low : high;
        const bool right = to_half(middle) == even && to_half(std::nextafter(middle, 0.0F)) == low &&
                           to_half(std::nextafter(middle, 1e9F)) == high && to_half(-middle) == (even | 0x8000);
        if (!right) {
            FAIL("between " << bits << " and " << bits + 1);
        }
    }
}

TEST_CASE("what binary16 cannot hold becomes infinity or zero") {
    CHECK(to_half(65519.9F) == 0x7bff);
    CHECK(to_half(65520.0F) == 0x7c00);
    CHECK(to_half(-1e30F) == 0xfc00);
    CHECK(to_half(std::numeric_limits<float>::infinity()) == 0x7c00);
    CHECK(to_half(std::ldexp(1.0F, -25)) == 0);
    CHECK(to_half(std::ldexp(1.5F, -25)) == 1);
    CHECK(to_half(-0.0F) == 0x8000);
    CHECK(std::isnan(to_float(to_half(std::nanf("")))));
}
